/**
 * From a wish to a drill: which backup, which release fits it, where that comes from, and whether there is room. A drill is no operation on
 * the live install: it has a home of its own below Moult's folder, and with it a lock and a journal of its own.
 */
import { basename, join, resolve } from 'node:path';
import semver from 'semver';
import { Failure } from '../../api/failure.ts';
import type { BackupManifest } from '../backup/backup-format.ts';
import { readManifest } from '../backup/read-backup.ts';
import type { InstallRecord } from '../install/record.ts';
import { now } from '../platform/clock.ts';
import { expandHome, platform } from '../platform/environment.ts';
import { exists } from '../platform/files.ts';
import { freePort } from '../platform/network.ts';
import { randomId } from '../platform/random.ts';
import { measureTrees } from '../platform/tree.ts';
import type { Descriptor } from '../product/schema.ts';
import type { KnownBackup } from '../registry/backups.ts';
import type { Release } from '../release/feed.ts';
import { releaseNamed } from '../release/path.ts';
import { compareShipped, readShipped } from '../slot/stage.ts';
import { ensureOpen } from './encryption.ts';
import type { ApartData, DrillData } from './drill.ts';
import { releasesOf } from './facts.ts';
import { drillsFolder, findInstall, findProduct, openInstall, type Kit, type OpenedInstall } from './kit.ts';
import type { Start } from './operation-end.ts';
import { reserveBytes, spaceFor } from './preparation.ts';
import { sizeOfRelease } from './release-size.ts';

export async function prepareDrill(kit: Kit, install: string | undefined, backup: string | undefined): Promise<Start> {
  const { path, id } = await chooseBackup(kit, install, backup);
  await ensureOpen(kit, path);
  const manifest = await readManifest(path);
  if (manifest.release === null)
    throw new Failure('unsupported', `${path} does not say which release made it, so there is none to try it with`);
  const { descriptor } = await findProduct(kit, manifest.product);
  refuseDump(manifest, path);
  const live = await liveInstall(kit, install ?? manifest.install, manifest);
  const code = await codeFor(descriptor, live, manifest.release);
  const home = join(drillsFolder(kit), randomId(8), homeName(descriptor, live));
  const lends = live === null ? [] : await lentBy(live);
  await refuseWithoutRoom(home, manifest, code.from === 'slot' ? code.bytes : bytesOf(code.release), lends, 'a drill');
  const data: DrillData = {
    backupPath: path,
    backupId: id ?? manifest.id,
    record: await recordOf(manifest, manifest.release, live, descriptor),
    code,
    lends,
  };
  return { action: 'drill', descriptor, install: live?.record.name ?? manifest.install, home, before: null, data, locked: true };
}

/** The copy would start a datastore of its own in Docker, and that is no place which goes with the drill's folder. */
export function refuseDump(manifest: BackupManifest, path: string): void {
  const dump = manifest.items.find(({ kind, places }) => kind === 'dump' && places.length > 0);
  if (dump === undefined) return;
  throw new Failure(
    'unsupported',
    `${path} holds "${dump.title}" as a dump from Docker, and a copy cannot be given a Docker volume of its own`,
    {
      remedy: {
        action: 'retry',
        text: 'Read it back instead; whether the product runs on it is seen by a restore on another machine.',
        command: `moult verify ${path}`,
      },
    },
  );
}

/** The backup that is named, else the newest of the install. Its file is there. */
export async function chooseBackup(
  kit: Kit,
  install: string | undefined,
  backup: string | undefined,
): Promise<{ path: string; id: string | null }> {
  const known = backup === undefined ? newestOf(kit, findInstall(kit, install).name) : kit.registry.backups.find(backup);
  const path = known?.path ?? resolve(backup ?? '');
  if (await exists(path)) return { path, id: known?.id ?? null };
  const what = known === null ? `there is no backup with the id or at the path ${backup}` : `the file of this backup is gone: ${path}`;
  throw new Failure('unknown-backup', what, {
    remedy: { action: 'choose-folder', text: 'See which backups there are.', command: 'moult backups' },
  });
}

function newestOf(kit: Kit, install: string): KnownBackup {
  const newest = kit.registry.backups.of(install)[0];
  if (newest !== undefined) return newest;
  throw noBackup(install, 'backup');
}

