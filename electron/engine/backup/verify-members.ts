/** Verifies a backup, in the thread of `backup-worker.ts`. `verify-backup.ts` says what it promises. */
import { Failure } from '../../api/failure.ts';
import type { Verification } from '../../api/models.ts';
import { ticks } from '../platform/clock.ts';
import { hashOf, RunningHash } from '../platform/hashing.ts';
import { collectGarbage } from '../platform/memory.ts';
import type { WorkerPool } from '../platform/workers.ts';
import { memberNames } from './backup-constants.ts';
import { factsOf } from './backup-entries.ts';
import type { BackupEntry, BackupProgress } from './backup-format.ts';
import { borrowBackupWorkers, giveBack } from './backup-workers.ts';
import { FrameChecker, type Expected } from './check-frames.ts';
import { digestBytes } from './frame-container.ts';
import { markerContent, ownMember } from './own-members.ts';
import { openBackupFile, type OpenedBackup } from './read-backup.ts';
import type { Jobs } from './worker-jobs.ts';

/** What the thread that asked gives along. */
export interface ReadHelp {
  signal: AbortSignal;
  progress: (progress: BackupProgress) => void;
  /** Threads to use, and to leave running; without them, own ones are started. */
  pool?: WorkerPool<Jobs>;
  /** Of an encrypted file. */
  fileKey?: Uint8Array | null;
}

/** About 10 MB of objects come and go with so many entries. */
export const rowsBetweenCollections = 10_000;
/** More problems than these are counted and not told one by one. */
const mostProblems = 100;

/** Reads all of a backup. Throws `unknown-backup`, `newer-format` and `io`; everything else that is wrong is in the answer. */
export async function verifyAll(path: string, help: ReadHelp): Promise<Verification> {
  const from = ticks();
  const problems: string[] = [];
  const answer = (id: string | null, files: number, bytes: number): Verification => {
    if (problems.length > mostProblems) problems.splice(mostProblems, Infinity, `and ${problems.length - mostProblems} more problems`);
    return { id, path, verdict: problems.length === 0 ? 'unproven' : 'bad', files, bytes, seconds: (ticks() - from) / 1000, problems };
  };
  const backup = await openBackupFile(path, help.signal, help.fileKey).catch((error: unknown) => noteDamage(error, problems));
  if (!backup) return answer(null, 0, 0);
  const pool = help.pool ?? borrowBackupWorkers();
  pool.start();
  let isGood = false;
  try {
    const { files, links } = await checkAll(backup, pool, help, (problem) => problems.push(problem));
    isGood = true;
    return answer(backup.manifest.id, files + links, backup.bytes);
  } catch (error) {
    help.signal.throwIfAborted();
    noteDamage(error, problems);
    return answer(backup.manifest.id, 0, backup.bytes);
  } finally {
    if (!help.pool) await giveBack(pool, isGood);
    await backup.close();
  }
}

/** An entry of the list, and where its content is to be written. */
export interface Wanted {
  entry: BackupEntry;
  write: Expected['write'];
}

/** The members that a whole backup must have, in order. `next` may be asked after the last. */
export function expectedMembers(backup: OpenedBackup, entries: AsyncIterator<Wanted>): () => Promise<Expected | null> {
  const { manifest } = backup;
  const own = (name: string, bytes: number, sha256: string, offset: number): Expected => {
    return { facts: ownMember(name, bytes, manifest.created), hash: Buffer.from(sha256, 'hex'), offset, write: null };
  };
  const marker = markerContent(manifest.id);
  const before = [own(memberNames.marker, marker.length, hashOf(marker), 0)];
  const after = [
    own(memberNames.files, manifest.list.bytes, manifest.list.sha256, manifest.list.offset),
    own(memberNames.manifest, backup.manifestBytes, backup.manifestSha256, backup.trailer.manifestAt),
  ];
  let isOver = false;
  return async () => {
    const first = before.shift();
    if (first) return first;
    const next = isOver ? null : await entries.next();
    isOver ||= next?.done === true;
    if (!next || next.done) return after.shift() ?? null;
    return expectedOf(next.value);
  };
}

/** What the tar should hold for an entry of the list. */
export function expectedOf({ entry, write }: Wanted): Expected {
  const hash = entry.sha256 === undefined ? null : Buffer.from(entry.sha256, 'hex');
  return { facts: factsOf(entry), hash, offset: entry.offset, write };
}

async function checkAll(
  backup: OpenedBackup,
  pool: WorkerPool<Jobs>,
  { signal, progress }: ReadHelp,
  report: (problem: string) => void,
): Promise<{ files: number; links: number }> {
  const counts = { files: 0, folders: 0, links: 0, superseded: 0 };
  let contentBytes = 0;
  const tally = async function* (): AsyncGenerator<Wanted> {
    let row = 0;
    for await (const entry of backup.entries(signal)) {
      if ((row += 1) % rowsBetweenCollections === 0) collectGarbage();
      if (entry.superseded) counts.superseded += 1;
      else counts[`${entry.kind}s`] += 1;
      if (!entry.superseded) contentBytes += entry.bytes;
      yield { entry, write: null };
    }
  };
  let bytes = 0;
  const fileHash = new RunningHash();
  const checker = new FrameChecker({
    pool,
    file: backup.path,
    container: backup.container,
    seal: () => backup.seal,
    next: expectedMembers(backup, tally()),
    report,
    fileHash,
    signal,
    onProgress: (plainBytes, files) => progress({ bytes: (bytes += plainBytes), files, totalBytes: backup.trailer.plainBytes }),
  });
  const isComplete = await checker.check(backup.frames, true);
  if (!isComplete) return counts;
  checkDigest(backup, fileHash, report);
  const told = backup.manifest.counts;
  const isCounted = (Object.keys(counts) as (keyof typeof counts)[]).every((key) => counts[key] === told[key]);
  if (!isCounted || contentBytes !== backup.manifest.contentBytes) report('the manifest counts other files than the list has');
  return counts;
}

function checkDigest({ end, trailer }: OpenedBackup, fileHash: RunningHash, report: (problem: string) => void): void {
  const digestAt = end.indexOf(trailer.digest);
  fileHash.add(end.subarray(0, digestAt));
  fileHash.add(end.subarray(digestAt + digestBytes));
  if (fileHash.end() !== trailer.digest.toString('hex')) report('the file is not the one that was written: its SHA-256 does not fit');
}

/** Damage becomes a problem; what is no damage is thrown on. */
function noteDamage(error: unknown, problems: string[]): null {
  if (!(error instanceof Failure) || (error.code !== 'bad-backup' && error.code !== 'bad-archive')) throw error;
  const { problem } = (error.details ?? {}) as { problem?: string };
  problems.push(problem ?? error.message);
  return null;
}
