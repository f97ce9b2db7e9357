/**
 * Goes on with an unpacking that was cut off. What counts as whole is what a new unpacking would write to the byte: length, mode, time and
 * SHA-256 of what is on the disk now, read again, because a power cut may have kept a name and lost its content.
 */
import { remove } from '../platform/files.ts';
import type { WorkerPool } from '../platform/workers.ts';
import type { BackupEntry } from './backup-format.ts';
import type { Jobs } from './worker-jobs.ts';

/** Files looked at together: enough to keep every thread and the disk busy. */
const together = 16;
/** Milliseconds: file systems keep times no finer than a double can tell them. */
const sameTime = 0.01;

/** The targets of files that are whole. What is there of the others, and links, which take no time, is removed. */
export async function keepWhole(
  pool: WorkerPool<Jobs>,
  entries: AsyncIterable<{ entry: BackupEntry; target: string | null }>,
): Promise<Set<string>> {
  const whole = new Set<string>();
  let running: Promise<void>[] = [];
  for await (const { entry, target } of entries) {
    if (target === null || entry.kind === 'folder') continue;
    running.push(look(pool, entry, target, whole));
    if (running.length < together) continue;
    await Promise.all(running);
    running = [];
  }
  await Promise.all(running);
  return whole;
}

async function look(pool: WorkerPool<Jobs>, entry: BackupEntry, target: string, whole: Set<string>): Promise<void> {
  const there = await pool.run('look', { path: target });
  if (there === null) return;
  const { kind, bytes, mode, mtimeMs } = there.facts;
  const isDone =
    entry.kind === 'file' && kind === 'file' && bytes === entry.bytes && mode === entry.mode && Math.abs(mtimeMs - entry.mtime) <= sameTime;
  if (isDone && (await pool.run('hash-file', { path: target })).sha256 === entry.sha256) whole.add(target);
  else await remove(target);
}
