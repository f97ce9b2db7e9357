/** What a writer knows of the members that it has written: which of them count, which were seen in a pass, and which have to be read again. */
import type { FileFacts } from '../platform/blocking-files.ts';
import { collectGarbage } from '../platform/memory.ts';
import type { WorkerPool } from '../platform/workers.ts';
import { EntryStore, type Packed } from './entry-store.ts';
import type { Scanned } from './scan-sources.ts';
import type { Jobs } from './worker-jobs.ts';

/** About 10 MB of objects come and go with so many files. */
export const rowsBetweenCollections = 12_000;

export class WrittenMembers {
  /** All members of `items/` in the tar's order; those that no longer count too. */
  readonly written = new EntryStore();
  /** What has to be read again because it changed while it was read, by name. */
  readonly restless = new Map<string, Scanned>();
  /** The numbers of the members that count, by name. */
  readonly #current = new Map<string, number>();
  readonly #pool: WorkerPool<Jobs>;
  #pass = 0;

  constructor(pool: WorkerPool<Jobs>) {
    this.#pool = pool;
  }

  /** What is seen from now on is seen anew. */
  beginPass(): void {
    this.#pass += 1;
  }

  /** Takes a member in and answers its number. An earlier one of its name does not count any more. */
  take(packed: Packed, scanned: Scanned): number {
    const { path } = packed.entry;
    const before = this.#current.get(path);
    if (before !== undefined) {
      if (!this.restless.has(path)) this.#refuseTwice(before);
      this.drop(path);
    }
    const row = this.written.add(packed);
    this.written.see(row, this.#pass);
    this.#current.set(path, row);
    if (packed.read === 'changed') this.restless.set(path, scanned);
    if (row % rowsBetweenCollections === 0) collectGarbage();
    return row;
  }

  /** There is nothing of this name any more. */
  drop(path: string): void {
    const row = this.#current.get(path);
    if (row !== undefined) this.written.supersede(row);
    this.#current.delete(path);
    this.restless.delete(path);
  }

  /** Drops what this pass has not seen, but for what `isTaken`; answers how many. */
  dropUnseen(isTaken: (path: string) => boolean): number {
    let dropped = 0;
    for (const [path, row] of this.#current) {
      if (this.written.wasSeen(row, this.#pass) || isTaken(path)) continue;
      this.drop(path);
      dropped += 1;
    }
    return dropped;
  }

  /** Whether what was scanned is what was written before; it counts as seen then. A promise only where the content has to tell. */
  isUnchanged(scanned: Scanned): boolean | Promise<boolean> {
    const { written } = this;
    const row = this.#current.get(scanned.path);
    if (row === undefined) return false;
    const { facts, kept } = scanned;
    const { mode, uid, gid } = kept ?? facts;
    const isLikeIt =
      written.kind(row) === scanned.kind &&
      written.number(row, 'mode') === mode &&
      written.number(row, 'uid') === uid &&
      written.number(row, 'gid') === gid;
    if (!isLikeIt) return false;
    const isSame = this.#hasSameContent(row, scanned, facts);
    return typeof isSame === 'boolean' ? this.#seen(row, isSame) : isSame.then((is) => this.#seen(row, is));
  }

  #seen(row: number, isSame: boolean): boolean {
    if (!isSame) return false;
    this.#refuseTwice(row);
    if (row % rowsBetweenCollections === 0) collectGarbage();
    return true;
  }

  #hasSameContent(row: number, { kind, target, from, kept }: Scanned, facts: FileFacts): boolean | Promise<boolean> {
    const { written } = this;
    if (kind === 'link') return written.target(row) === target && written.hasFacts(row, facts);
    // The inode and the ctime of a folder say nothing of what is restored of it.
    if (kind === 'folder') return written.number(row, 'mtime') === facts.mtimeMs;
    if (written.read(row) !== 'settled') return false;
    if (written.hasFacts(row, facts) && !written.isFresh(row)) return true;
    // Too young to be believed, or written anew with the same content, as a snapshot is.
    if (written.number(row, 'bytes') !== facts.bytes || (kept === null && written.number(row, 'mtime') !== facts.mtimeMs)) return false;
    return this.#pool.run('hash-file', { path: from }).then(
      ({ sha256 }) => {
        const known = written.hash(row);
        const isSame = known !== null && sha256 === Buffer.from(known).toString('hex');
        if (isSame) written.setFacts(row, facts, 'settled', false);
        return isSame;
      },
      () => false,
    );
  }

  /** Two sources must not give the same name. */
  #refuseTwice(row: number): void {
    if (this.written.see(row, this.#pass)) throw new Error(`two sources both give ${this.written.path(row)}`);
  }
}
