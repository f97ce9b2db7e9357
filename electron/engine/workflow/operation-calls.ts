/** The calls that start an operation: prepare it, hold it against the consent and the checks, begin. */
import { isAbsolute, resolve } from 'node:path';
import type { EngineEvent } from '../../api/events.ts';
import { Failure } from '../../api/failure.ts';
import type { Api, MethodInput, OperationName } from '../../api/methods.ts';
import { readSummary } from '../backup/read-summary.ts';
import { moultFolderOf } from '../install/moult-folder.ts';
import { lockHolder } from '../operation/lock.ts';
import { exists, followOrNull } from '../platform/files.ts';
import type { Descriptor } from '../product/schema.ts';
import { randomId } from '../platform/random.ts';
import { refuseOnFailure, runChecks } from '../preflight/checks.ts';
import type { PreflightFacts } from '../preflight/facts.ts';
import { tidyAsides } from './aside-folder.ts';
import { destinationsOf } from './destinations.ts';
import { readSchema } from './facts.ts';
import { hotJournals, refuseInterrupted } from './interrupted.ts';
import { catalogue, drillsFolder, findInstall, type Kit, type OpenedInstall, open, anyState } from './kit.ts';
import type { Start } from './operation-end.ts';
import { tidyDeadOperations, type Operations } from './operations.ts';
import { prepareBackUp } from './plan-back-up.ts';
import { prepareDrill } from './plan-drill.ts';
import { prepareRehearsal } from './plan-rehearse.ts';
import { prepareFreshStart, prepareUndo, prepareUninstall } from './plan-removal.ts';
import { isAnew, prepareRestoreAnew } from './plan-restore-anew.ts';
import { prepareRestore, prepareRollBack } from './plan-restore.ts';
import { prepareExport, prepareTakeOut } from './plan-aside.ts';
import { prepareAdopt } from './plan-adopt.ts';
import { prepareSetUp } from './plan-set-up.ts';
import { prepareUpgrade } from './plan-upgrade.ts';
import { factsFor, type Prepared } from './preparation.ts';
import { clearDeadDrills, removeEmptyDrills, recoverHome, suspectHomes } from './recover.ts';
import { prepareAction } from './run-action.ts';

/** All operations over one kit. */
export function operationCalls(kit: Kit, operations: Operations, emit: (event: EngineEvent) => void): Pick<Api, OperationName> {
  return {
    setUp: async (input) => perform(operations, await prepareSetUp(kit, input), input.digest),
    adopt: async (input) => perform(operations, await prepareAdopt(kit, input), undefined),
    start: async ({ install }) => runService(kit, operations, 'start', install),
    stop: async ({ install }) => runService(kit, operations, 'stop', install),
    restart: async ({ install }) => runService(kit, operations, 'restart', install),
    upgrade: async ({ install, to, digest }) => perform(operations, await prepareUpgrade(kit, await ready(kit, install), { to }), digest),
    rollBack: async ({ install, digest }) => perform(operations, await prepareRollBack(kit, await ready(kit, install)), digest),
    backUp: async ({ install, output, recipients, held, limit }) => {
      const wish = held !== undefined ? { held } : recipients !== undefined ? { recipients } : null;
      return perform(operations, await prepareBackUp(kit, await ready(kit, install), output, { lock: wish, limit }), undefined);
    },
    copy: async ({ install, limit }) => copy(kit, operations, await ready(kit, install), limit),
    verify: async ({ input }) => verify(kit, operations, input),
    restore: async (input) => restore(kit, operations, input),
    export: async (input) => perform(operations, await prepareExport(kit, await ready(kit, input.install), input), undefined),
    rescan: async ({ install, folder }) => rescan(kit, operations, install, resolve(folder)),
    drill: async ({ install, backup }) => onACopy(kit, operations, () => prepareDrill(kit, install, backup)),
    rehearse: async ({ install, to, backup }) => onACopy(kit, operations, () => prepareRehearsal(kit, install, { to, backup })),
    uninstall: async ({ install, purge, including, digest }) =>
      perform(operations, await prepareUninstall(kit, await ready(kit, install), purge ?? false, including), digest),
    freshStart: async ({ install, release, including, digest }) =>
      perform(operations, await prepareFreshStart(kit, await ready(kit, install), release, including), digest),
    undo: async ({ install, operation }) =>
      perform(operations, await prepareUndo(kit, await ready(kit, install, anyState), operation), undefined),
    runAction: async ({ install, action }) => runAction(kit, operations, install, action),
    recover: async ({ install }) => recover(kit, operations, install, emit),
  };
}

