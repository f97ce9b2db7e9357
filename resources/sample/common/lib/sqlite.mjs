/** SQLite as it comes with Node, without the warning that it prints at its first use. */
const { emitWarning } = process;
process.emitWarning = (warning, ...rest) => {
  if (!String(warning).startsWith('SQLite is an experimental feature')) emitWarning.call(process, warning, ...rest);
};

export const { DatabaseSync } = await import('node:sqlite');

/** Opens the datastore. Readers and the one writer do not wait for each other (WAL); a commit is on the disk when it returns. */
export function openDatabase(file) {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON');
  return database;
}
