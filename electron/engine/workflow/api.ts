/** The implementation of every call of the `Api`, each a few lines: open what it is about, ask a workflow. */
import { join, resolve } from 'node:path';
import type { EngineEvent } from '../../api/events.ts';
import { Failure } from '../../api/failure.ts';
import type { Api } from '../../api/methods.ts';
import type { ActionKind, InstallSummary, Plan, ProductSummary } from '../../api/models.ts';
import { readManifest } from '../backup/read-backup.ts';
import { expandHome, platform } from '../platform/environment.ts';
import { exists } from '../platform/files.ts';
import { randomId } from '../platform/random.ts';
import type { LoadedProduct } from '../product/load.ts';
import { refuseOnFailure } from '../preflight/checks.ts';
import type { PreflightFacts } from '../preflight/facts.ts';
import { writeRecord } from '../install/record.ts';
import { readLog } from '../service/log.ts';
import { driftOf } from './drift.ts';
import { channelOf, lookForUpdate, readSchema } from './facts.ts';
import { hotJournals } from './interrupted.ts';
import { addProductFolder, catalogue, findInstall, findProduct, openInstall, type Kit, type OpenedInstall } from './kit.ts';
import type { Operations } from './operations.ts';
import { prepareBackUp } from './plan-back-up.ts';
import { prepareFreshStart, prepareUndo, prepareUninstall } from './plan-removal.ts';
import { prepareRestore, prepareRollBack } from './plan-restore.ts';
import { discover, prepareAdopt } from './plan-adopt.ts';
import { prepareSetUp } from './plan-set-up.ts';
import { prepareUpgrade } from './plan-upgrade.ts';
import { factsFor, survey, type Prepared } from './preparation.ts';
import { runChecks } from '../preflight/checks.ts';
import { recoverHome, suspectHomes } from './recover.ts';
import { statusOf } from './status.ts';
import { takeLock } from '../operation/lock.ts';

/** All calls over one kit. */
export function makeApi(kit: Kit, operations: Operations, emit: (event: EngineEvent) => void): Api {
  const open = async (install: string | undefined, states?: Parameters<typeof findInstall>[2]) =>
    openInstall(kit, findInstall(kit, install, states));
  const anyState = ['active', 'uninstalled', 'purged'] as const;
  const perform = async (prepared: Prepared, digest: string | undefined) => {
    if (digest !== undefined && digest !== prepared.plan.digest) {
      throw new Failure('plan-changed', 'What would be done is no longer what was shown.', {
        remedy: { action: 'retry', text: 'Look at the new plan.' },
        details: { expected: digest, found: prepared.plan.digest },
      });
    }
    refuseOnFailure(prepared.plan.checks);
    const { action, descriptor, install, home, before, data } = prepared;
    return { operation: await operations.begin({ action, descriptor, install, home, before, data, locked: true }) };
  };
  const service = (action: 'start' | 'stop' | 'restart') => async (input: { install?: string | undefined }) => {
    const opened = await open(input.install);
    await refuseServiceAction(action, opened);
    const { descriptor, record, home } = opened;
    return {
      operation: await operations.begin({ action, descriptor, install: record.name, home, before: record, data: null, locked: true }),
    };
  };
  return {
    products: async ({ from }) => {
      const { products, problems } = await catalogue(kit, from === undefined ? [] : [resolve(from)]);
      if (from !== undefined && problems[0]) throw problems[0];
      return products.map(summarize);
    },
    addProducts: async ({ from }) => (await addProductFolder(kit, resolve(from))).map(summarize),
    installs: async () =>
      Promise.all(
        kit.registry.installs
          .all()
          .filter((row) => row.state !== 'purged')
          .map(async (row) => listed(kit, row.name)),
      ),
    discover: async ({ product, home }) => {
      const { products } = await catalogue(kit);
      const chosen = product === undefined ? products : [await findProduct(kit, product)];
      return discover(
        kit,
        chosen.map((entry) => entry.descriptor),
        home,
      );
    },
    status: async ({ install, offline }) => statusOf(kit, await open(install), offline ?? false),
    check: async ({ install, to }) => {
      const opened = await open(install);
      const update = to ?? (opened.record.state === 'active' ? (await lookForUpdate(kit, opened)).latest : null);
      if (update !== null) return { checks: (await prepareUpgrade(kit, opened, { to: update })).plan.checks };
      return { checks: runChecks(await factsFor('back-up', await survey(opened), {})) };
    },
    plan: async (input) => planFor(kit, input, open),
    backups: async ({ install }) => kit.registry.backups.of(install === undefined ? null : findInstall(kit, install, anyState).name),
    drift: async ({ install, to }) => driftOf(kit, await open(install), to),
    history: async ({ install, limit }) =>
      kit.registry.operations
        .of(install === undefined ? null : findInstall(kit, install, anyState).name, limit ?? 50)
        .map(({ home: _home, receipt: _receipt, ...entry }) => entry),
    logs: async ({ install, lines, from }) => {
      const opened = await open(install);
      const path = join(opened.home, opened.descriptor.service.log);
      return { path, ...(await readLog(path, lines ?? 100, from)) };
    },
    setChannel: async ({ install, channel }) => {
      const opened = await open(install);
      channelOf(opened.descriptor, channel);
      const lock = await takeLock(opened.folder.root, 'set channel');
      try {
        await writeRecord(opened.home, { ...opened.record, channel });
      } finally {
        await lock.release();
      }
      return listed(kit, opened.record.name);
    },
    setUp: async (input) => perform(await prepareSetUp(kit, input), input.digest),
    adopt: async (input) => perform(await prepareAdopt(kit, input), undefined),
    start: service('start'),
    stop: service('stop'),
    restart: service('restart'),
    upgrade: async ({ install, to, digest }) => perform(await prepareUpgrade(kit, await open(install), { to }), digest),
    rollBack: async ({ install, digest }) => perform(await prepareRollBack(kit, await open(install)), digest),
    backUp: async ({ install, output }) => perform(await prepareBackUp(kit, await open(install), output), undefined),
    verify: async ({ input }) => verify(kit, operations, input),
    restore: async ({ install, input, digest }) =>
      perform(await prepareRestore(kit, await open(install ?? (await installOf(kit, input))), input), digest),
    uninstall: async ({ install, purge, digest }) => perform(await prepareUninstall(kit, await open(install), purge ?? false), digest),
    freshStart: async ({ install, release, digest }) => perform(await prepareFreshStart(kit, await open(install), release), digest),
    undo: async ({ install, operation }) => perform(await prepareUndo(kit, await open(install, anyState), operation), undefined),
    recover: async ({ install }) => recover(kit, operations, install, emit),
  };
}

