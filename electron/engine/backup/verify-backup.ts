/**
 * Verifies a backup: every byte of the file is read, every frame decompressed, every header and every content compared with the list, and
 * the whole held against the SHA-256 in its trailer. What is right is `unproven` (only a product that ran on it proves a backup).
 * Damage is an answer, not an error; errors are a missing file, a newer format, and a disk that cannot be read.
 */
import { Failure } from '../../api/failure.ts';
import type { Verification } from '../../api/models.ts';
import { ticks } from '../platform/clock.ts';
import { factsOf } from './backup-entries.ts';
import { memberNames } from './backup-constants.ts';
import type { BackupEntry, BackupProgress } from './backup-format.ts';
import { startBackupWorkers, type BackupWorkers } from './backup-workers.ts';
import { FrameChecker, type Expected } from './check-frames.ts';
import { digestBytes } from './frame-container.ts';
import { markerContent, ownMember } from './own-members.ts';
import { openBackupFile, type OpenedBackup } from './read-backup.ts';
import { hashOf } from '../platform/hashing.ts';

export interface VerifyOptions {
  signal?: AbortSignal;
  onProgress?: (progress: BackupProgress) => void;
}

/** More problems than these are counted and not told one by one. */
const mostProblems = 100;

/** Reads all of a backup. Throws `unknown-backup`, `newer-format` and `io`; everything else that is wrong is in the answer. */
export async function verifyBackup(path: string, options: VerifyOptions = {}): Promise<Verification> {
  const from = ticks();
  const problems: string[] = [];
  const answer = (id: string | null, files: number, bytes: number): Verification => {
    if (problems.length > mostProblems) problems.splice(mostProblems, Infinity, `and ${problems.length - mostProblems} more problems`);
    return { id, path, verdict: problems.length === 0 ? 'unproven' : 'bad', files, bytes, seconds: (ticks() - from) / 1000, problems };
  };
  const backup = await openBackupFile(path, options.signal).catch((error: unknown) => noteDamage(error, problems));
  if (!backup) return answer(null, 0, 0);
  const workers = startBackupWorkers();
  try {
    const { files, links } = await checkAll(backup, workers, options, (problem) => problems.push(problem));
    return answer(backup.manifest.id, files + links, backup.bytes);
  } catch (error) {
    options.signal?.throwIfAborted();
    noteDamage(error, problems);
    return answer(backup.manifest.id, 0, backup.bytes);
  } finally {
    await workers.close();
    await backup.close();
  }
}

/** The members that a whole backup must have, in order. `next` may be asked after the last. */
export function expectedMembers(backup: OpenedBackup, entries: AsyncIterator<BackupEntry>, each: (entry: BackupEntry) => Expected['write']): () => Promise<Expected | null> {
  const { manifest } = backup;
  const own = (name: string, bytes: number, sha256: string, offset: number): Expected => ({ facts: ownMember(name, bytes, manifest.created), sha256, offset, write: null });
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
    const entry = next.value;
    return { facts: factsOf(entry), sha256: entry.sha256 ?? null, offset: entry.offset, write: each(entry) };
  };
}

async function checkAll(
  backup: OpenedBackup,
  workers: BackupWorkers,
  options: VerifyOptions,
  report: (problem: string) => void,
): Promise<{ files: number; links: number }> {
  const counts = { files: 0, folders: 0, links: 0, superseded: 0 };
  let contentBytes = 0;
  const tally = (entry: BackupEntry) => {
    if (entry.superseded) counts.superseded += 1;
    else counts[`${entry.kind}s`] += 1;
    if (!entry.superseded) contentBytes += entry.bytes;
    return null;
  };
  let bytes = 0;
  const lane = workers.newLane();
  const checker = new FrameChecker({
    workers,
    file: backup.path,
    container: backup.container,
    next: expectedMembers(backup, backup.entries(options.signal), tally),
    report,
    fileLane: lane,
    signal: options.signal,
    onProgress: (plainBytes, files) => options.onProgress?.({ bytes: (bytes += plainBytes), files, totalBytes: backup.trailer.plainBytes }),
  });
  const isComplete = await checker.check(backup.frames, true);
  if (!isComplete) return counts;
  await checkDigest(backup, workers, lane, report);
  const told = backup.manifest.counts;
  const isCounted = (Object.keys(counts) as (keyof typeof counts)[]).every((key) => counts[key] === told[key]);
  if (!isCounted || contentBytes !== backup.manifest.contentBytes) report('the manifest counts other files than the list has');
  return counts;
}

async function checkDigest(backup: OpenedBackup, workers: BackupWorkers, lane: number, report: (problem: string) => void): Promise<void> {
  const { end, trailer } = backup;
  const digestAt = end.indexOf(trailer.digest);
  await workers.hasher.run('hash', { lane, content: Uint8Array.from(end.subarray(0, digestAt)) });
  const rest = Uint8Array.from(end.subarray(digestAt + digestBytes));
  const { digest } = await workers.hasher.run('hash', { lane, content: rest, end: true });
  if (digest !== trailer.digest.toString('hex')) report('the file is not the one that was written: its SHA-256 does not fit');
}

/** Damage becomes a problem; what is no damage is thrown on. */
function noteDamage(error: unknown, problems: string[]): null {
  if (!(error instanceof Failure) || (error.code !== 'bad-backup' && error.code !== 'bad-archive')) throw error;
  const { problem } = (error.details ?? {}) as { problem?: string };
  problems.push(problem ?? error.message);
  return null;
}
