/** What the audit has to know of a product to judge a world of it: where its data is, what it makes by itself, whether it is well. */
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';

export type ProductName = 'stub' | 'sprig';

/** Rows as text, and how far the datastore is migrated: a number, or a whole ledger as text. */
export interface DatastoreContent {
  rows: string[];
  schema: number | string;
}

export interface ProductFacts {
  /** Below the home. */
  datastore: string;
  /** By this its processes are known. */
  serving: string;
  /** What it makes and prints by itself. */
  isPassing: (path: string) => boolean;
  /** Throws where it is no datastore of this product. */
  read: (database: Database) => DatastoreContent;
  /** What is wrong with the running product; nothing when it is well and of that release. */
  ailments: (place: ProductPlace, release: string | null) => Promise<string[]>;
}

export interface ProductPlace {
  product: ProductName;
  live: string;
  port: number;
}

const stub: ProductFacts = {
  datastore: join('data', 'stub.db'),
  serving: 'stub.mjs serve',
  isPassing: (path) => /^(?:\.moult|logs|cache)(?:\/|$)/.test(path),
  read: (database) => {
    const schema = Number(database.pragma('user_version', { simple: true }));
    const rows = schema === 0 ? [] : (database.prepare('SELECT text FROM notes ORDER BY id').pluck().all() as string[]);
    return { rows, schema };
  },
  ailments: async ({ port }, release) => {
    const told = await ask(port);
    return told?.['status'] === 'ok' && told['version'] === release ? [] : [`the running product says ${JSON.stringify(told)}`];
  },
};

const sprig: ProductFacts = {
  datastore: join('data', 'sprig.db'),
  serving: 'sprig.mjs serve',
  isPassing: (path) => /^(?:\.moult|logs|runtime|deps)(?:\/|$)/.test(path),
  read: (database) => ({ rows: rowsOfSprig(database), schema: ledgerOfSprig(database) }),
  ailments: async (place, release) => {
    const told = await ask(place.port, '/healthz');
    const isWell = told?.['status'] === 'ok' && told['version'] === release && told['build'] === buildOf(place, release);
    const ready = await ask(place.port, '/readyz');
    // Signed with the secret of the configuration, before any trouble.
    const session = await ask(place.port, '/api/me', readFileSync(sessionOf(place), 'utf8'));
    return [
      ...(isWell ? [] : [`the running product says ${JSON.stringify(told)}`]),
      ...(ready?.['ready'] === true ? [] : ['the running product is not ready']),
      ...(session?.['user'] === 'admin' ? [] : [`a session from before is answered with ${JSON.stringify(session)}`]),
    ];
  },
};

const facts: Record<ProductName, ProductFacts> = { stub, sprig };

export function factsOf(product: ProductName): ProductFacts {
  return facts[product];
}

/** Where the session of the person who signed in to Sprig is kept, outside of all that cases change. */
export function sessionOf({ live }: Pick<ProductPlace, 'live'>): string {
  return join(dirname(live), 'session');
}

/** Where a release of Sprig lies unpacked, as its publisher built it. */
export function buildFolder({ live }: Pick<ProductPlace, 'live'>): string {
  return join(dirname(live), 'build');
}

function buildOf(place: ProductPlace, release: string | null): string {
  const path = join(buildFolder(place), String(release), 'release.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { build: string }).build;
}

/** Every row of every table, without the column that 1.2.0 makes of another one. */
function rowsOfSprig(database: Database): string[] {
  const tables = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('schema_migrations', 'sqlite_sequence') ORDER BY name")
    .pluck()
    .all() as string[];
  return tables.flatMap((table) =>
    (database.prepare(`SELECT * FROM "${table}" ORDER BY 1`).all() as Record<string, unknown>[]).map(
      (row) => `${table} ${JSON.stringify({ ...row, tag_list: undefined })}`,
    ),
  );
}

function ledgerOfSprig(database: Database): string {
  const rows = database.prepare('SELECT * FROM schema_migrations ORDER BY version').all() as {
    version: number;
    name: string;
    checksum: string;
    applied_at: string | null;
  }[];
  return rows.map((row) => `${row.version} ${row.name} ${row.checksum}${row.applied_at === null ? ' unfinished' : ''}`).join('\n');
}

/** What a product answers; null where nothing does. */
export async function ask(port: number, path: string = '/', token?: string): Promise<Record<string, unknown> | null> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, headers, timeout: 2000, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => resolve(JSON.parse(text) as Record<string, unknown>));
    });
    request.on('error', () => resolve(null)).on('timeout', () => request.destroy());
  });
}
