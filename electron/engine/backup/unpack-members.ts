/** Unpacks a backup, in the thread of `backup-worker.ts`. `unpack-backup.ts` says what it promises. */
import { basename, dirname, isAbsolute } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { platform } from '../platform/environment.ts';
import { makeFolder, volumeOf } from '../platform/files.ts';
import { collectGarbage } from '../platform/memory.ts';
import { mayGiveAway, syncVolume } from '../platform/volumes.ts';
import type { WorkerPool } from '../platform/workers.ts';
import { memberNames } from './backup-constants.ts';
import { badArchive, badBackup, explainSystemError, shown } from './backup-failures.ts';
import type { BackupEntry, MemberName } from './backup-format.ts';
import { borrowBackupWorkers, giveBack } from './backup-workers.ts';
import { FrameChecker } from './check-frames.ts';
import { markerContent, ownMember } from './own-members.ts';
import { keepWhole } from './resume-unpack.ts';
import { openBackupFile, type OpenedBackup } from './read-backup.ts';
import { each } from './read-list.ts';
import { memberLength } from './tar-member.ts';
import { expectedMembers, expectedOf, rowsBetweenCollections, type ReadHelp, type Wanted } from './verify-members.ts';
import { WantedUnits, type Placed } from './wanted-units.ts';
import type { FinishJob, Jobs, WriteSpec } from './worker-jobs.ts';

export interface UnpackHelp extends ReadHelp {
  into: (members: MemberName[]) => Promise<(string | null)[]>;
  /** Goes on with what an earlier call left. */
  resume?: boolean;
}

/** Folders, links and syncs in one job. */
const entriesInJob = 500;

/** Writes what `into` names. */
export async function unpackAll(path: string, help: UnpackHelp): Promise<{ files: number; bytes: number }> {
  const backup = await openBackupFile(path, help.signal, help.fileKey);
  const pool = help.pool ?? borrowBackupWorkers();
  // One is needed in any case, and comes up while this thread looks at the list.
  pool.start(1);
  let isGood = false;
  try {
    const whole = help.resume === true ? await keepWhole(pool, each(withTargets(backup, help, false))) : new Set<string>();
    const planned = await plan(backup, help, whole);
    if (planned.few === null) {
      // What the look at the list has left.
      collectGarbage();
      pool.start();
    }
    await makeFolders(pool, planned);
    await writeFiles(backup, pool, help, planned);
    await finish(pool, planned);
    await makeDurable(backup, pool, help, planned);
    isGood = true;
    return { files: planned.files, bytes: planned.bytes };
  } catch (error) {
    help.signal.throwIfAborted();
    throw explainSystemError(collision(error, path), `cannot unpack ${path}`);
  } finally {
    if (!help.pool) await giveBack(pool, isGood);
    await backup.close();
  }
}

interface Planned {
  files: number;
  bytes: number;
  /** The folders above the items' roots: the caller's. */
  above: Set<string>;
  /** The roots and all folders below them, outermost first. */
  folders: Set<string>;
  /** What folders get when all is in them, in the order in which they are in the tar. */
  folderFacts: FinishJob['folders'];
  links: FinishJob['links'];
  /** One folder on each volume that is written to. */
  volumes: Map<number, string>;
  keepOwner: boolean;
  /** Files that are there already and need not be written. */
  whole: ReadonlySet<string>;
  /** When little is to be read: just that. */
  few: ReturnType<WantedUnits['end']>;
}

/** Looks at the whole list, holds it against the tar's length and the space on the disk, and collects what is no file. */
async function plan(backup: OpenedBackup, help: UnpackHelp, whole: ReadonlySet<string>): Promise<Planned> {
  const planned: Planned = {
    files: 0,
    bytes: 0,
    above: new Set(),
    folders: new Set(),
    folderFacts: [],
    links: [],
    volumes: new Map(),
    keepOwner: mayGiveAway(),
    whole,
    few: null,
  };
  const units = new WantedUnits(backup.frames);
  let row = 0;
  const needs = new Map<string, number>();
  let at = memberLength(ownMember(memberNames.marker, markerContent(backup.manifest.id).length, backup.manifest.created));
  for await (const some of withTargets(backup, help, false)) {
    for (const placed of some) {
      const { entry, target } = placed;
      if (entry.offset !== at) throw badArchive(backup.path, `${shown(entry.path)} is not where its list of files says`);
      at += memberLength(entry);
      units.add(placed, at, isRead(planned, placed));
      if ((row += 1) % rowsBetweenCollections === 0 && !units.areFew) collectGarbage();
      if (target !== null) planOne(planned, needs, entry, target);
    }
  }
  if (at !== backup.manifest.list.offset) throw badArchive(backup.path, 'its list of files does not fit to the length of the tar');
  await refuseTooLarge(backup, planned, needs);
  planned.few = units.end();
  return planned;
}

