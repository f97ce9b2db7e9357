/** A ledger that is one number in the header of a SQLite database: `PRAGMA user_version` (https://www.sqlite.org/pragma.html#pragma_user_version). */
import type { LedgerSpec } from '../product/schema.ts';
import { readTextOrNull } from '../platform/files.ts';
import type { LedgerDriver, ReleaseMigrations } from './reading.ts';
import { readLedger } from './read-ledger.ts';

type Spec = Extract<LedgerSpec, { driver: 'pragma' }>;

export const pragmaDriver: LedgerDriver<Spec> = {
  read: (_, paths) =>
    readLedger(paths, (database) => {
      const version = Number(database.pragma('user_version', { simple: true }));
      // Zero is what every new database has: nobody has written a version yet.
      return version === 0 ? null : { version: String(version), applied: [], dirty: null };
    }),
  migrationsOf,
};

async function migrationsOf({ known }: Spec, fill: (text: string) => string): Promise<ReleaseMigrations> {
  if (known === undefined) return { known: null, files: [] };
  const text = await readTextOrNull(fill(known.file));
  const value = text === null ? undefined : valueAt(text, known.pointer);
  const said = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : '';
  return { known: /^\d+$/.test(said) ? said : null, files: [] };
}

/** The value at a JSON Pointer (RFC 6901); undefined where there is none, or no JSON. */
function valueAt(text: string, pointer: string): unknown {
  try {
    let value: unknown = JSON.parse(text);
    for (const part of pointer.split('/').slice(1)) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      value =
        value !== null && typeof value === 'object' && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
    }
    return value;
  } catch {
    return undefined;
  }
}