/** `what` is missing: a backup, or a good one. */
export function noBackup(install: string, what: string): Failure {
  return new Failure('unknown-backup', `there is no ${what} of ${install} yet`, {
    remedy: { action: 'retry', text: 'Make one first.', command: `moult backup ${install}` },
  });
}

/** The install that the backup is of, where it is there: its slots and its lent things save a download. */
export async function liveInstall(kit: Kit, name: string, manifest: BackupManifest): Promise<OpenedInstall | null> {
  const row = kit.registry.installs.byName(name);
  if (row === null || row.product !== manifest.product) return null;
  return openInstall(kit, row, { brokenConfig: true }).catch(() => null);
}

/** A slot that Moult unpacked and that is whole, else the feed. An adopted install's own folder may be shared with others. */
async function codeFor(descriptor: Descriptor, live: OpenedInstall | null, release: string): Promise<DrillData['code']> {
  const whole = live === null ? null : await wholeSlot(live, release);
  if (whole !== null) return { from: 'slot', ...whole };
  return { from: 'feed', release: releaseNamed(await releasesOf(descriptor), release) };
}

/** The slot of a release that is as it was shipped; null where there is none. */
export async function wholeSlot({ folder }: OpenedInstall, release: string): Promise<{ slot: string; bytes: number } | null> {
  if (semver.valid(release) === null) return null;
  const slot = join(folder.slots, release);
  const shipped = (await exists(slot)) ? await readShipped(folder.slots, release) : null;
  if (shipped === null) return null;
  const { changed, missing } = await compareShipped(slot, shipped);
  return changed.length + missing.length === 0 ? { slot, bytes: (await measureTrees([slot])).bytes } : null;
}

export async function recordOf(
  manifest: BackupManifest,
  release: string,
  live: OpenedInstall | null,
  descriptor: Descriptor,
): Promise<InstallRecord> {
  return {
    format: 1,
    id: randomId(16),
    name: live?.record.name ?? manifest.install,
    product: manifest.product,
    state: 'active',
    release,
    slot: join('.moult', 'slots', release),
    adopted: false,
    channel: live?.record.channel ?? descriptor.defaultChannel,
    pin: null,
    port: descriptor.port === undefined ? null : await freePort(),
    createdAt: now(),
    previous: null,
  };
}

/** Some products find their home by its name, and a path that begins with `~` leads into a copy of the same name. */
export function homeName(descriptor: Descriptor, live: OpenedInstall | null): string {
  return basename(live?.home ?? expandHome(descriptor.home[platform()]));
}

/** What no backup holds and a datastore cannot be read without: the programs of its server, inside the home. They are copied. */
export async function lentBy(live: OpenedInstall): Promise<ApartData['lends']> {
  const binaries = live.descriptor.datastores.flatMap((spec) =>
    'binaries' in spec ? spec.binaries.map((folder) => live.fill(folder)) : [],
  );
  const lent: ApartData['lends'] = [];
  for (const item of live.items.filter((one) => one.kind === 'files' && one.exists && !one.item.backup)) {
    for (const [index, path] of item.paths.entries()) {
      const name = item.names[index] ?? '';
      if (!binaries.some((folder) => folder.startsWith(`${path}/`)) || !path.startsWith(`${live.home}/`)) continue;
      lent.push({ path, name, bytes: (await measureTrees([path])).bytes });
    }
  }
  return lent;
}

/** `code`: what the releases take there, in bytes. Throws `no-space`. */
export async function refuseWithoutRoom(
  home: string,
  manifest: BackupManifest,
  code: number,
  lends: ApartData['lends'],
  what: string,
): Promise<void> {
  const [need] = await spaceFor([
    { path: home, phase: 'unpack the backup', bytes: manifest.contentBytes },
    { path: home, phase: 'the release', bytes: code },
    { path: home, phase: 'what the install lends', bytes: lends.reduce((sum, lent) => sum + lent.bytes, 0) },
  ]);
  if (need === undefined || need.needed <= need.free) return;
  throw new Failure('no-space', `${what} needs ${need.needed} bytes on the volume of ${need.volume} and ${need.free} are free`, {
    remedy: { action: 'free-space', text: 'Free some space, then try again.' },
    details: { ...need, reserve: reserveBytes },
  });
}

/** Bytes of a release while it is fetched and when it is unpacked. */
export function bytesOf(release: Release): number {
  const { archive, unpacked } = sizeOfRelease(release);
  return archive + unpacked;
}
