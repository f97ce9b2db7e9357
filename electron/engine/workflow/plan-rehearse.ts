/** From a wish to a rehearsal: which backup, over which releases, where each of them comes from, and whether there is room. */
import { join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { readManifest } from '../backup/read-backup.ts';
import { exists } from '../platform/files.ts';
import { randomId } from '../platform/random.ts';
import type { Descriptor } from '../product/schema.ts';
import { latestFor } from '../release/channel.ts';
import type { Release } from '../release/feed.ts';
import { findPath, releaseNamed } from '../release/path.ts';
import { ensureOpen } from './encryption.ts';
import { channelOf, releasesOf } from './facts.ts';
import { drillsFolder, findInstall, findProduct, type Kit, type OpenedInstall } from './kit.ts';
import { newestThatWorked } from './learned.ts';
import type { Start } from './operation-end.ts';
import {
  bytesOf,
  chooseBackup,
  homeName,
  lentBy,
  liveInstall,
  noBackup,
  recordOf,
  refuseDump,
  refuseWithoutRoom,
  wholeSlot,
} from './plan-drill.ts';
import type { RehearsalData } from './rehearse.ts';

export async function prepareRehearsal(
  kit: Kit,
  install: string | undefined,
  wish: { to?: string | undefined; backup?: string | undefined },
): Promise<Start> {
  const { path, id } = await chooseBackup(kit, install, wish.backup ?? (await newestGood(kit, findInstall(kit, install).name)));
  await ensureOpen(kit, path);
  const manifest = await readManifest(path);
  const from = manifest.release;
  if (from === null) throw new Failure('unsupported', `${path} does not say which release made it, so no upgrade begins there`);
  const { descriptor } = await findProduct(kit, manifest.product);
  refuseDump(manifest, path);
  const live = await liveInstall(kit, install ?? manifest.install, manifest);
  const hops = await chooseHops(kit, descriptor, live, from, wish.to);
  const { slots, bytes } = await codeFrom(live, from, hops);
  const home = join(drillsFolder(kit), randomId(8), homeName(descriptor, live));
  const lends = live === null ? [] : await lentBy(live);
  await refuseWithoutRoom(home, manifest, bytes, lends, 'a rehearsal');
  const name = live?.record.name ?? manifest.install;
  const first = slots.some(({ release }) => release === from) ? from : (hops[0]?.version ?? from);
  const data: RehearsalData = {
    backupPath: path,
    backupId: id ?? manifest.id,
    record: await recordOf(manifest, first, live, descriptor),
    lends,
    from,
    hops,
    slots,
    liveHome: live?.home ?? null,
    newestBefore: newestThatWorked(kit.registry, name, live?.record.release ? [from, live.record.release] : [from]),
  };
  return { action: 'rehearse', descriptor, install: name, home, before: null, data, locked: true };
}

/** The newest backup of the install itself that is not known to be bad and whose file is there. It is read back before anything is made of it. */
async function newestGood(kit: Kit, install: string): Promise<string> {
  const all = kit.registry.backups.of(install);
  const good = all.filter(({ verdict, foreign }) => verdict !== 'bad' && !foreign);
  for (const { id, path } of good) if (await exists(path)) return id;
  const [newest] = good;
  if (newest === undefined) throw noBackup(install, all.length === 0 ? 'backup' : 'good backup');
  return newest.id;
}

/** The hops that an upgrade would take from the release of the backup. A release that failed here may be tried, it is a copy, when it is named. */
async function chooseHops(
  kit: Kit,
  descriptor: Descriptor,
  live: OpenedInstall | null,
  from: string,
  to: string | undefined,
): Promise<Release[]> {
  const releases = await releasesOf(descriptor);
  if (to === from) return [releaseNamed(releases, from)];
  const avoid = live === null ? [] : kit.registry.quarantined(live.home).map(({ release }) => release);
  const current = live?.record.release ?? from;
  const channel = channelOf(descriptor, live?.record.channel ?? descriptor.defaultChannel);
  const newest = latestFor(releases, channel, current, { quarantined: avoid, pin: live?.record.pin ?? null });
  const target = to ?? newest?.version;
  if (target === undefined) {
    const who = live?.record.name ?? descriptor.title;
    throw new Failure('nothing-to-do', `${who} is on ${current}, and its channel has nothing newer to rehearse.`, {
      remedy: { action: 'choose-release', text: 'Name a release.', command: `moult rehearse ${who} --to RELEASE` },
      details: {
        install: live?.record.name ?? null,
        product: descriptor.product,
        home: live?.home ?? null,
        release: current,
        heldBack: avoid,
      },
    });
  }
  return findPath(releases, descriptor.rules, from, target, { avoid }).map((hop) => releaseNamed(releases, hop.release));
}

/**
 * Which releases are copied out of the live install, and what all of them take in bytes. That of the backup comes along where it is there: a database
 * of an older version may need its programs. It is not fetched for that, because publishers take old releases away.
 */
async function codeFrom(
  live: OpenedInstall | null,
  from: string,
  hops: readonly Release[],
): Promise<{ slots: RehearsalData['slots']; bytes: number }> {
  const slots: RehearsalData['slots'] = [];
  let bytes = 0;
  for (const release of new Set([from, ...hops.map((hop) => hop.version)])) {
    const whole = live === null ? null : await wholeSlot(live, release);
    const hop = hops.find(({ version }) => version === release);
    if (whole !== null) slots.push({ slot: whole.slot, release });
    bytes += whole?.bytes ?? (hop === undefined ? 0 : bytesOf(hop));
  }
  return { slots, bytes };
}
