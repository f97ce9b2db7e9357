/** Facts of files as numbers in a row, always in the same order: as they go between the threads, where objects would cost more than the files. */
import type { FileFacts } from '../platform/blocking-files.ts';

export const factColumns = ['bytes', 'mode', 'mtimeMs', 'ctimeMs', 'inode', 'uid', 'gid'] as const;

export function putFacts(facts: Omit<FileFacts, 'kind'>, into: Float64Array, at: number): void {
  into[at] = facts.bytes;
  into[at + 1] = facts.mode;
  into[at + 2] = facts.mtimeMs;
  into[at + 3] = facts.ctimeMs;
  into[at + 4] = facts.inode;
  into[at + 5] = facts.uid;
  into[at + 6] = facts.gid;
}

export function factsAt(kind: FileFacts['kind'], numbers: Float64Array, at: number): FileFacts {
  const number = (column: number) => numbers[at + column] as number;
  const [bytes, mode, mtimeMs, ctimeMs] = [number(0), number(1), number(2), number(3)];
  return { kind, bytes, mode, mtimeMs, ctimeMs, inode: number(4), uid: number(5), gid: number(6) };
}
