/** Steps of a rehearsal: what the copy is like before, the releases on it one after another, and what became of its rows. */
import { Failure, toFailureData, type FailureCode } from '../../../api/failure.ts';
import type { RehearsalReport } from '../../../api/protection.ts';
import { readManifest } from '../../backup/read-backup.ts';
import { datastoreDriver } from '../../datastore/driver.ts';
import type { InstallRecord } from '../../install/record.ts';
import { compareVersions } from '../../ledger/compare.ts';
import type { Step, StepTools } from '../../operation/step.ts';
import { now, ticks } from '../../platform/clock.ts';
import { seconds } from '../../product/schema.ts';
import { serviceDriver } from '../../service/driver.ts';
import { readSchema } from '../facts.ts';
import { datastoreItems, openAt, serviceTarget, type OpenedInstall } from '../kit.ts';
import { learnFrom } from '../learned.ts';
import { sentence } from '../operation-end.ts';
import type { RehearsalData } from '../rehearse.ts';
import type { Scene } from '../program.ts';
import { carrySteps } from './carry-step.ts';
import { placeCopies } from './drill-apart-step.ts';
import { openCopy } from './drill-steps.ts';
import { recordAt } from './release-steps.ts';
import { startService, stopService } from './service-steps.ts';
import { configureAgainSteps } from './set-up-steps.ts';

/** Rows by item and table. */
type Rows = Record<string, Record<string, number>>;

const apart = { apart: true } as const;

/** Failures that a release is to blame for, and not the machine, the network or the person. */
const blamesRelease = new Set<FailureCode>([
  'health-failed',
  'service-failed',
  'timeout',
  'command-failed',
  'bad-config',
  'schema-ahead',
  'schema-dirty',
]);

/** Notes the schema and the rows of the copy before any release of the path was started on it. */
export function measureStep(scene: Scene, data: RehearsalData): Step {
  return {
    id: 'measure',
    title: 'Read the schema and count the rows of the copy',
    weight: 3,
    run: async (tools) => {
      const opened = await openCopy(scene, data);
      const { version } = await readSchema(opened);
      const { rows } = await readManifest(data.backupPath, tools.signal);
      // What the manifest tells was just seen to be so.
      await tools.remember({ rowsBefore: rows ?? (await rowsOf(opened, tools.signal)) });
      // That the backup is whole is no result of its own here.
      scene.found.verification = null;
      scene.found.rehearsal = {
        backup: data.backupId,
        path: data.backupPath,
        from: data.from,
        release: data.hops.at(-1)?.version ?? data.from,
        hops: [],
        schema: { before: version, after: version },
        seconds: 0,
        rows: null,
        notes: [],
      };
    },
  };
}

/** Every release of the path: put in place, set up again and brought over where its upgrade would do so, started, looked at, stopped. */
export function hopSteps(scene: Scene, data: RehearsalData): Step[] {
  let previous = data.record;
  return data.hops.flatMap(({ version }) => {
    const before = previous;
    const next = recordAt(scene, data.record, version);
    previous = next;
    const named = data.hops.length === 1 ? '' : `@${version}`;
    const further = [
      ...configureAgainSteps(scene, next, `configure${named}`, apart),
      ...carrySteps(scene, before, next, `carry${named}`, apart),
    ];
    return [
      placeStep(scene, before, version, `place${named}`),
      ...further.map((step) => blaming(scene, data, next, step)),
      blaming(scene, data, next, startOnCopyStep(scene, data, next, `rehearse${named}`)),
    ];
  });
}

/** Counts the rows once more, and tells which tables have fewer. */
export function countStep(scene: Scene, data: RehearsalData): Step {
  return {
    id: 'count',
    title: 'Count the rows once more',
    weight: 3,
    run: async (tools) => {
      const report = scene.found.rehearsal;
      const before = (tools.memory['rowsBefore'] ?? {}) as Rows;
      if (report === null || Object.keys(before).length === 0) return;
      const last = recordAt(scene, data.record, report.release);
      report.rows = fewerRows(before, await rowsOf(await openAt(scene.descriptor, scene.home, last, apart), tools.signal));
    },
  };
}

/** What has fewer rows than before, or none because it is gone. A table that was renamed is told as gone: nobody knows its other name. */
export function fewerRows(before: Rows, after: Rows): NonNullable<RehearsalReport['rows']> {
  const fewer: NonNullable<RehearsalReport['rows']>['fewer'] = [];
  let tables = 0;
  for (const [item, counted] of Object.entries(before)) {
    for (const [table, was] of Object.entries(counted)) {
      tables += 1;
      const is = after[item]?.[table] ?? null;
      if (is === null || is < was) fewer.push({ table, before: was, after: is });
    }
  }
  return { tables, fewer };
}

function placeStep(scene: Scene, before: InstallRecord, version: string, id: string): Step {
  return {
    id,
    title: `Put ${version} in place on the copy`,
    weight: 1,
    run: async () => placeCopies(scene, version, before.release === version ? null : before.release),
  };
}