async function planFor(
  kit: Kit,
  input: Parameters<Api['plan']>[0],
  open: (install: string | undefined, states?: Parameters<typeof findInstall>[2]) => Promise<OpenedInstall>,
): Promise<Plan> {
  const action = input.action ?? 'upgrade';
  if (action === 'set-up' || action === 'adopt') {
    if (input.product === undefined) throw new Failure('bad-input', `a plan to ${action.replace('-', ' ')} needs a product`);
    const wish = { product: input.product, home: input.home, name: input.name, channel: input.channel, release: input.to };
    return (await (action === 'set-up' ? prepareSetUp(kit, wish) : prepareAdopt(kit, wish))).plan;
  }
  const opened = await open(input.install, action === 'undo' ? ['active', 'uninstalled', 'purged'] : undefined);
  return (await prepareOne(kit, opened, action, input)).plan;
}

async function prepareOne(
  kit: Kit,
  opened: OpenedInstall,
  action: Exclude<ActionKind, 'set-up' | 'adopt'>,
  input: Parameters<Api['plan']>[0],
): Promise<Prepared> {
  switch (action) {
    case 'roll-back':
      return prepareRollBack(kit, opened);
    case 'back-up':
      return prepareBackUp(kit, opened, undefined);
    case 'restore':
      if (input.input === undefined) throw new Failure('bad-input', 'a plan to restore needs a backup: a file or an id');
      return prepareRestore(kit, opened, input.input);
    case 'uninstall':
    case 'purge':
      return prepareUninstall(kit, opened, action === 'purge');
    case 'fresh-start':
      return prepareFreshStart(kit, opened, input.to);
    case 'undo':
      return prepareUndo(kit, opened, undefined);
    default:
      return prepareUpgrade(kit, opened, { to: input.to });
  }
}

function summarize({ descriptor, source, bundled }: LoadedProduct): ProductSummary {
  return {
    product: descriptor.product,
    title: descriptor.title,
    summary: descriptor.summary,
    links: descriptor.links,
    home: expandHome(descriptor.home[platform()]),
    source,
    bundled,
  };
}

/** A row of the list. An install whose folder is gone is still listed, so that a person sees that it is. */
async function listed(kit: Kit, name: string): Promise<InstallSummary> {
  const row = findInstall(kit, name);
  const opened = await openInstall(kit, row).catch(() => null);
  return {
    install: row.name,
    product: row.product,
    title: opened?.descriptor.title ?? row.product,
    release: opened?.record.release ?? null,
    channel: opened?.record.channel ?? '',
    home: row.home,
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
  const descriptor = (await catalogue(kit)).products[0]?.descriptor;
  if (descriptor === undefined) throw new Failure('bad-descriptor', 'there is no descriptor at all');
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

/** The install a backup was made of, when the caller names none and there are several. */
async function installOf(kit: Kit, input: string): Promise<string | undefined> {
  const active = kit.registry.installs.all().filter((row) => row.state === 'active');
  if (active.length < 2) return undefined;
  const known = kit.registry.backups.find(input);
  const manifest = known ?? (await readManifest(resolve(input)));
  return active.find((row) => row.name === manifest.install)?.name;
}

async function recover(
  kit: Kit,
  operations: Operations,
  install: string | undefined,
  emit: (event: EngineEvent) => void,
): Promise<{ operation: string }> {
  for (const home of suspectHomes(kit, install)) {
    if ((await hotJournals(home)).length === 0) continue;
    const operation = randomId(8);
    operations.track(operation, async () => recoverHome(kit, home, operation, emit));
    return { operation };
  }
  if (install !== undefined) findInstall(kit, install, ['active', 'uninstalled', 'purged']);
  throw new Failure('nothing-to-do', 'Nothing was interrupted.');
}
