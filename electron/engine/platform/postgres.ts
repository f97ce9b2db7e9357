/**
 * The only door to PostgreSQL servers; `postgres-log.ts` follows their write-ahead log. Nothing is taken from the environment
 * (`PGHOST`, `PGPASSWORD` and their like): whoever connects says to which server. Values come back as the server writes them.
 */
import type { Client } from 'pg';

/** Where a server listens, and who asks. Log positions (LSN) are bytes since the cluster was made. */
export interface PostgresAddress {
  /** The folder of its socket, or the address it listens on. */
  host: string;
  port: number;
  role: string;
  database: string;
}

export type PostgresRow = Record<string, string | null>;

export interface PostgresSession {
  /** Runs one statement. Throws errors whose `code` is a SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html) or Node's own. */
  rows(statement: string, values?: readonly string[]): Promise<PostgresRow[]>;
  /** Resolves when the session is over, for whatever reason. */
  ended: Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds for which a connection is awaited. */
const patience = 10_000;
/** Connects. `statementLimit` is in seconds, for each statement; 0 is no limit. */
export async function connectPostgres(address: PostgresAddress, options: { statementLimit?: number } = {}): Promise<PostgresSession> {
  const client = await newClient(address, { statement_timeout: (options.statementLimit ?? 0) * 1000 });
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
  // Without a listener the loss of an idle connection would be an uncaught error.
  client.on('error', () => {});
  await connectClient(client);
  return {
    rows: async (statement, values) => {
      const result = await client.query({ text: statement, values: values === undefined ? [] : [...values] });
      return result.rows as PostgresRow[];
    },
    ended,
    close: () => client.end().catch(() => {}),
  };
}

/** `F/1A2B3C4D` as a number. */
export function parsePosition(text: string): bigint {
  const match = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text.trim());
  if (match === null) throw new Error(`not a position in a log: ${text}`);
  return (BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`);
}

export function positionText(position: bigint): string {
  return `${(position >> 32n).toString(16).toUpperCase()}/${(position & 0xffffffffn).toString(16).toUpperCase()}`;
}

/** A client of the server, not yet connected; `replication` is for `postgres-log.ts`. */
export async function newClient(address: PostgresAddress, more: { replication?: string; statement_timeout?: number }): Promise<Client> {
  // Loaded only where it is needed: most calls never meet a PostgreSQL.
  const { default: pg } = await import('pg');
  const settings = {
    host: address.host,
    port: address.port,
    user: address.role,
    database: address.database,
    // A password is none of Moult's business; without this one would be looked for in the environment.
    password: () => '',
    ssl: false,
    application_name: 'moult',
    connectionTimeoutMillis: patience,
    keepAlive: true,
    types: { getTypeParser: () => (value: unknown) => value },
    ...more,
  };
  return new pg.Client(settings);
}

/** Connects; the client does not always close what it could not open. */
export async function connectClient(client: Client): Promise<void> {
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}
