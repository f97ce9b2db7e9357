/** Notes: the texts are files of the workspace; the datastore holds their index, tags and history. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeAside } from './home.mjs';
import { addRevision, pruneRevisions, readRevisions } from './revisions.mjs';
import { openDatabase } from './sqlite.mjs';
import { readTags, tagCounts, writeTags } from './tags.mjs';

/** What a note may be called: no folder, no hidden file. */
const allowedName = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,99}$/u;

/** How many notes are looked at between two moments in which the server can answer. */
const batch = 200;

export function isNoteName(name) {
  return allowedName.test(name) && !name.endsWith('.') && !name.endsWith(' ');
}

/** The mode that a note's file has; only its owner may read a new one. */
function modeOf(file) {
  return (statSync(file, { throwIfNoEntry: false })?.mode ?? 0o600) & 0o777;
}

/** Opens the migrated datastore. */
export function openNotes(file, workspace) {
  const database = openDatabase(file);
  const pathOf = (name) => join(workspace, `${name}.md`);
  const rowOf = (name) =>
    database.prepare('SELECT name, title, bytes, sha256, modified_at AS modifiedAt FROM notes WHERE name = ?').get(name);
  const describe = (row) => ({ ...row, tags: readTags(database, row.name) });

  const notes = {
    list: () =>
      database.prepare('SELECT name, title, bytes, sha256, modified_at AS modifiedAt FROM notes ORDER BY name').all().map(describe),
    tags: () => tagCounts(database),
    revisions: (name) => readRevisions(database, name),
    read: (name) => {
      if (!existsSync(pathOf(name))) return null;
      const text = readFileSync(pathOf(name), 'utf8');
      const row = rowOf(name) ?? index(name, text);
      return { ...describe(row), text };
    },
    /** Saves a text, and tags where they are given. */
    write: (name, text, tags) =>
      inTransaction(() => {
        const row = index(name, text);
        if (tags) writeTags(database, name, tags);
        addRevision(database, row, text);
        writeAside(pathOf(name), text, modeOf(pathOf(name)));
        return describe(row);
      }),
    remove: (name) => {
      const there = existsSync(pathOf(name));
      rmSync(pathOf(name), { force: true });
      forget(name);
      return there;
    },
    /** Takes over what changed in the workspace while Sprig did not run. Nothing in the workspace is touched. */
    refresh: async (onProgress) => {
      const names = readdirSync(workspace)
        .filter((file) => file.endsWith('.md') && isNoteName(file.slice(0, -3)))
        .map((file) => file.slice(0, -3));
      const present = new Set(names);
      const gone = database
        .prepare('SELECT name FROM notes')
        .all()
        .filter(({ name }) => !present.has(name));
      await inBatches(names, (name) => isStale(name) && index(name, readFileSync(pathOf(name), 'utf8')), onProgress);
      await inBatches(gone, ({ name }) => forget(name), onProgress);
    },
    prune: (days) => pruneRevisions(database, days),
    recordSignIn: (user) => database.prepare('INSERT INTO sign_ins (user, at) VALUES (?, ?)').run(user, new Date().toISOString()),
    isReadable: () => database.prepare('SELECT count(*) AS notes FROM notes').get().notes >= 0,
    close: () => database.close(),
  };
  return notes;

  function inTransaction(work) {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }

  /** A commit for each note would make the first start on a large workspace slow; one for all would keep the server from answering. */
  async function inBatches(all, work, onProgress) {
    for (let begin = 0; begin < all.length; begin += batch) {
      await onProgress(`note ${begin + 1} of ${all.length}`);
      inTransaction(() => all.slice(begin, begin + batch).forEach(work));
    }
  }

  function forget(name) {
    database.prepare('DELETE FROM notes WHERE name = ?').run(name);
  }

  function isStale(name) {
    const row = rowOf(name);
    const { size, mtime } = statSync(pathOf(name));
    return row === undefined || row.bytes !== size || row.modifiedAt < mtime.toISOString();
  }

  function index(name, text) {
    const sha256 = createHash('sha256').update(text).digest('hex');
    const title = /^#\s+(.+)$/m.exec(text)?.[1]?.trim() ?? name;
    const row = { name, title, bytes: Buffer.byteLength(text), sha256, modifiedAt: new Date().toISOString() };
    database
      .prepare(
        `INSERT INTO notes (name, title, bytes, sha256, modified_at) VALUES (:name, :title, :bytes, :sha256, :modifiedAt)
         ON CONFLICT (name) DO UPDATE SET title = :title, bytes = :bytes, sha256 = :sha256, modified_at = :modifiedAt`,
      )
      .run(row);
    return row;
  }
}