function planOne(planned: Planned, needs: Map<string, number>, entry: BackupEntry, target: string): void {
  const root = planFolders(planned, target, entry);
  needs.set(root, (needs.get(root) ?? 0) + (planned.whole.has(target) ? 0 : entry.bytes));
  const facts = factsFor(entry, planned.keepOwner);
  if (entry.kind === 'folder') planned.folderFacts.push({ path: target, facts });
  if (entry.kind === 'link') planned.links.push({ path: target, target: entry.target ?? '', facts });
  if (entry.kind === 'folder') return;
  planned.files += 1;
  planned.bytes += entry.bytes;
}

/** Whether the content of a member is to be read and written. */
function isRead({ whole }: Planned, { entry, target }: Placed): boolean {
  return entry.kind === 'file' && target !== null && !whole.has(target);
}

/** The entries of the list with the places where they go; those that no longer count go nowhere. */
async function* withTargets(backup: OpenedBackup, help: UnpackHelp, wereChecked: boolean): AsyncGenerator<Placed[]> {
  for await (const entries of backup.entryBatches(help.signal, wereChecked)) {
    const targets = await help.into(entries.filter((entry) => entry.superseded !== true));
    let next = 0;
    yield entries.map((entry) => ({
      entry,
      target: entry.superseded === true ? null : checkTarget(backup, entry, targets[next++] ?? null),
    }));
  }
}

function checkTarget(backup: OpenedBackup, entry: BackupEntry, target: string | null): string | null {
  if (target === null) return null;
  if (!isAbsolute(target)) throw new Error(`the target of ${entry.path} is not absolute: ${target}`);
  if (platform() === 'windows' && entry.as.split('/').some((name) => notForWindows.test(name))) {
    throw badArchive(backup.path, `Windows has no name like ${shown(entry.path)}`);
  }
  return target;
}

