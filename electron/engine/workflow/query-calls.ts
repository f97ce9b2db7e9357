/** The calls that look, and the few that change something small at once. */
import { join, resolve } from 'node:path';
import type { Api, QueryName } from '../../api/methods.ts';
import type { InstallSummary, ProductSummary } from '../../api/models.ts';
import { expandHome, platform } from '../platform/environment.ts';
import type { LoadedProduct } from '../product/load.ts';
import { readLog } from '../service/log.ts';
import { compareWith } from './compare.ts';
import type { destinationCalls } from './destination-calls.ts';
import { driftOf } from './drift.ts';
import type { encryptionCalls } from './encryption-calls.ts';
import { ensureOpen, withEncryption } from './encryption.ts';
import { lookForUpdate } from './facts.ts';
import { followChannel, pinTo } from './following.ts';
import { addProductFolder, catalogue, findInstall, findProduct, openInstall, type Kit, open, anyState } from './kit.ts';
import { discover } from './plan-adopt.ts';
import { backupOf } from './plan-aside.ts';
import { prepareUpgrade } from './plan-upgrade.ts';
import { factsFor, survey } from './preparation.ts';
import { withPresence } from './rescan-files.ts';
import { reportOf } from './report.ts';
import { runChecks } from '../preflight/checks.ts';
import { actionsOf } from './run-action.ts';
import { statusOf } from './status.ts';
import { planFor } from './plan-calls.ts';

/** Those that are not answered elsewhere. */
type OwnQueries = Omit<
  Pick<Api, Exclude<QueryName, 'schedule' | 'setSchedule' | 'runSchedule' | 'prune'>>,
  keyof ReturnType<typeof encryptionCalls> | keyof ReturnType<typeof destinationCalls>
>;

/** All queries and commands over one kit. */
export function queryCalls(kit: Kit): OwnQueries {
  const calls: OwnQueries = {
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
    status: async ({ install, offline }) => statusOf(kit, await open(kit, install, undefined, { brokenConfig: true }), offline ?? false),
    check: async ({ install, to }) => {
      const opened = await open(kit, install);
      const update = to ?? (opened.record.state === 'active' ? (await lookForUpdate(kit, opened)).latest : null);
      if (update !== null) return { checks: (await prepareUpgrade(kit, opened, { to: update })).plan.checks };
      return { checks: runChecks(await factsFor('back-up', await survey(opened), {})) };
    },
    plan: async (input) => planFor(kit, input),
    backups: async ({ install }) =>
      withEncryption(
        kit,
        await Promise.all(
          kit.registry.backups.of(install === undefined ? null : findInstall(kit, install, anyState).name).map(withPresence),
        ),
      ),
    compare: async ({ install, input, ...options }) => {
      const opened = await open(kit, install, undefined, { brokenConfig: true });
      const path = backupOf(kit, opened, input);
      await ensureOpen(kit, path);
      return compareWith(opened, path, options);
    },
    drift: async ({ install, to }) => driftOf(kit, await open(kit, install, undefined, { brokenConfig: true }), to),
    history: async ({ install, limit }) =>
      kit.registry.operations
        .of(install === undefined ? null : findInstall(kit, install, anyState).name, limit ?? 50)
        .map(({ home: _home, receipt: _receipt, ...entry }) => entry),
    receipt: async ({ operation }) => kit.registry.operations.byId(operation)?.receipt ?? null,
    logs: async ({ install, lines, from }) => {
      const opened = await open(kit, install, undefined, { brokenConfig: true });
      const path = join(opened.home, opened.descriptor.service.log);
      return { path, ...(await readLog(path, lines ?? 100, from)) };
    },
    actions: async ({ install }) => actionsOf(await open(kit, install)),
    setChannel: async ({ install, channel }) => listed(kit, await followChannel(kit, install, channel)),
    report: async ({ install }) => ({ text: await reportOf(await open(kit, install, undefined, { brokenConfig: true }), calls) }),
    setPin: async ({ install, pin }) => listed(kit, await pinTo(kit, install, pin)),
  };
  return calls;
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
    channels: Object.entries(descriptor.channels)
      .map(([channel, { note }]) => ({ channel, note: note ?? null }))
      .sort((one, other) => Number(other.channel === descriptor.defaultChannel) - Number(one.channel === descriptor.defaultChannel)),
  };
}

/** A row of the list. An install whose folder is gone is still listed, so that a person sees that it is. */
async function listed(kit: Kit, name: string): Promise<InstallSummary> {
  const row = findInstall(kit, name);
  const opened = await openInstall(kit, row, { brokenConfig: true }).catch(() => null);
  return {
    install: row.name,
    product: row.product,
    title: opened?.descriptor.title ?? row.product,
    release: opened?.record.release ?? null,
    channel: opened?.record.channel ?? '',
    pin: opened?.record.pin ?? null,
    home: row.home,
  };
}
