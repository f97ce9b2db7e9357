/**
 * Writes into the datastore until nothing more fits, as a migration gone wild does, and exits. ZOO_FILL_BYTES bounds it where the volume
 * does not (64 MiB where it is not given): a limit that is reached ends it as the full disk would.
 */
import { placesIn } from './home.mjs';
import { openDatabase } from './sqlite.mjs';

const limit = Number(process.env.ZOO_FILL_BYTES ?? 64 * 1024 * 1024);
const chunk = 1024 * 1024;

export async function serve(home) {
  const database = openDatabase(placesIn(home).database);
  database.exec('CREATE TABLE ballast (content BLOB NOT NULL)');
  const insert = database.prepare('INSERT INTO ballast (content) VALUES (randomblob(?))');
  for (let written = 0; written < limit; written += chunk) insert.run(chunk);
  throw new Error('ENOSPC: no space left on device, write');
}
