/**
 * Logical dumps: plain SQL, for going from one major version to another, and for what products write themselves. A dump is never played
 * over a database that is there, where it fails or leaves two schemas mixed: it goes into a new cluster beside the live one, in one
 * transaction, and only when that stands does anybody take it for the datastore.
 */
import { join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { copyFile, exists, followOrNull, makeFolder, remove, setOwner } from '../platform/files.ts';
import { ownUser } from '../platform/identity.ts';
import { runWithFiles } from '../platform/run-with-files.ts';
import { run } from '../platform/processes.ts';
import type { Store } from './capture.ts';
import { withServerAside, type Aside } from './postgres-aside.ts';
import { addressOf, lookAtCluster, runAs, stateOf, type Cluster } from './postgres-cluster.ts';
import { asidePort } from './postgres-server.ts';
import { connectToOwn } from './postgres-session.ts';
import {
  findPrograms,
  postgresStore,
  programEnvironment,
  programIn,
  programsFor,
  type PostgresSpec,
  type PostgresStore,
  type Programs,
} from './postgres-store.ts';

/** Dumps the database with the product's own `pg_dump`. Throws `unsupported` where it has none. */
export async function dumpPostgres(described: Store, to: string, signal?: AbortSignal): Promise<void> {
  const store = postgresStore(described);
  const cluster = await lookAtCluster(store.folder);
  if (cluster === null || stateOf(cluster) !== 'running') {
    throw new Failure('service-failed', `a dump needs PostgreSQL of ${store.folder} to run`, {
      remedy: { action: 'start-service', text: 'Start the product, then try again.' },
    });
  }
  const as = await runAs(cluster);
  const program = await programNamed('pg_dump', store, await programsFor(store, cluster.major, as));
  // Proves that it is this folder's server.
  await (await connectToOwn(cluster, store.spec)).close();
  const { host, port, role, database } = addressOf(cluster, store.spec);
  const command = [
    program,
    '--format=plain',
    '--no-owner',
    '--no-privileges',
    '-h',
    host,
    '-p',
    String(port),
    '-U',
    role,
    '-w',
    '-d',
    database,
  ];
  const result = await runWithFiles(command, { folder: '/', env: programEnvironment(), output: to, ...as, ...(signal && { signal }) });
  if (result.code === 0) return;
  await remove(to);
  throw failed('pg_dump', result.stderr);
}

/** Makes a cluster like the live one at `into` and plays the dump into its database. Removes what it made when that fails. */
export async function loadPostgresDump(described: Store, dump: string, into: string, signal?: AbortSignal): Promise<void> {
  const store = postgresStore(described);
  const live = await lookAtCluster(store.folder);
  if (await exists(into)) throw new Failure('bad-input', `${into} exists already; a dump is played into a new folder`);
  await makeFolder(into);
  try {
    const as = await prepareOwner(store, live, into);
    const programs = await programsToMake(store, live, as);
    const psql = await programNamed('psql', store, programs);
    await makeCluster(store, live, into, programs, as, signal);
    const aside = { folder: into, programs: programs.folder, as, major: programs.major, throwaway: false };
    await withServerAside(aside, async (server) => play(store.spec, server, { psql, dump, as, ...(signal && { signal }) }), signal);
  } catch (error) {
    await remove(into);
    signal?.throwIfAborted();
    throw error;
  }
}

export async function play(
  spec: Pick<PostgresSpec, 'role' | 'database'>,
  server: Aside,
  how: { psql: string; dump: string; as: { uid?: number; gid?: number }; signal?: AbortSignal },
): Promise<void> {
  if (spec.database !== 'postgres')
    await server.rows({ role: spec.role, database: 'postgres' }, `CREATE DATABASE ${quote(spec.database)} TEMPLATE template0`);
  const where = ['-h', server.socket, '-p', String(asidePort), '-U', spec.role, '-w', '-d', spec.database];
  const command = [how.psql, '--no-psqlrc', '--quiet', '--single-transaction', '--set=ON_ERROR_STOP=1', '--output=/dev/null', ...where];
  const { code, stderr } = await runWithFiles(command, {
    folder: '/',
    env: programEnvironment(),
    input: how.dump,
    ...how.as,
    ...(how.signal && { signal: how.signal }),
  });
  if (code !== 0)
    throw new Failure('bad-backup', `the dump ${how.dump} cannot be played: ${lastWords(stderr)}. The live data were not touched.`, {
      details: { stderr },
    });
}

/** Made by `initdb` with the encoding and the checksums of the live cluster, and with its settings where they are of the same version. */
export async function makeCluster(
  store: PostgresStore,
  live: Cluster | null,
  into: string,
  programs: Programs,
  as: { uid?: number; gid?: number },
  signal: AbortSignal | undefined,
  hasSettings = true,
): Promise<void> {
  const initdb = await programNamed('initdb', store, programs);
  const wantsChecksums = live?.control?.checksums === true;
  const command = [
    initdb,
    '-D',
    into,
    '-U',
    store.spec.role,
    '-A',
    'trust',
    '--encoding=UTF8',
    // From 18 on checksums are what initdb does by itself.
    ...(wantsChecksums ? ['--data-checksums'] : Number(programs.major) >= 18 && live !== null ? ['--no-data-checksums'] : []),
  ];
  const made = await run(command, { folder: '/', env: programEnvironment(), limit: 300, ...as, ...(signal && { signal }) });
  if (made.code !== 0) throw failed('initdb', made.stderr);
  if (live === null || !hasSettings) return;
  for (const name of ['postgresql.conf', 'postgresql.auto.conf', 'pg_hba.conf', 'pg_ident.conf']) {
    const path = join(live.folder, name);
    if ((await followOrNull(path))?.isFile() !== true) continue;
    await copyFile(path, join(into, name));
    if (as.uid !== undefined) await setOwner(join(into, name), as.uid, as.gid ?? as.uid);
  }
}

/** The new folder belongs to whom the live one belongs, else to the folder above. */
async function prepareOwner(store: PostgresStore, live: Cluster | null, into: string): Promise<{ uid?: number; gid?: number }> {
  const above = await followOrNull(join(store.folder, '..'));
  const owner = live?.owner ?? { uid: above?.uid ?? 0, gid: above?.gid ?? 0 };
  if (ownUser() === 0) await setOwner(into, owner.uid, owner.gid);
  return runAs({ folder: into, owner });
}

/** Those of the live cluster's version, else the newest there are. */
async function programsToMake(store: PostgresStore, live: Cluster | null, as: { uid?: number; gid?: number }): Promise<Programs> {
  if (live !== null) return programsFor(store, live.major, as);
  const [newest] = (await findPrograms(store, as)).sort((a, b) => Number(b.major) - Number(a.major));
  return newest ?? programsFor(store, 'any version', as);
}

export async function programNamed(name: string, store: PostgresStore, programs: Programs): Promise<string> {
  const program = programIn(programs.folder, name);
  if (await exists(program)) return program;
  throw new Failure('unsupported', `there is no ${name} in ${programs.folder}`, {
    remedy: { action: 'edit-descriptor', text: `Name a folder with all programs of PostgreSQL ${programs.major} in the descriptor.` },
    details: { searched: store.binaries },
  });
}

export function failed(program: string, stderr: string): Failure {
  return new Failure('command-failed', `${program} failed: ${lastWords(stderr)}`, { details: { stderr } });
}

function lastWords(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.find((line) => /\b(?:error|fatal)\b/i.test(line)) ?? lines.at(-1) ?? 'it said nothing';
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
