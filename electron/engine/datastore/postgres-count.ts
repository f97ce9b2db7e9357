/**
 * Rows by table, for a backup's manifest and for the drill that compares. They are exact or there are none: of a server that runs, rows are
 * counted as one moment saw them, and that is proven to be the moment at which the backup ends.
 */
import { pause, ticks } from '../platform/clock.ts';
import type { PostgresRow } from '../platform/postgres.ts';
import type { OwnSession } from './postgres-session.ts';

type Ask = (statement: string) => Promise<PostgresRow[]>;

/** Milliseconds for which a moment without a writer is waited for, and after which whoever was just about to commit has done so. */
const quietPatience = 1000;
const commitPatience = 1000;
/** Transactions that are looked at one by one; with more, somebody is busy for long. */
const mostTransactions = 1_000_000;

/** Ordinary tables of a database; those of PostgreSQL itself and those whose content is in no log are left out. */
export async function countTables(ask: Ask, signal?: AbortSignal): Promise<Record<string, number>> {
  const tables = await ask(
    `SELECT format('%I.%I', n.nspname, c.relname) AS place, CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS name
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'
     ORDER BY 2`,
  );
  const rows: Record<string, number> = {};
  for (const { place, name } of tables) {
    signal?.throwIfAborted();
    const [counted] = await ask(`SELECT count(*)::text AS rows FROM ${place}`);
    rows[name ?? ''] = Number(counted?.['rows']);
  }
  return rows;
}

export interface Moment {
  /** To be called right after the end of the backup: nobody may have committed since the moment began. */
  ended(): Promise<void>;
  /** Rows as they were; null where somebody committed between the moment and the end, so that nobody can tell. */
  rows(): Promise<Record<string, number> | null>;
}

/**
 * Begins a moment: a snapshot that stays while others go on, taken when nobody is writing where that can be waited for. `own` is a session for
 * this alone, `other` any other one of the same server. Null where commits may wait for others, so that their order cannot be told.
 */
export async function beginMoment(own: OwnSession, other: OwnSession): Promise<Moment | null> {
  const [set] = await own.rows(
    `SELECT current_setting('synchronous_standby_names') AS standbys, (SELECT count(*) FROM pg_prepared_xacts)::text AS prepared`,
  );
  if (set?.['standbys'] !== '' || set['prepared'] !== '0') return null;
  const before = await quietSnapshot(own);
  let after: { snapshot: string; writers: string[]; at: number } | null = null;
  return {
    ended: async () => {
      // In this order: who commits just now is either still named or seen by the snapshot.
      const writers = await writersOf(other);
      after = { snapshot: await snapshotOf(other), writers, at: ticks() };
    },
    rows: async () => {
      if (after === null) return null;
      const counted = await countTables((statement) => own.rows(statement));
      await own.rows('COMMIT');
      // A commit is in the log a moment before others see it.
      const wait = commitPatience - (ticks() - after.at);
      if (wait > 0) await pause(wait);
      return (await nobodyCommitted(other, before, after)) ? counted : null;
    },
  };
}

async function quietSnapshot(own: OwnSession): Promise<string> {
  for (const from = ticks(); (await writersOf(own)).length > 0 && ticks() - from < quietPatience;) await pause(2);
  await own.rows('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
  return snapshotOf(own);
}

/** `xmin:xmax:running`, in numbers of 64 bits. */
async function snapshotOf(session: OwnSession): Promise<string> {
  const [row] = await session.rows('SELECT txid_current_snapshot()::text AS snapshot');
  return row?.['snapshot'] ?? '';
}

/** Transactions that have written and are not over, in numbers of 32 bits; the newest of them are in no snapshot. */
async function writersOf(session: OwnSession): Promise<string[]> {
  const rows = await session.rows('SELECT backend_xid::text AS id FROM pg_stat_activity WHERE backend_xid IS NOT NULL');
  return rows.map(({ id }) => id ?? '');
}

/** Whether none of the transactions that `before` did not see and that had begun by the end was committed. */
async function nobodyCommitted(session: OwnSession, before: string, after: { snapshot: string; writers: string[] }): Promise<boolean> {
  const [first, last] = [BigInt(before.split(':')[0] ?? ''), BigInt(after.snapshot.split(':')[1] ?? '')];
  if (last - first > BigInt(mostTransactions)) return false;
  const writers = after.writers.map((id) => inFull(BigInt(id), last));
  const [row] = await session.rows(
    `SELECT count(*)::text AS committed FROM (
       SELECT generate_series(${first}::bigint, ${last - 1n}::bigint) AS id UNION SELECT unnest(ARRAY[${writers.join(', ')}]::bigint[])
     ) AS begun
     WHERE NOT txid_visible_in_snapshot(id, '${before}'::txid_snapshot) AND coalesce(txid_status(id), '') NOT IN ('aborted', 'in progress')`,
  );
  return row?.['committed'] === '0';
}

/** The number of 64 bits that is nearest to one that is known. */
function inFull(id: bigint, near: bigint): bigint {
  const half = 1n << 31n;
  const same = (near & ~0xffffffffn) | id;
  if (same > near + half) return same - 2n * half;
  return same < near - half ? same + 2n * half : same;
}
