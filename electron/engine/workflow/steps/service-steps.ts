/** Steps that stop and start the product. While code and data differ in version nothing here starts anything: the order of the steps sees to that. */
import { Failure } from '../../../api/failure.ts';
import type { InstallRecord } from '../../install/record.ts';
import type { Step, StepTools } from '../../operation/step.ts';
import { ticks } from '../../platform/clock.ts';
import { seconds } from '../../product/schema.ts';
import { awaitHealthy, type HealthReport } from '../../service/health.ts';
import { serviceDriver } from '../../service/driver.ts';
import { compareLedger } from '../../ledger/compare.ts';
import { tellingLine } from '../../service/telling-line.ts';
import { readSchema, type SchemaFacts } from '../facts.ts';
import { openAt, serviceTarget, type OpenedInstall, type OpenOptions } from '../kit.ts';
import { learnFrom } from '../learned.ts';
import { restStores, startStores, stopStores, storesAtRest } from '../datastores.ts';
import type { Scene } from '../program.ts';

/** Stops the product; undone by starting it again as it was before, and by looking at its health. */
export function stopStep(scene: Scene, before: InstallRecord, options: OpenOptions = {}): Step {
  return {
    id: 'stop',
    title: 'Stop the product',
    weight: 4,
    touches: true,
    run: async (tools) => {
      const opened = await openAt(scene.descriptor, scene.home, before, options);
      if (opened.slot === null) return;
      const running = await serviceDriver(opened.descriptor.service.driver).find(serviceTarget(opened));
      await tools.remember({ wasRunning: running !== null });
      if (running === null) {
        await tools.remember({ storesAtRest: await storesAtRest(opened) });
        await stopStores(opened, tools);
        return;
      }
      scene.found.downFrom = ticks();
      await stopService(opened, tools);
    },
    undo: async (tools) => {
      const resting = (tools.memory['storesAtRest'] ?? []) as string[];
      const wasRunning = tools.memory['wasRunning'] === true;
      if (!wasRunning && resting.length === 0) return;
      const opened = await openAt(scene.descriptor, scene.home, before, options);
      if (!wasRunning) return restStores(opened, resting);
      await startService(opened, tools).catch(async (error: unknown) => {
        // What is not well is not left running: "stopped, and everything kept" has to be true.
        await stopService(opened, tools).catch(() => undefined);
        throw error;
      });
      endDowntime(scene);
    },
  };
}

/**
 * Starts a release, which migrates its data, and waits until it is healthy and tells the build that is expected. Undone by stopping it.
 * `passing`: a release on the way, whose time counts as downtime.
 */
export function startStep(
  scene: Scene,
  id: string,
  title: string,
  record: () => Promise<InstallRecord>,
  options: { when?: (tools: StepTools) => boolean; passing?: boolean } = {},
): Step {
  return {
    id,
    title,
    weight: 20,
    touches: true,
    run: async (tools) => {
      if (options.when && !options.when(tools)) return;
      const next = await record();
      const seen = { before: undefined as string | null | undefined };
      await startService(await openAt(scene.descriptor, scene.home, next), tools, (before) => (seen.before = before));
      if (options.passing !== true) endDowntime(scene);
      if (seen.before !== undefined) await learnFromStart(scene, next, seen.before);
    },
    undo: async (tools) => stopService(await openToStop(scene, await record()), tools),
  };
}

/** At the end, when the product was not running before: it is stopped, and its database too where that rested. */
export function settleStep(scene: Scene, record: () => Promise<InstallRecord>): Step {
  return {
    id: 'settle',
    title: 'Leave it as it was found',
    weight: 2,
    touches: true,
    run: async (tools) => {
      if (tools.memory['wasRunning'] === true) return;
      const opened = await openToStop(scene, await record());
      await stopService(opened, tools);
      await restStores(opened, (tools.memory['storesAtRest'] ?? []) as string[]);
    },
  };
}

/** Stops the product between two releases of a path. */
export function haltStep(scene: Scene, id: string, title: string, record: () => Promise<InstallRecord>): Step {
  return {
    id,
    title,
    weight: 2,
    touches: true,
    run: async (tools) => stopService(await openToStop(scene, await record()), tools),
  };
}

/** What runs is stopped whatever became of the configuration: a release that spoiled it must be stopped too. */
function openToStop(scene: Scene, record: InstallRecord): Promise<OpenedInstall> {
  return openAt(scene.descriptor, scene.home, record, { brokenConfig: true });
}

