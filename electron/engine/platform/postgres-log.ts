/**
 * Follows the write-ahead log of a PostgreSQL server through a temporary slot, so that the server keeps what was not yet taken, and at
 * its orderly shutdown waits until its last record was taken. The slot goes with the connection.
 * Protocol: https://www.postgresql.org/docs/current/protocol-replication.html
 */
import type { Client } from 'pg';
import { connectClient, newClient, positionText, type PostgresAddress } from './postgres.ts';

/** Takes a stretch of the log, as it comes. */
export type LogSink = (position: bigint, content: Uint8Array) => Promise<void>;

export interface LogStart {
  /** The beginning of a segment. */
  position: bigint;
  timeline: number;
  /** The slot's name: lower-case letters, digits and underscores. */
  slot: string;
}

export interface LogStream {
  /** All before this position has been taken by the sink. */
  position(): bigint;
  /** Resolves when the server has ended the stream, at its orderly shutdown, or when it broke: then with the error of the sink or the connection. */
  ended: Promise<Error | null>;
  /** Ends the stream from this side. */
  stop(): Promise<void>;
}

/** Bytes that may wait for the sink before the server is held up. */
const mostWaiting = 32 * 1024 * 1024;
/** Milliseconds between two words to the server, which gives up after 60 s of silence (`wal_sender_timeout`). */
const heartbeat = 5000;

/** First bytes of what the server sends: a stretch of the log, and a keepalive that may want an answer. */
const logData = 0x77;
const keepalive = 0x6b;

/** Begins to follow. Needs a role that may replicate, and a line for `replication` in `pg_hba.conf`; throws what the server says where one is missing. */
export async function followLog(address: PostgresAddress, from: LogStart, sink: LogSink): Promise<LogStream> {
  const client = await newClient(address, { replication: 'true' });
  const follower = new LogFollower(client, from.position, sink);
  await connectClient(client);
  try {
    await client.query(`CREATE_REPLICATION_SLOT "${from.slot}" TEMPORARY PHYSICAL RESERVE_WAL`);
    await follower.begin(`START_REPLICATION SLOT "${from.slot}" PHYSICAL ${positionText(from.position)} TIMELINE ${from.timeline}`);
    return follower;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

/** What of the client's inside is needed: it knows no replication by itself. */
interface RawConnection {
  stream: { pause(): void; resume(): void };
  on(event: 'copyData', listener: (message: { chunk: Buffer }) => void): void;
  once(event: 'replicationStart', listener: () => void): void;
  sendCopyFromChunk(chunk: Buffer): void;
}

class LogFollower implements LogStream {
  readonly ended: Promise<Error | null>;
  readonly #client: Client;
  readonly #connection: RawConnection;
  readonly #sink: LogSink;
  #taken: bigint;
  #waiting = 0;
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #end: (error: Error | null) => void = () => {};

  constructor(client: Client, from: bigint, sink: LogSink) {
    this.#client = client;
    this.#connection = (client as unknown as { connection: RawConnection }).connection;
    this.#taken = from;
    this.#sink = sink;
    const over = new Promise<Error | null>((resolve) => (this.#end = resolve));
    client.on('error', (error: Error) => this.#end(error));
    client.once('end', () => this.#end(null));
    this.ended = over.then((error) => this.#finish(error));
  }

  position(): bigint {
    return this.#taken;
  }

  async stop(): Promise<void> {
    this.#end(null);
    await this.#client.end().catch(() => {});
    await this.ended;
  }

  async begin(command: string): Promise<void> {
    this.#connection.on('copyData', ({ chunk }) => this.#take(chunk));
    const started = new Promise<void>((resolve) => this.#connection.once('replicationStart', resolve));
    // The command ends when the stream does.
    const running = this.#client.query(command).then(() => this.#end(null));
    running.catch((error: unknown) => this.#end(error as Error));
    await Promise.race([started, running]);
    this.#timer = setInterval(() => this.#tell(), heartbeat);
    this.#timer.unref();
  }

  #take(chunk: Buffer): void {
    if (chunk[0] === keepalive && chunk[17] === 1) this.#work = this.#work.then(() => this.#tell());
    if (chunk[0] !== logData) return;
    const position = chunk.readBigUInt64BE(1);
    // A copy: the client uses its buffer again.
    const content = Uint8Array.from(chunk.subarray(25));
    this.#waiting += content.length;
    if (this.#waiting > mostWaiting) this.#connection.stream.pause();
    this.#work = this.#work.then(() => this.#put(position, content));
    this.#work.catch((error: unknown) => {
      this.#end(error as Error);
      void this.#client.end().catch(() => {});
    });
  }

  async #put(position: bigint, content: Uint8Array): Promise<void> {
    await this.#sink(position, content);
    this.#taken = position + BigInt(content.length);
    this.#waiting -= content.length;
    if (this.#waiting <= mostWaiting) this.#connection.stream.resume();
    this.#tell();
  }

  /** "Standby status update": all three positions, the time (which nobody needs), and that no answer is wanted. */
  #tell(): void {
    const status = Buffer.alloc(34);
    status.write('r', 0, 'latin1');
    for (const at of [1, 9, 17]) status.writeBigUInt64BE(this.#taken, at);
    this.#connection.sendCopyFromChunk(status);
  }

  /** Everything that came is still given to the sink. */
  async #finish(error: Error | null): Promise<Error | null> {
    clearInterval(this.#timer);
    return this.#work.then(
      () => error,
      (failed: unknown) => failed as Error,
    );
  }
}
