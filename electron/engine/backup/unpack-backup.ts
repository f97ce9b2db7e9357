/**
 * Unpacks a backup.
 * Promises: only what `into` says is written, only as new files, folders and links, never through a link; each content is held against its
 * hash, and small ones before they are written; all of it is on the disk when the call ends. Everything in the list is looked at before
 * anything is written. Refuses: backups that contradict themselves, names that this platform cannot keep apart, targets that exist.
 */
import { basename, dirname, isAbsolute } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { platform } from '../platform/environment.ts';
import { makeFolder, volumeOf } from '../platform/files.ts';
import { mayGiveAway, syncVolume } from '../platform/volumes.ts';
import { factsOf } from './backup-entries.ts';
import { badArchive, badBackup, explainSystemError, shown } from './backup-failures.ts';
import { memberNames } from './backup-constants.ts';
import type { BackupEntry, BackupProgress } from './backup-format.ts';
import { startBackupWorkers, type BackupWorkers } from './backup-workers.ts';
import { FrameChecker } from './check-frames.ts';
import { markerContent, ownMember } from './own-members.ts';
import { openBackupFile, type OpenedBackup } from './read-backup.ts';
import { memberLength } from './tar-member.ts';
import { expectedMembers } from './verify-backup.ts';
import type { FinishJob, WriteSpec } from './worker-jobs.ts';

export interface UnpackOptions {
  /** Where a member goes: an absolute path; null leaves it out. Asked several times for each, and must answer the same. */
  into: (entry: BackupEntry) => string | null;
  signal?: AbortSignal;
  onProgress?: (progress: BackupProgress) => void;
}

/** Folders, links and syncs in one job. */
const entriesInJob = 500;

/**
 * Writes the members that `into` names and answers how many files and links there were, and how many bytes of content. Owners are kept when
 * this process may give files away. Throws `unknown-backup`, `bad-backup`, `bad-archive`, `newer-format`, `no-space` and `io`; what was
 * written by then stays where it is.
 */
export async function unpackBackup(path: string, options: UnpackOptions): Promise<{ files: number; bytes: number }> {
  const backup = await openBackupFile(path, options.signal);
  const workers = startBackupWorkers();
  try {
    const planned = await plan(backup, options);
    await makeFolders(workers, planned);
    await writeFiles(backup, workers, options, planned);
    await finish(workers, planned);
    await makeDurable(backup, workers, options, planned);
    return { files: planned.files, bytes: planned.bytes };
  } catch (error) {
    options.signal?.throwIfAborted();
    throw explainSystemError(collision(error, path), `cannot unpack ${path}`);
  } finally {
    await workers.close();
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
}

/** Looks at the whole list, holds it against the tar's length and the space on the disk, and collects what is no file. */
async function plan(backup: OpenedBackup, options: UnpackOptions): Promise<Planned> {
  const planned: Planned = { files: 0, bytes: 0, above: new Set(), folders: new Set(), folderFacts: [], links: [], volumes: new Map(), keepOwner: mayGiveAway() };
  const needs = new Map<string, number>();
  let at = memberLength(ownMember(memberNames.marker, markerContent(backup.manifest.id).length, backup.manifest.created));
  for await (const entry of backup.entries(options.signal)) {
    if (entry.offset !== at) throw badArchive(backup.path, `${shown(entry.path)} is not where its list of files says`);
    at += memberLength(factsOf(entry));
    const target = targetOf(backup, options, entry);
    if (target === null) continue;
    const root = planFolders(planned, target, entry);
    needs.set(root, (needs.get(root) ?? 0) + entry.bytes);
    const facts = factsFor(entry, planned.keepOwner);
    if (entry.kind === 'folder') planned.folderFacts.push({ path: target, facts });
    if (entry.kind === 'link') planned.links.push({ path: target, target: entry.target ?? '', facts });
    if (entry.kind === 'folder') continue;
    planned.files += 1;
    planned.bytes += entry.bytes;
  }
  if (at !== backup.manifest.list.offset) throw badArchive(backup.path, 'its list of files does not fit to the length of the tar');
  await refuseTooLarge(backup, planned, needs);
  return planned;
}

function targetOf(backup: OpenedBackup, options: UnpackOptions, entry: BackupEntry): string | null {
  const target = entry.superseded ? null : options.into(entry);
  if (target === null) return null;
  if (!isAbsolute(target)) throw new Error(`the target of ${entry.path} is not absolute: ${target}`);
  if (platform() === 'windows' && entry.as.split('/').some((name) => /[<>:"|?*\\\p{Cc}]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu.test(name))) {
    throw badArchive(backup.path, `Windows has no name like ${shown(entry.path)}`);
  }
  return target;
}

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

async function makeFolders(workers: BackupWorkers, planned: Planned): Promise<void> {
  for (const folder of planned.above) await makeFolder(folder);
  for (const paths of chunks([...planned.folders])) await workers.pool.run('make-folders', { paths });
}

async function writeFiles(backup: OpenedBackup, workers: BackupWorkers, options: UnpackOptions, planned: Planned): Promise<void> {
  let bytes = 0;
  const checker = new FrameChecker({
    workers,
    file: backup.path,
    container: backup.container,
    next: expectedMembers(backup, backup.entries(options.signal), (entry) => {
      const target = entry.kind === 'file' ? targetOf(backup, options, entry) : null;
      return target === null ? null : { target, facts: factsFor(entry, planned.keepOwner) };
    }),
    report: (problem) => {
      throw badBackup(backup.path, problem);
    },
    fileLane: null,
    written: async ({ write, facts }) => {
      if (!write) return;
      await workers.pool.run('finish-tree', { links: [], folders: [], files: [{ path: write.target, bytes: facts.bytes, facts: write.facts }] });
    },
    signal: options.signal,
    onProgress: (plainBytes, files) => options.onProgress?.({ bytes: (bytes += plainBytes), files, totalBytes: backup.trailer.plainBytes }),
  });
  await checker.check(backup.frames, true);
}

/** Links come after all files, so that nothing is written through one; folders get their modes and times when nothing changes in them any more. */
async function finish(workers: BackupWorkers, planned: Planned): Promise<void> {
  for (const links of chunks(planned.links)) await workers.pool.run('finish-tree', { links, folders: [], files: [] });
  for (const folders of chunks(planned.folderFacts.toReversed())) await workers.pool.run('finish-tree', { links: [], folders, files: [] });
}

/** One call for a volume where the system has it; else one for each file. */
async function makeDurable(backup: OpenedBackup, workers: BackupWorkers, options: UnpackOptions, planned: Planned): Promise<void> {
  const synced = await Promise.all([...planned.volumes.values()].map((folder) => syncVolume(folder)));
  if (synced.every(Boolean)) return;
  let paths = [...planned.above, ...planned.folders];
  for await (const entry of backup.entries(options.signal)) {
    const target = entry.kind === 'file' ? targetOf(backup, options, entry) : null;
    if (target !== null) paths.push(target);
    if (paths.length < entriesInJob) continue;
    await workers.pool.run('sync-files', { paths });
    paths = [];
  }
  await workers.pool.run('sync-files', { paths });
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