function startOnCopyStep(scene: Scene, data: RehearsalData, next: InstallRecord, id: string): Step {
  return {
    id,
    title: `Start ${next.release} on the copy, migrate it and check its health`,
    weight: 30,
    run: async (tools) => {
      const opened = await openAt(scene.descriptor, scene.home, next, apart);
      const from = ticks();
      await startService(opened, tools);
      const taken = Math.max(0, (ticks() - from) / 1000 - seconds(scene.descriptor.health.settle));
      // Opened anew: its datastore may have been made only now.
      await readAfterwards(scene, data, await openAt(scene.descriptor, scene.home, next, apart), taken);
      await stopService(opened, tools);
    },
    undo: async (tools) => stopService(await openAt(scene.descriptor, scene.home, next, { ...apart, brokenConfig: true }), tools),
  };
}

/** While it runs: a server that the product starts itself can be asked then. */
async function readAfterwards(scene: Scene, data: RehearsalData, opened: OpenedInstall, taken: number): Promise<void> {
  const report = scene.found.rehearsal;
  const release = opened.record.release ?? '';
  if (report === null) return;
  const { version: after, known, reading, error } = await readSchema(opened);
  const dirty = reading?.dirty ?? null;
  if (dirty !== null) throw new Failure('schema-dirty', `it says that it is healthy, but left its schema half way: ${dirty}`);
  if (error !== null) report.notes.push(`the ledger cannot be read after ${release}: ${error}`);
  if (known !== null && after !== null && compareVersions(after, known) > 0)
    report.notes.push(`${release} says that it knows migrations up to ${known}, and went to ${after}`);
  const before = report.schema.after;
  const seen = { release, before, after, newestBefore: data.newestBefore };
  const learned = known === null && error === null ? learnFrom(scene.kit.registry, scene.descriptor, seen) : null;
  report.hops.push({ release, schema: { before, after }, seconds: taken, learned });
  report.schema.after = error === null ? after : before;
  report.seconds += taken;
}

/** A step whose failure may be the release's: then it is the result of the rehearsal, kept for the plan, and no quarantine. */
function blaming(scene: Scene, data: RehearsalData, next: InstallRecord, step: Step): Step {
  return {
    ...step,
    run: async (tools) =>
      step.run(tools).catch(async (error: unknown) => {
        const { code } = toFailureData(error);
        if (tools.signal.aborted || !blamesRelease.has(code)) throw error;
        throw await rehearsalFailure(scene, data, next, error, tools);
      }),
  };
}

async function rehearsalFailure(
  scene: Scene,
  data: RehearsalData,
  next: InstallRecord,
  error: unknown,
  { signal }: Pick<StepTools, 'signal'>,
): Promise<Failure> {
  const { code, message, details } = toFailureData(error);
  const { title } = scene.descriptor;
  const release = next.release ?? '';
  const log = details?.['log'] ?? (signal.aborted ? undefined : await lastLines(scene, next));
  const { before } = scene.found.rehearsal?.schema ?? { before: null };
  const target = data.hops.at(-1)?.version ?? release;
  if (data.liveHome !== null) {
    // A stop on the way has to be named; the plan names the target itself.
    const problem = release === target ? message : `${release}: ${message}`;
    const row = { home: data.liveHome, release: target, from: data.from, backup: data.backupId, at: now() };
    scene.kit.registry.rehearsals.put({ ...row, before, after: null, seconds: null, problem });
  }
  return new Failure(
    'rehearsal-failed',
    `${title} ${release} failed on a copy of the data: ${sentence(message)} The install was not touched.`,
    {
      remedy: {
        action: 'choose-release',
        text: `Stay on ${data.from} for now: an upgrade to ${target} would fail in the same way and be rolled back. Mend what it says, or try another release.`,
        command: `moult rehearse ${scene.install} --to RELEASE`,
      },
      details: { ...details, ...(log !== undefined && { log }), reason: code, release, target, from: data.from, backup: data.backupId },
      cause: error,
    },
  );
}

/** The end of what it printed, for who has to find out why. */
async function lastLines(scene: Scene, next: InstallRecord): Promise<string[] | string | undefined> {
  const words = await openAt(scene.descriptor, scene.home, next, { ...apart, brokenConfig: true })
    .then(async (opened) => serviceDriver(opened.descriptor.service.driver).lastWords(serviceTarget(opened)))
    .catch(() => null);
  return words?.log;
}

async function rowsOf(opened: OpenedInstall, signal: AbortSignal): Promise<Rows> {
  const counted: Rows = {};
  for (const { driver: name, item, store } of datastoreItems(opened)) {
    const driver = datastoreDriver(name);
    if (item.exists && driver.rows !== undefined) counted[item.item.id] = await driver.rows(store.paths, signal, store);
  }
  return counted;
}