/** Opens an install for an operation. What was interrupted comes before anything else that could be said of it. */
async function ready(kit: Kit, ...which: DropFirst<Parameters<typeof open>>): Promise<OpenedInstall> {
  const [install, states] = which;
  await refuseInterrupted(kit, findInstall(kit, install, states).home);
  return open(kit, ...which);
}

async function restore(kit: Kit, operations: Operations, input: MethodInput<'restore'>): Promise<{ operation: string }> {
  if (input.output !== undefined) return perform(operations, await prepareTakeOut(kit, input, input.output), undefined);
  if (await isAnew(kit, input)) return perform(operations, await prepareRestoreAnew(kit, input), input.digest);
  const install = input.install ?? (await installOf(kit, input.input));
  const opened = await ready(kit, install, undefined, { brokenConfig: true });
  return perform(operations, await prepareRestore(kit, opened, input.input, input), input.digest);
}

type DropFirst<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;

/** Begins what was prepared, unless it is no longer what was shown or a check fails. */
export async function perform(operations: Operations, prepared: Prepared, digest: string | undefined): Promise<{ operation: string }> {
  if (digest !== undefined && digest !== prepared.plan.digest) {
    throw new Failure('plan-changed', 'What would be done is no longer what was shown.', {
      remedy: { action: 'retry', text: 'Look at the new plan.' },
      details: { expected: digest, found: prepared.plan.digest },
    });
  }
  refuseOnFailure(prepared.plan.checks);
  const { action, descriptor, install, home, before, data, locked = true } = prepared;
  return { operation: await operations.begin({ action, descriptor, install, home, before, data, locked }) };
}

async function runAction(kit: Kit, operations: Operations, install: string | undefined, action: string): Promise<{ operation: string }> {
  const opened = await ready(kit, install);
  const data = await prepareAction(opened, action);
  const { descriptor, record, home } = opened;
  return {
    operation: await operations.begin({ action: 'run', descriptor, install: record.name, home, before: record, data, locked: true }),
  };
}

async function runService(
  kit: Kit,
  operations: Operations,
  action: 'start' | 'stop' | 'restart',
  install: string | undefined,
): Promise<{ operation: string }> {
  const opened = await ready(kit, install, undefined, { brokenConfig: action === 'stop' });
  await refuseServiceAction(action, opened);
  const { descriptor, record, home } = opened;
  return {
    operation: await operations.begin({ action, descriptor, install: record.name, home, before: record, data: null, locked: true }),
  };
}

/** While the datastore is newer than the code, or half migrated, nothing is started. */
async function refuseServiceAction(action: 'start' | 'stop' | 'restart', opened: OpenedInstall): Promise<void> {
  if (opened.record.state !== 'active' || opened.slot === null || !(await exists(opened.slot))) {
    throw new Failure('not-an-install', `${opened.record.name} has no program to ${action}`, {
      remedy: {
        action: 'set-up',
        text: 'Set it up again; it picks up where it left off.',
        command: `moult set-up ${opened.record.product} --home ${opened.home}`,
      },
    });
  }
  if (action === 'stop') return;
  const schema = await readSchema(opened);
  const nothing: Partial<PreflightFacts> = {
    space: [],
    shipped: null,
    migrations: null,
    config: null,
    ...(action === 'restart' && { port: null }),
  };
  const facts = await factsFor(
    'start',
    {
      opened,
      schema,
      service: { running: null, health: { health: 'stopped', detail: null, release: null, seconds: 0 }, foreign: false },
      inventory: [],
      strays: [],
      shipped: null,
      unreadableConfig: [],
    },
    { ...nothing, service: null, port: null },
  );
  refuseOnFailure(runChecks(facts));
}

