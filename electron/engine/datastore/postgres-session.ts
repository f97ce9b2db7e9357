/** Sessions with the server of a data folder, and the proof that it is that folder's server and no other. */
import { Failure } from '../../api/failure.ts';
import { realPathOrNull } from '../platform/files.ts';
import { connectPostgres, type PostgresSession } from '../platform/postgres.ts';
import { addressOf, type AskedCluster } from './postgres-cluster.ts';
import type { PostgresSpec } from './postgres-store.ts';

export interface OwnSession extends PostgresSession {
  /** As `server_version_num`: 150018 is 15.18. */
  version: number;
  inRecovery: boolean;
}

/**
 * Connects to the cluster's own server. Throws `check-failed` when whoever answers has another data folder or another cluster: nothing
 * but this question has then been asked of it.
 */
export async function connectToOwn(
  cluster: AskedCluster,
  spec: Pick<PostgresSpec, 'role' | 'database'>,
  options: { statementLimit?: number } = {},
): Promise<OwnSession> {
  const address = addressOf(cluster, spec);
  const session = await connectPostgres(address, options).catch((error: unknown) => {
    throw explainPostgres(error, cluster, spec);
  });
  try {
    return { ...session, ...(await proveOwn(session, cluster)) };
  } catch (error) {
    await session.close();
    throw explainPostgres(error, cluster, spec);
  }
}

async function proveOwn(session: PostgresSession, cluster: AskedCluster): Promise<Pick<OwnSession, 'version' | 'inRecovery'>> {
  const [row] = await session.rows(
    `SELECT current_setting('data_directory') AS folder, (SELECT system_identifier FROM pg_control_system())::text AS identifier,
      current_setting('server_version_num') AS version, pg_is_in_recovery()::text AS recovery`,
  );
  const folder = row?.['folder'] ?? '';
  const real = (await realPathOrNull(folder)) ?? folder;
  const expected = cluster.control?.systemIdentifier ?? null;
  if (real !== cluster.folder || (expected !== null && row?.['identifier'] !== expected)) {
    throw new Failure('check-failed', `the PostgreSQL that answers for ${cluster.folder} is another one: its data are in ${folder}`, {
      remedy: { action: 'stop-service', text: 'Stop the other PostgreSQL or let it listen elsewhere. Moult did not touch it.' },
      details: { reason: 'foreign', expected: cluster.folder, found: folder, identifier: row?.['identifier'] ?? null },
    });
  }
  return { version: Number(row?.['version'] ?? 0), inRecovery: row?.['recovery'] === 'true' };
}

/** What PostgreSQL and the network say, in words. What is not known passes as it is. */
export function explainPostgres(
  error: unknown,
  cluster: Pick<AskedCluster, 'folder'>,
  spec: Pick<PostgresSpec, 'role' | 'database'>,
): unknown {
  if (error instanceof Failure || !(error instanceof Error)) return error;
  const code = (error as Error & { code?: string }).code ?? '';
  const problem = problemOf(code, error.message, spec);
  if (problem === null) return error;
  return new Failure('io', `the PostgreSQL of ${cluster.folder} ${problem.what}`, {
    cause: error,
    details: { code, folder: cluster.folder },
    remedy: problem.remedy,
  });
}

type Remedy = NonNullable<ConstructorParameters<typeof Failure>[2]>['remedy'] & object;

function problemOf(code: string, message: string, spec: Pick<PostgresSpec, 'role' | 'database'>): { what: string; remedy: Remedy } | null {
  const retry: Remedy = { action: 'retry', text: 'Look whether the product runs as it should, and try again.' };
  const edit: Remedy = { action: 'edit-descriptor', text: 'Name the right role and database in the descriptor.' };
  if (/^(?:ECONN|ENOENT|EPIPE|ETIMEDOUT|EACCES)/.test(code)) return { what: `does not answer (${message})`, remedy: retry };
  if (code === '3D000') return { what: `has no database "${spec.database}"`, remedy: edit };
  if (code.startsWith('28')) return { what: `does not let the role "${spec.role}" in: ${message}`, remedy: edit };
  if (code === '42501')
    return { what: `does not allow that to the role "${spec.role}", which must be a superuser: ${message}`, remedy: edit };
  if (code === '57P03') return { what: `is not ready: ${message}`, remedy: { action: 'wait', text: 'Wait until it is, then try again.' } };
  if (code === '53300') return { what: `has no connection left: ${message}`, remedy: retry };
  if (/^57P0[124]/.test(code)) return { what: `was stopped meanwhile: ${message}`, remedy: retry };
  return null;
}
