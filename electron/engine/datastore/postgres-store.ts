/** What a descriptor says of a datastore in PostgreSQL, filled in for one install, and the programs that go with it. */
import { join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import type { DatastoreSpec } from '../product/schema.ts';
import { environmentWithout, expandHome } from '../platform/environment.ts';
import { followOrNull } from '../platform/files.ts';
import { run } from '../platform/processes.ts';
import type { Store } from './capture.ts';

export type PostgresSpec = Extract<DatastoreSpec, { driver: 'postgres' }>;

export interface PostgresStore {
  spec: PostgresSpec;
  /** The data folder. */
  folder: string;
  /** Folders that may hold PostgreSQL's programs, in their order. */
  binaries: string[];
  /** Folders of other releases that are on this machine: only for reading what an older one left. */
  further: string[];
  /** The folder of its socket, where the descriptor names one. */
  socket: string | null;
}

/** PostgreSQL's programs of one version. */
export interface Programs {
  folder: string;
  major: string;
  /** As `postgres --version` tells it. */
  version: string;
}

/** The store as this room uses it. Throws `internal` for one of another driver. */
export function postgresStore({ spec, paths, fill, otherFills = [] }: Store): PostgresStore {
  const [folder] = paths;
  if (spec.driver !== 'postgres' || folder === undefined) throw new Failure('internal', 'this is no datastore of PostgreSQL');
  return {
    spec,
    folder,
    binaries: spec.binaries.flatMap((template) => filledOrNone(fill, template)),
    further: otherFills.flatMap((other) => spec.binaries.flatMap((template) => filledOrNone(other, template))),
    socket: spec.socket === undefined ? null : fill(spec.socket),
  };
}

/** Every folder of the descriptor that holds a `postgres` which runs here. */
export async function findPrograms(store: PostgresStore, as: { uid?: number; gid?: number } = {}): Promise<Programs[]> {
  return programsOf(store.binaries, as);
}

async function programsOf(folders: readonly string[], as: { uid?: number; gid?: number }): Promise<Programs[]> {
  const found: Programs[] = [];
  for (const folder of folders) {
    const program = programIn(folder, 'postgres');
    if ((await followOrNull(program))?.isFile() !== true) continue;
    const answer = await run([program, '--version'], { limit: 20, env: programEnvironment(), folder: '/', ...as }).catch(() => null);
    // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
    const version = /\(PostgreSQL\) ((\d+)[\w.]*)/.exec(answer?.stdout ?? '');
    if (version !== null) found.push({ folder, version: version[1] as string, major: version[2] as string });
  }
  return found;
}

/** The programs of the data folder's major version: no other can read it. Throws `unsupported` and names both. */
export async function programsFor(store: PostgresStore, major: string, as: { uid?: number; gid?: number } = {}): Promise<Programs> {
  const found = [...(await findPrograms(store, as)), ...(await programsOf(store.further, as))];
  const fitting = found.find((programs) => programs.major === major);
  if (fitting !== undefined) return fitting;
  const there =
    found.length === 0
      ? `there is no PostgreSQL in ${store.binaries.join(', ')}`
      : `the programs there are of PostgreSQL ${found.map(({ version, folder }) => `${version} (${folder})`).join(', ')}`;
  throw new Failure('unsupported', `${store.folder} holds data of PostgreSQL ${major}, which only PostgreSQL ${major} can read; ${there}`, {
    remedy: {
      action: 'choose-release',
      text: `Use a release of the product that brings PostgreSQL ${major}, or bring the data over with a dump.`,
    },
    details: { data: major, programs: found.map(({ version }) => version) },
  });
}

export function programIn(folder: string, name: string): string {
  return join(folder, name);
}

/** Settings of libpq and of the server in the environment would lead its programs elsewhere. */
export function programEnvironment(): Record<string, string> {
  return { ...environmentWithout(['PG*', 'MOULT_*', 'npm_*', 'NODE_*', 'ELECTRON_*']), LC_MESSAGES: 'C' };
}

/** None where a placeholder has no value here, as `{slot}` where there is no release. */
function filledOrNone(fill: (text: string) => string, template: string): string[] {
  try {
    return [expandHome(fill(template))];
  } catch {
    return [];
  }
}
