/**
 * A physical backup of a running cluster, by PostgreSQL's low-level API
 * (https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP). Runs in the worker.
 *
 * One session begins and ends the backup; it has to stay open all the time. Beside it the write-ahead log is streamed into scratch, so
 * that no part of it can be recycled away, and so that after the product has stopped everything up to the shutdown's last record is here
 * already: at its orderly shutdown a server waits until those who follow its log have all of it. Nothing is left in the cluster:
 * the slot is a temporary one and goes with the connection. Where the log may not be streamed, the session holds a slot until `complete`
 * has copied the log.
 */
import { join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { copyFile, makeFolder, namesIn, openFile, writeDurably, type FileHandle } from '../platform/files.ts';
import { pause } from '../platform/clock.ts';
import { parsePosition } from '../platform/postgres.ts';
import { followLog, type LogStream } from '../platform/postgres-log.ts';
import { randomId } from '../platform/random.ts';
import { addressOf, type AskedCluster } from './postgres-cluster.ts';
import { beginMoment, type Moment } from './postgres-count.ts';
import { connectToOwn, type OwnSession } from './postgres-session.ts';
import type { PostgresSpec } from './postgres-store.ts';
import { parseLabel, parseSegment, segmentAt, segmentName, segmentsBetween } from './postgres-wal.ts';

export interface HoldInput {
  cluster: AskedCluster;
  spec: Pick<PostgresSpec, 'role' | 'database'>;
  /** Where the log and the label go. It is there, and empty. */
  scratch: string;
}

export interface BeginAnswer {
  /** Why the log is not streamed; null when it is. */
  notStreamed: string | null;
  /** Tables of the product's database whose content is in no log. */
  unlogged: string[];
  segmentBytes: number;
}

export interface CompleteAnswer {
  /** Names of the segments in `scratch/pg_wal` that make the base whole; the first and the last position of the backup. */
  segments: string[];
  from: string;
  to: string;
  timeline: number;
}

export interface FinishAnswer {
  /** Up to where the log was streamed; null where it was not. */
  streamedTo: string | null;
}

export interface HeldCluster {
  begin(): Promise<BeginAnswer>;
  /** Ends the backup: writes `backup_label` to scratch, and has the log up to here in `scratch/pg_wal`. */
  complete(): Promise<CompleteAnswer>;
  /** Waits until the log that a stopping server sent is written; `to`: the position that a server which still runs must have sent. */
  finish(): Promise<FinishAnswer>;
  /** Rows by table at the end of the backup; null where they cannot be told exactly. Once, after `complete`. */
  counts(): Promise<Record<string, number> | null>;
  close(): Promise<void>;
}

/** Milliseconds for which the stream may need to catch up. */
const patience = 60_000;

/** Connects, and proves that it is the folder's own server. */
export async function holdCluster({ cluster, spec, scratch }: HoldInput): Promise<HeldCluster> {
  const session = await connectToOwn(cluster, spec);
  const wal = join(scratch, 'pg_wal');
  await makeFolder(wal);
  const one = async (statement: string) => (await session.rows(statement))[0] ?? {};
  const slot = `moult_${randomId()}`;
  const facts = await one(
    `SELECT (SELECT bytes_per_wal_segment FROM pg_control_init())::text AS bytes, (SELECT timeline_id FROM pg_control_checkpoint())::text AS timeline,
      current_setting('wal_level') AS level, CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_current_wal_flush_lsn()::text END AS position`,
  );
  const segmentBytes = Number(facts['bytes']);
  const log = new SegmentWriter(wal, Number(facts['timeline']), segmentBytes);
  let stream: LogStream | null = null;
  const counting = await connectToOwn(cluster, spec).catch(() => null);
  let moment: Moment | null = null;
  return {
    begin: async () => {
      if (facts['position'] === null || facts['position'] === undefined) throw inRecovery(cluster);
      const position = parsePosition(facts['position']);
      const aligned = segmentAt(position, segmentBytes) * BigInt(segmentBytes);
      const from = { position: aligned, timeline: log.timeline, slot };
      let notStreamed: string | null = null;
      try {
        stream = await followLog(addressOf(cluster, spec), from, (at, content) => log.write(at, content));
      } catch (error) {
        notStreamed = (error as Error).message;
        // Without slots the log may be recycled before it is copied; `complete` would notice.
        await session.rows(`SELECT pg_create_physical_replication_slot('${slot}', true, true)`).catch(() => {});
      }
      await startBackup(session);
      return { notStreamed, unlogged: await unloggedTables(session), segmentBytes };
    },
    complete: async () => {
      // What is only for the manifest is no reason to fail.
      moment = counting === null ? null : await beginMoment(counting, session).catch(() => null);
      const { label, to } = await stopBackup(session);
      await moment?.ended();
      const start = parseLabel(label);
      const from = parsePosition(start.position);
      // The label's folder is the scratch folder itself; `0600` is what PostgreSQL gives such files too.
      await writeDurably(join(scratch, 'backup_label'), label, 0o600);
      const last = to % BigInt(segmentBytes) === 0n ? to - 1n : to;
      const segments = segmentsBetween(from, last, start.timeline, segmentBytes);
      // The end of a backup begins a new segment, so these do not change any more once they are full.
      const full = (segmentAt(last, segmentBytes) + 1n) * BigInt(segmentBytes);
      if (stream === null) await copySegments(cluster.folder, wal, segments);
      else await until(() => (stream as LogStream).position() >= full, stream);
      return { segments, from: start.position, to: to.toString(), timeline: start.timeline };
    },
    finish: async () => {
      if (stream === null) return { streamedTo: null };
      const streaming = stream;
      if (!(await isOver(session))) {
        // Its server goes on running: all that was committed is what it has flushed.
        const { position } = await one('SELECT pg_current_wal_flush_lsn()::text AS position');
        await until(() => streaming.position() >= parsePosition(position ?? '0/0'), streaming);
        await streaming.stop();
      }
      await Promise.race([streaming.ended, pause(patience)]);
      return { streamedTo: streaming.position().toString() };
    },
    counts: async () => (await moment?.rows()) ?? null,
    close: async () => {
      await counting?.close();
      await stream?.stop();
      await log.close();
      await session.close();
    },
  };
}

function inRecovery(cluster: AskedCluster): Failure {
  return new Failure(
    'unsupported',
    `the PostgreSQL of ${cluster.folder} is in recovery or follows another server, so it cannot be backed up while it runs`,
    {
      remedy: { action: 'wait', text: 'Wait until it has recovered, or stop the product, then back up again.' },
    },
  );
}

/** Whether the session has ended, as it does when its server stops. */
async function isOver(session: OwnSession): Promise<boolean> {
  return session.rows('SELECT 1').then(
    () => false,
    () => true,
  );
}

async function until(isReached: () => boolean, stream: LogStream): Promise<void> {
  let error: Error | null | undefined;
  void stream.ended.then((reason) => (error = reason ?? new Error('the server ended it')));
  for (let waited = 0; !isReached(); waited += 20) {
    if (error !== undefined || waited > patience)
      throw new Error(`the stream of PostgreSQL's log broke off: ${error?.message ?? 'it stands still'}`);
    await pause(20);
  }
}

/** An immediate checkpoint: without it the beginning could take minutes. The functions have other names before 15. */
async function startBackup(session: OwnSession): Promise<void> {
  await session.rows(session.version >= 150_000 ? `SELECT pg_backup_start('moult', true)` : `SELECT pg_start_backup('moult', true, false)`);
}

async function stopBackup(session: OwnSession): Promise<{ label: string; to: bigint }> {
  const call = session.version >= 150_000 ? 'pg_backup_stop(false)' : 'pg_stop_backup(false, false)';
  const [row] = await session.rows(`SELECT lsn::text AS lsn, labelfile FROM ${call}`);
  return { label: row?.['labelfile'] ?? '', to: parsePosition(row?.['lsn'] ?? '') };
}

async function unloggedTables(session: OwnSession): Promise<string[]> {
  const rows = await session.rows(
    `SELECT c.oid::regclass::text AS name FROM pg_class c WHERE c.relpersistence = 'u' AND c.relkind IN ('r', 'm') AND pg_relation_size(c.oid) > 0 ORDER BY 1 LIMIT 20`,
  );
  return rows.map((row) => row['name'] ?? '');
}

async function copySegments(folder: string, to: string, segments: readonly string[]): Promise<void> {
  for (const name of segments) {
    await copyFile(join(folder, 'pg_wal', name), join(to, name)).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? new Error(`PostgreSQL has recycled ${name} of its log before it was copied`) : error;
    });
  }
}

