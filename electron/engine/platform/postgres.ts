/**
 * The only door to PostgreSQL servers: a session, and the stream of their write-ahead log. Nothing is taken from the environment
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

/** A stretch of the log, as it comes. */
export type LogSink = (position: bigint, content: Uint8Array) => Promise<void>;

export interface LogStream {
  /** All before this position has been taken by the sink. */
  position(): bigint;
  /** Resolves when the server has ended the stream, at its orderly shutdown, or when it broke; with the error of the sink or the connection. */
  ended: Promise<Error | null>;
  /** Ends the stream from this side; the temporary slot goes with it. */
  stop(): Promise<void>;
}

/** Milliseconds for which a connection is awaited. */
const patience = 10_000;
/** Bytes that may wait for the sink before the server is held up. */
const mostWaiting = 32 * 1024 * 1024;
/** Milliseconds between two words to the server, which gives up after 60 s of silence (`wal_sender_timeout`). */
const heartbeat = 5000;

/** Connects. `statementLimit` is in seconds, for each statement; 0 is no limit. */
export async function connectPostgres(address: PostgresAddress, options: { statementLimit?: number } = {}): Promise<PostgresSession> {
  const client = await newClient(address, { statement_timeout: (options.statementLimit ?? 0) * 1000 });
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
  // Without a listener the loss of an idle connection would be an uncaught error.
  client.on('error', () => {});
  await connected(client);
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

/**
 * Streams the log from a position on, through a temporary slot, so that the server keeps what was not yet taken, and at its orderly
 * shutdown waits until its last record was taken. Needs a role that may replicate, and a line for `replication` in `pg_hba.conf`.
 * Protocol: https://www.postgresql.org/docs/current/protocol-replication.html
 */
export async function streamLog(
  address: PostgresAddress,
  from: { position: bigint; timeline: number; slot: string },
  sink: LogSink,
): Promise<LogStream> {
  const client = await newClient(address, { replication: 'true' });
  let over: (error: Error | null) => void = () => {};
  const ended = new Promise<Error | null>((resolve) => (over = resolve));
  client.on('error', (error: Error) => over(error));
  client.once('end', () => over(null));
  await connected(client);
  try {
    await client.query(`CREATE_REPLICATION_SLOT "${from.slot}" TEMPORARY PHYSICAL RESERVE_WAL`);
    return await follow(client, from, sink, ended, over);
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

/** What of the client's inside is needed for the log: it knows no replication by itself. */
interface RawConnection {
  stream: { pause(): void; resume(): void };
  on(event: 'copyData', listener: (message: { chunk: Buffer }) => void): void;
  once(event: 'replicationStart', listener: () => void): void;
  sendCopyFromChunk(chunk: Buffer): void;
}

async function follow(
  client: Client,
  from: { position: bigint; timeline: number; slot: string },
  sink: LogSink,
  ended: Promise<Error | null>,
  over: (error: Error | null) => void,
): Promise<LogStream> {
  const { connection } = client as unknown as { connection: RawConnection };
  let taken = from.position;
  let waiting = 0;
  let work = Promise.resolve();
  const tell = () => connection.sendCopyFromChunk(statusOf(taken));
  const take = (chunk: Buffer): void => {
    if (chunk[0] === 0x6b && chunk[17] === 1) work = work.then(tell);
    if (chunk[0] !== 0x77) return;
    const position = chunk.readBigUInt64BE(1);
    // A copy: the client uses its buffer again.
    const content = Uint8Array.prototype.slice.call(chunk, 25);
    waiting += content.length;
    if (waiting > mostWaiting) connection.stream.pause();
    work = work.then(async () => {
      await sink(position, content);
      taken = position + BigInt(content.length);
      waiting -= content.length;
      if (waiting <= mostWaiting) connection.stream.resume();
      tell();
    });
    work.catch((error: unknown) => {
      over(error as Error);
      void client.end().catch(() => {});
    });
  };
  const started = new Promise<void>((resolve, reject) => {
    connection.once('replicationStart', resolve);
    connection.on('copyData', ({ chunk }) => take(chunk));
    client
      .query(`START_REPLICATION SLOT "${from.slot}" PHYSICAL ${positionText(from.position)} TIMELINE ${from.timeline}`)
      .then(() => over(null))
      .catch((error: unknown) => {
        reject(error as Error);
        over(error as Error);
      });
  });
  await started;
  const timer = setInterval(tell, heartbeat);
  timer.unref();
  const finished = ended.then(async (error) => {
    clearInterval(timer);
    return work.then(
      () => error,
      (failed: unknown) => failed as Error,
    );
  });
  return {
    position: () => taken,
    ended: finished,
    stop: async () => {
      over(null);
      await client.end().catch(() => {});
      await finished;
    },
  };
}

/** "Standby status update": all three positions, the time (which nobody needs), and that no answer is wanted. */
function statusOf(position: bigint): Buffer {
  const status = Buffer.alloc(34);
  status.write('r', 0, 'latin1');
  for (const at of [1, 9, 17]) status.writeBigUInt64BE(position, at);
  return status;
}

async function newClient(address: PostgresAddress, more: { replication?: string; statement_timeout?: number }): Promise<Client> {
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
  return new pg.Client(settings as ConstructorParameters<typeof pg.Client>[0]);
}

/** The client does not always close what it could not open. */
async function connected(client: Client): Promise<void> {
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}