/** Characters, endings and device names that Windows does not let be names of files. */
const notForWindows = /[<>:"|?*\\\p{Cc}]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu;

/**
 * Notes the folders that a target needs, and answers the root of its item: as far up as target and name in the backup agree. From the root
 * down nothing may be a link; what is above is the caller's choice.
 */
function planFolders(planned: Planned, target: string, entry: BackupEntry): string {
  const chain = entry.kind === 'folder' ? [target] : [];
  let root = target;
  for (const name of entry.as === '' ? [] : entry.as.split('/').toReversed()) {
    if (basename(root) !== name) break;
    root = dirname(root);
    chain.unshift(root);
  }
  planned.above.add(dirname(root));
  for (const folder of chain) planned.folders.add(folder);
  return root;
}

async function refuseTooLarge(backup: OpenedBackup, planned: Planned, needs: Map<string, number>): Promise<void> {
  const wanted = new Map<number, { needed: number; free: number; folder: string }>();
  for (const [root, bytes] of needs) {
    const volume = await volumeOf(root);
    planned.volumes.set(volume.device, volume.folder);
    const before = wanted.get(volume.device);
    wanted.set(volume.device, { needed: (before?.needed ?? 0) + bytes, free: volume.free, folder: volume.folder });
  }
  for (const { needed, free, folder } of wanted.values()) {
    if (needed <= free) continue;
    throw new Failure('no-space', `Unpacking ${backup.path} takes ${needed} bytes on the volume of ${folder}, where ${free} are free.`, {
      remedy: { action: 'free-space', text: 'Free some space or choose another folder, then try again.' },
      details: { needed, free, folder },
    });
  }
}

async function makeFolders(pool: WorkerPool<Jobs>, planned: Planned): Promise<void> {
  for (const folder of planned.above) await makeFolder(folder);
  for (const paths of chunks([...planned.folders])) await pool.run('make-folders', { paths });
}

async function writeFiles(backup: OpenedBackup, pool: WorkerPool<Jobs>, help: UnpackHelp, planned: Planned): Promise<void> {
  const { few } = planned;
  const frames = few?.frames ?? backup.frames;
  const totalBytes = frames.reduce((sum, { plainBytes }) => sum + plainBytes, 0);
  const wanted = (placed: Placed): Wanted => {
    const { entry, target } = placed;
    return { entry, write: target !== null && isRead(planned, placed) ? { target, facts: factsFor(entry, planned.keepOwner) } : null };
  };
  const all = async function* (): AsyncGenerator<Wanted> {
    for await (const placed of each(withTargets(backup, help, true))) {
      if ((row += 1) % rowsBetweenCollections === 0) collectGarbage();
      yield wanted(placed);
    }
  };
  // Where each is was looked at when the list was read.
  const next = (placed: Placed | undefined) => (placed === undefined ? null : { ...expectedOf(wanted(placed)), offset: null });
  let row = 0;
  let bytes = 0;
  const checker = new FrameChecker({
    pool,
    file: backup.path,
    container: backup.container,
    seal: () => backup.seal,
    next: few === null ? expectedMembers(backup, all()) : async () => next(few.members[row++]),
    report: (problem) => {
      throw badBackup(backup.path, problem);
    },
    fileHash: null,
    written: async ({ write, facts }) => {
      if (!write) return;
      await pool.run('finish-tree', { links: [], folders: [], files: [{ path: write.target, bytes: facts.bytes, facts: write.facts }] });
    },
    signal: help.signal,
    onProgress: (plainBytes, files) => help.progress({ bytes: (bytes += plainBytes), files, totalBytes }),
  });
  await checker.check(frames, few === null);
}

/** Links come after all files, so that nothing is written through one; folders get their modes and times when nothing changes in them any more. */
async function finish(pool: WorkerPool<Jobs>, planned: Planned): Promise<void> {
  for (const links of chunks(planned.links)) await pool.run('finish-tree', { links, folders: [], files: [] });
  for (const folders of chunks(planned.folderFacts.toReversed())) await pool.run('finish-tree', { links: [], folders, files: [] });
}

/** Files that are synced one by one. More of them take longer than a whole volume. */
const mostSynced = 16;

/** One call for a volume where the system has it, unless little was written; else one for each file. */
async function makeDurable(backup: OpenedBackup, pool: WorkerPool<Jobs>, help: UnpackHelp, planned: Planned): Promise<void> {
  const few = planned.whole.size === 0 ? planned.few?.members.filter((placed) => isRead(planned, placed)) : undefined;
  if (few !== undefined && few.length <= mostSynced) {
    const files = few.flatMap(({ target }) => target ?? []);
    await pool.run('sync-files', { paths: [...files, ...[...planned.folders].toReversed(), ...planned.above] });
    return;
  }
  const synced = await Promise.all([...planned.volumes.values()].map((folder) => syncVolume(folder)));
  if (synced.every(Boolean)) return;
  let paths = [...planned.above, ...planned.folders];
  for await (const { entry, target } of each(withTargets(backup, help, true))) {
    if (entry.kind === 'file' && target !== null) paths.push(target);
    if (paths.length < entriesInJob) continue;
    await pool.run('sync-files', { paths });
    paths = [];
  }
  await pool.run('sync-files', { paths });
}

function factsFor(entry: BackupEntry, keepOwner: boolean): WriteSpec['facts'] {
  const facts = { mode: entry.mode, mtimeMs: entry.mtime };
  return keepOwner ? { ...facts, owner: { uid: entry.uid, gid: entry.gid } } : facts;
}

/** A target that exists was made by somebody else, or by this backup under a name that the file system takes for the same. */
function collision(error: unknown, path: string): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return error;
  return badArchive(path, `${(error as Error).message}; nothing is overwritten, and two names in it may be one for this file system`);
}

function* chunks<Entry>(entries: readonly Entry[]): Generator<Entry[]> {
  for (let at = 0; at < entries.length; at += entriesInJob) yield entries.slice(at, at + entriesInJob);
}
