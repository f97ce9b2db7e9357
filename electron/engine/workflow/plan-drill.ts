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
import type { Release } from '../release/feed.ts';
import { releaseNamed } from '../release/path.ts';
import { compareShipped, readShipped } from '../slot/stage.ts';
import { ensureOpen } from './encryption.ts';
import type { DrillData } from './drill.ts';
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
  await refuseWithoutRoom(home, manifest, code, lends);
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
function refuseDump(manifest: BackupManifest, path: string): void {
  const dump = manifest.items.find(({ kind, places }) => kind === 'dump' && places.length > 0);
  if (dump === undefined) return;
  throw new Failure(
    'unsupported',
    `${path} holds "${dump.title}" as a dump from Docker, and a drill cannot give the copy a Docker volume of its own`,
    {
      remedy: {
        action: 'retry',
        text: 'Read it back instead; whether the product runs on it is seen by a restore on another machine.',
        command: `moult verify ${path}`,
      },
    },
  );
}

async function chooseBackup(
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

function newestOf(kit: Kit, install: string) {
  const newest = kit.registry.backups.of(install)[0];
  if (newest !== undefined) return newest;
  throw new Failure('unknown-backup', `there is no backup of ${install} yet`, {
    remedy: { action: 'retry', text: 'Make one first.', command: `moult backup ${install}` },
  });
}

/** The install that the backup is of, where it is there: its slots and its lent things save a download. */
async function liveInstall(kit: Kit, name: string, manifest: BackupManifest): Promise<OpenedInstall | null> {
  const row = kit.registry.installs.byName(name);
  if (row === null || row.product !== manifest.product) return null;
  return openInstall(kit, row, { brokenConfig: true }).catch(() => null);
}

/** A slot that Moult unpacked and that is whole, else the feed. An adopted install's own folder may be shared with others. */
async function codeFor(descriptor: Descriptor, live: OpenedInstall | null, release: string): Promise<DrillData['code']> {
  if (live !== null && semver.valid(release) !== null) {
    const slot = join(live.folder.slots, release);
    const shipped = (await exists(slot)) ? await readShipped(live.folder.slots, release) : null;
    const { changed, missing } = shipped === null ? { changed: ['all'], missing: [] } : await compareShipped(slot, shipped);
    if (changed.length + missing.length === 0) return { from: 'slot', slot, bytes: (await measureTrees([slot])).bytes };
  }
  return { from: 'feed', release: releaseNamed(await releasesOf(descriptor), release) };
}

async function recordOf(
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
function homeName(descriptor: Descriptor, live: OpenedInstall | null): string {
  return basename(live?.home ?? expandHome(descriptor.home[platform()]));
}

/** What no backup holds and a datastore cannot be read without: the programs of its server, inside the home. They are copied. */
async function lentBy(live: OpenedInstall): Promise<DrillData['lends']> {
  const binaries = live.descriptor.datastores.flatMap((spec) =>
    'binaries' in spec ? spec.binaries.map((folder) => live.fill(folder)) : [],
  );
  const lent: DrillData['lends'] = [];
  for (const item of live.items.filter((one) => one.kind === 'files' && one.exists && !one.item.backup)) {
    for (const [index, path] of item.paths.entries()) {
      const name = item.names[index] ?? '';
      if (!binaries.some((folder) => folder.startsWith(`${path}/`)) || !path.startsWith(`${live.home}/`)) continue;
      lent.push({ path, name, bytes: (await measureTrees([path])).bytes });
    }
  }
  return lent;
}

async function refuseWithoutRoom(
  home: string,
  manifest: BackupManifest,
  code: DrillData['code'],
  lends: DrillData['lends'],
): Promise<void> {
  const sizes = code.from === 'slot' ? { archive: 0, unpacked: code.bytes } : sizeOfRelease(code.release satisfies Release);
  const [need] = await spaceFor([
    { path: home, phase: 'unpack the backup', bytes: manifest.contentBytes },
    { path: home, phase: 'the release', bytes: sizes.archive + sizes.unpacked },
    { path: home, phase: 'what the install lends', bytes: lends.reduce((sum, lent) => sum + lent.bytes, 0) },
  ]);
  if (need === undefined || need.needed <= need.free) return;
  throw new Failure('no-space', `a drill needs ${need.needed} bytes on the volume of ${need.volume} and ${need.free} are free`, {
    remedy: { action: 'free-space', text: 'Free some space, then try again.' },
    details: { ...need, reserve: reserveBytes },
  });
}
