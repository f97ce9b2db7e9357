/**
 * From one major version of PostgreSQL to another: every database is dumped, by a server of the old version that runs on the folder at rest,
 * and loaded into a new cluster beside it. Only when all of it stands does anybody take that for the datastore; the old folder is only read.
 * Refuses roles that the product does not have by itself: a dump of databases does not carry them.
 */
import { join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { exists, makeFolder, readTextOrNull, remove, setOwner, writeDurably } from '../platform/files.ts';
import { ownUser } from '../platform/identity.ts';
import { run } from '../platform/processes.ts';
import { runWithFiles } from '../platform/run-with-files.ts';
import type { Store } from './capture.ts';
import { withServerAside, type Aside } from './postgres-aside.ts';
import { lookAtCluster, runAs, type Cluster } from './postgres-cluster.ts';
import { failed, makeCluster, play, programNamed } from './postgres-dump.ts';
import { asidePort } from './postgres-server.ts';
import {
  findPrograms,
  postgresStore,
  programEnvironment,
  programIn,
  programsFor,
  type PostgresStore,
  type Programs,
} from './postgres-store.ts';

interface Carrying {
  store: PostgresStore;
  cluster: Cluster;
  as: { uid?: number; gid?: number };
  old: Programs;
  target: Programs;
  /** Dumps on their way. */
  scratch: string;
  signal: AbortSignal | undefined;
}

/**
 * Makes at `into` the content of the cluster at rest in `folder`, for the programs that the store has. False where they can read it as it
 * is, or where there are none yet. Throws `unsupported` where the programs for the way are missing; `into` is then not there.
 */
export async function carryOver(described: Store, folder: string, into: string, signal?: AbortSignal): Promise<boolean> {
  const store = postgresStore(described);
  const cluster = await lookAtCluster(folder);
  if (cluster === null) return false;
  const as = await runAs(cluster);
  const [target, ...others] = await findPrograms(store, as);
  if (target === undefined || [target, ...others].some((programs) => programs.major === cluster.major)) return false;
  const old = await programsFor(store, cluster.major, as);
  const scratch = `${into}.dumps`;
  try {
    await makeFolder(scratch);
    await makeFolder(into);
    if (ownUser() === 0) await setOwner(into, cluster.owner.uid, cluster.owner.gid);
    const carrying: Carrying = { store, cluster, as, old, target, scratch, signal };
    const databases = await dumpAll(carrying);
    await makeCluster(store, cluster, into, target, as, signal, false);
    await loadAll(carrying, into, databases);
    await carrySettings(carrying, into);
    return true;
  } catch (error) {
    await remove(into);
    signal?.throwIfAborted();
    throw error;
  } finally {
    await remove(scratch);
  }
}

/** Names of the databases, in the order of their dumps: `0.sql`, `1.sql` … */
async function dumpAll({ store, cluster, as, old, target, scratch, signal }: Carrying): Promise<string[]> {
  const program = await oneOf('pg_dump', store, [target, old]);
  const aside = { folder: cluster.folder, programs: old.folder, as, major: old.major, throwaway: false };
  // What goes wrong is thrown only once the server has stopped in order: the folder is the live one again then.
  const end = await withServerAside(
    aside,
    async (server) =>
      dumpsOf(server)
        .then((databases) => ({ databases }))
        .catch((error: unknown) => ({ error })),
    signal,
  );
  signal?.throwIfAborted();
  if ('error' in end) throw end.error;
  return end.databases;

  async function dumpsOf(server: Aside): Promise<string[]> {
    const ask = (statement: string) => server.rows({ role: store.spec.role, database: 'template1' }, statement);
    await refuseRoles(store, ask);
    const rows = await ask("SELECT datname FROM pg_database WHERE datallowconn AND datname <> 'template1' ORDER BY datname");
    const databases = rows.map((row) => row['datname'] ?? '');
    for (const [index, database] of databases.entries()) {
      const command = [program, '--format=plain', '--no-owner', '--no-privileges', ...socketOf(server, store), '-d', database];
      const output = join(scratch, `${index}.sql`);
      const { code, stderr } = await runWithFiles(command, {
        folder: '/',
        env: programEnvironment(),
        output,
        ...as,
        ...(signal && { signal }),
      });
      if (code !== 0) throw failed('pg_dump', stderr);
    }
    return databases;
  }
}

async function loadAll({ store, as, old, target, scratch, signal }: Carrying, into: string, databases: readonly string[]): Promise<void> {
  const psql = await oneOf('psql', store, [target, old]);
  const aside = { folder: into, programs: target.folder, as, major: target.major, throwaway: false };
  await withServerAside(
    aside,
    async (server) => {
      for (const [index, database] of databases.entries())
        await play({ ...store.spec, database }, server, { psql, dump: join(scratch, `${index}.sql`), as, ...(signal && { signal }) });
    },
    signal,
  );
}

/** What the old settings file says goes to the end of the new one, but for what the new version does not know. */
async function carrySettings({ cluster, as, target }: Carrying, into: string): Promise<void> {
  for (const name of ['pg_hba.conf', 'pg_ident.conf']) {
    const text = await readTextOrNull(join(cluster.folder, name));
    if (text !== null) await putInto(into, name, text, as);
  }
  const fresh = (await readTextOrNull(join(into, 'postgresql.conf'))) ?? '';
  let lines = ((await readTextOrNull(join(cluster.folder, 'postgresql.conf'))) ?? '').split('\n').filter((line) => /^\s*[a-z]/i.test(line));
  for (;;) {
    const carried = lines.length === 0 ? '' : `\n# From PostgreSQL ${cluster.major}:\n${lines.join('\n')}\n`;
    await putInto(into, 'postgresql.conf', `${fresh}${carried}`, as);
    const look = await run([programIn(target.folder, 'postgres'), '-D', into, '-C', 'data_directory'], {
      folder: '/',
      env: programEnvironment(),
      limit: 30,
      ...as,
    });
    const unknown = /(?:parameter|value for parameter) "([\w.]+)"/.exec(look.code === 0 ? '' : look.stderr)?.[1];
    const fewer = unknown === undefined ? [] : lines.filter((line) => !line.trim().toLowerCase().startsWith(unknown.toLowerCase()));
    if (look.code === 0 || lines.length === 0) return;
    lines = fewer.length < lines.length ? fewer : [];
  }
}

async function putInto(folder: string, name: string, text: string, as: { uid?: number; gid?: number }): Promise<void> {
  await writeDurably(join(folder, name), text, 0o600);
  if (as.uid !== undefined) await setOwner(join(folder, name), as.uid, as.gid ?? as.uid);
}

async function refuseRoles(
  { spec, folder }: PostgresStore,
  ask: (statement: string) => Promise<Record<string, string | null>[]>,
): Promise<void> {
  const rows = await ask("SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY rolname");
  const others = rows.map((row) => row['rolname'] ?? '').filter((role) => role !== spec.role);
  if (others.length === 0) return;
  throw new Failure(
    'unsupported',
    `the PostgreSQL of ${folder} has the roles ${others.join(', ')} beside ${spec.role}, which a dump does not bring over`,
    {
      remedy: { action: 'accept', text: 'Bring it over with pg_dumpall and pg_upgrade by hand, or remove those roles.' },
      details: { roles: others },
    },
  );
}

/** The first of the programs that are there; the newer version comes first, because it reads what the older one has. */
async function oneOf(name: string, store: PostgresStore, sets: readonly Programs[]): Promise<string> {
  for (const { folder } of sets) if (await exists(programIn(folder, name))) return programIn(folder, name);
  return programNamed(name, store, sets[0] as Programs);
}

function socketOf(server: Aside, { spec }: PostgresStore): string[] {
  return ['-h', server.socket, '-p', String(asidePort), '-U', spec.role, '-w'];
}