async function rescan(kit: Kit, operations: Operations, install: string | undefined, folder: string): Promise<{ operation: string }> {
  if ((await followOrNull(folder))?.isDirectory() !== true) {
    throw new Failure('bad-input', `${folder} is not a folder`, {
      remedy: { action: 'choose-folder', text: 'Name the folder that holds the backups.' },
    });
  }
  const row = install === undefined ? null : findInstall(kit, install);
  const adopter = row === null ? null : { name: row.name, id: row.id, product: row.product };
  const descriptor = await anyDescriptor(kit);
  const data = { folder, adopter };
  return {
    operation: await operations.begin({
      action: 'rescan',
      descriptor,
      install: row?.name ?? '',
      home: kit.moultHome,
      before: null,
      data,
      locked: false,
    }),
  };
}

/** For what is about no install: an operation has one, and nothing of it is used. */
async function anyDescriptor(kit: Kit): Promise<Descriptor> {
  const descriptor = (await catalogue(kit)).products[0]?.descriptor;
  if (descriptor === undefined) throw new Failure('bad-descriptor', 'there is no descriptor at all');
  return descriptor;
}

async function verify(kit: Kit, operations: Operations, input: string): Promise<{ operation: string }> {
  const known = kit.registry.backups.find(input);
  const path = known?.path ?? resolve(input);
  if (!(await exists(path))) {
    throw new Failure(
      'unknown-backup',
      known === null ? `there is no backup with the id or at the path ${input}` : `the file of this backup is gone: ${path}`,
      {
        remedy: { action: 'choose-folder', text: 'See which backups there are.', command: 'moult backups' },
      },
    );
  }
  const install = known?.install ?? '';
  const descriptor = await anyDescriptor(kit);
  return {
    operation: await operations.begin({
      action: 'verify',
      descriptor,
      install,
      home: kit.moultHome,
      before: null,
      data: { path, id: known?.id ?? null },
      locked: false,
    }),
  };
}

/** What earlier drills and rehearsals left behind after a kill goes first: a product of theirs may still be running. */
async function onACopy(kit: Kit, operations: Operations, prepare: () => Promise<Start>): Promise<{ operation: string }> {
  await clearDeadDrills(kit);
  return { operation: await operations.begin(await prepare()) };
}

async function copy(kit: Kit, operations: Operations, opened: OpenedInstall, limit: number | undefined): Promise<{ operation: string }> {
  const { name } = opened.record;
  const folders = destinationsOf(kit, name).map(({ folder }) => folder);
  if (folders.length === 0) {
    throw new Failure('nothing-to-do', `${name} has no destination that its backups are copied to.`, {
      remedy: { action: 'choose-folder', text: 'Name a folder on another disk.', command: `moult copies ${name} --add FOLDER` },
    });
  }
  const { descriptor, home } = opened;
  const data = { folders, limit };
  return { operation: await operations.begin({ action: 'copy', descriptor, install: name, home, before: null, data, locked: false }) };
}

/** The install a backup was made of, when the caller names none and there are several. */
async function installOf(kit: Kit, input: string): Promise<string | undefined> {
  const active = kit.registry.installs.all().filter((row) => row.state === 'active');
  if (active.length < 2) return undefined;
  const known = kit.registry.backups.find(input);
  // A backup that a product made does not tell its install; then the person has to name it.
  const manifest = known ?? (await readSummary(resolve(input)).catch(() => null));
  return active.find((row) => row.name === manifest?.install)?.name;
}

async function recover(
  kit: Kit,
  operations: Operations,
  install: string | undefined,
  emit: (event: EngineEvent) => void,
): Promise<{ operation: string }> {
  await tidyAsides(kit);
  for (const home of await suspectHomes(kit, install)) {
    if ((await hotJournals(home)).length === 0) {
      await tidyDeadOperations(kit, home);
      continue;
    }
    // A drill that runs holds up nobody; it is no interrupted one.
    if (home.startsWith(drillsFolder(kit)) && (await lockHolder(moultFolderOf(home).root)) !== null) continue;
    const operation = randomId(8);
    operations.track(operation, async () => recoverHome(kit, home, operation, emit));
    return { operation };
  }
  await removeEmptyDrills(kit);
  if (install !== undefined && !isAbsolute(install)) findInstall(kit, install, ['active', 'uninstalled', 'purged']);
  throw new Failure('nothing-to-do', 'Nothing was interrupted.');
}