/** Puts stretches of the log into segment files, each made in its full length. */
class SegmentWriter {
  readonly timeline: number;
  readonly #folder: string;
  readonly #segmentBytes: number;
  #current: { number: bigint; file: FileHandle } | null = null;

  constructor(folder: string, timeline: number, segmentBytes: number) {
    this.#folder = folder;
    this.timeline = timeline;
    this.#segmentBytes = segmentBytes;
  }

  async write(position: bigint, content: Uint8Array): Promise<void> {
    for (let done = 0; done < content.length;) {
      const at = position + BigInt(done);
      const offset = Number(at % BigInt(this.#segmentBytes));
      const part = content.subarray(done, done + Math.min(content.length - done, this.#segmentBytes - offset));
      const file = await this.#open(segmentAt(at, this.#segmentBytes));
      await file.write(part, 0, part.length, offset);
      done += part.length;
    }
  }

  async close(): Promise<void> {
    await this.#current?.file.close();
    this.#current = null;
  }

  async #open(number: bigint): Promise<FileHandle> {
    if (this.#current?.number === number) return this.#current.file;
    await this.#current?.file.close();
    const path = join(this.#folder, segmentName({ timeline: this.timeline, number }, this.#segmentBytes));
    const file = await openFile(path, 'a').then(async (made) => {
      await made.close();
      return openFile(path, 'r+');
    });
    await file.truncate(this.#segmentBytes);
    this.#current = { number, file };
    return file;
  }
}

/** The segments that are in a folder, in their order. */
export async function segmentsIn(folder: string, segmentBytes: number): Promise<{ name: string; timeline: number; number: bigint }[]> {
  return (await namesIn(folder)).flatMap((name) => {
    const segment = parseSegment(name, segmentBytes);
    return segment === null ? [] : [{ name, ...segment }];
  });
}