/**
 * A release that went up in the ledger and is healthy has shown which migration is its newest, and where nothing else tells, that is kept. One
 * that changed nothing teaches nothing here. What cannot be read is no reason to fail: it runs.
 */
async function learnFromStart(scene: Scene, record: InstallRecord, before: string | null): Promise<void> {
  // Opened anew: its datastore may have been made only now.
  const opened = await openAt(scene.descriptor, scene.home, record).catch(() => null);
  if (opened === null || record.release === null) return;
  const { version: after, known, reading, error } = await readSchema(opened);
  if (known !== null || error !== null || reading === null || reading.dirty !== null) return;
  learnFrom(scene.kit.registry, scene.descriptor, { release: record.release, before, after, newestBefore: null });
}

/**
 * Starts the service and waits for health that is bound to the build of the record's release. `onSchema` hears which version the datastore was at
 * before that, null for none; it is not called where that cannot be read, or where the release tells its newest migration itself.
 */
export async function startService(
  opened: OpenedInstall,
  tools: Pick<StepTools, 'signal' | 'progress' | 'note'>,
  onSchema: (before: string | null) => void = () => undefined,
): Promise<HealthReport> {
  const driver = serviceDriver(opened.descriptor.service.driver);
  const target = serviceTarget(opened);
  tools.progress({ fraction: 0.05, detail: `starting ${opened.descriptor.title} ${opened.record.release ?? ''}` });
  await startStores(opened, tools);
  const schema = await readSchema(opened);
  refuseNewerData(opened, schema);
  if (schema.error === null && schema.known === null) onSchema(schema.version);
  await driver.start(target, { signal: tools.signal });
  try {
    return await awaitHealthy({
      spec: opened.descriptor.health,
      fill: opened.fill,
      env: target.env,
      expectRelease: opened.record.release,
      isAlive: async () => (await driver.find(target)) !== null,
      signal: tools.signal,
      onProgress: (detail, fraction) => tools.progress({ detail, ...(fraction !== undefined && { fraction: 0.1 + 0.9 * fraction }) }),
    });
  } catch (error) {
    throw await withLastWords(error, opened);
  }
}

/** The last wall of "old code never meets newer data": whatever led here, a product that would not notice by itself is not started on it. */
function refuseNewerData(opened: OpenedInstall, { reading, migrations, version, known }: SchemaFacts): void {
  if (reading === null || migrations === null || compareLedger(reading, migrations)?.ahead !== true) return;
  const release = opened.record.release ?? 'of this install';
  throw new Failure(
    'schema-ahead',
    `datastore is at schema version ${version} but release ${release} only knows up to ${known ?? 'unknown'}; it was not started on newer data.`,
    {
      remedy: {
        action: 'upgrade-binary',
        text: `Use a release that knows ${version}, or restore a backup that ${release} made.`,
        command: 'moult backups',
      },
      details: { schema: version, known, release: opened.record.release },
    },
  );
}

/** Ends the service and everything it started. */
export async function stopService(opened: OpenedInstall, tools: Pick<StepTools, 'note' | 'progress'>): Promise<void> {
  if (opened.slot === null) return;
  tools.progress({ detail: `stopping ${opened.descriptor.title}, at most ${seconds(opened.descriptor.service.stop.grace)} s` });
  await serviceDriver(opened.descriptor.service.driver).stop(serviceTarget(opened), { onNote: (text) => tools.note(text, 'warning') });
  await stopStores(opened, tools);
}

/** Adds the time since the product was stopped to the downtime. While it settles it answers already, so that does not count. */
export function endDowntime(scene: Scene): void {
  if (scene.found.downFrom === null) return;
  const elapsed = (ticks() - scene.found.downFrom) / 1000;
  scene.found.downtimeSeconds += Math.max(0, elapsed - seconds(scene.descriptor.health.settle));
  scene.found.downFrom = null;
}

async function withLastWords(error: unknown, opened: OpenedInstall): Promise<unknown> {
  if (!(error instanceof Failure) || error.code === 'cancelled') return error;
  const words = await serviceDriver(opened.descriptor.service.driver)
    .lastWords(serviceTarget(opened))
    .catch(() => null);
  if (words === null || error.details?.['reason'] !== 'died') return error;
  const said = tellingLine(words.log);
  const printed = said === undefined ? '' : `; it said: ${said}`;
  return new Failure(error.code, `${error.message} (${words.ending})${printed}`, {
    ...(error.remedy && { remedy: error.remedy }),
    details: { ...error.details, log: words.log },
    cause: error,
  });
}
