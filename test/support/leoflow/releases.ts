/** The releases of the stand-in as its publisher offers them: tarballs with three programs, a file of checksums, the API of GitHub. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { tarball } from '../tarballs.ts';
import { failingMigration, migrationsUpTo } from './migrations.ts';

export interface LeoflowRelease {
  version: string;
  migrations: Record<string, string>;
  /** Whether it has `lite backup` and `lite restore`. */
  backup: boolean;
  /** Whether it refuses a database that is newer than it knows. */
  driftCheck: boolean;
  /** Whether a set-up writes a `jwt_secret`. */
  jwt: boolean;
  /** Whether it has the new name. */
  dexaflow?: boolean;
  /** The image of its database, where it may run Docker. */
  image?: string;
  /** Where it gets the programs of its own database from; without it `postgresPrograms`. */
  postgres?: string;
  /**
   * How it is bad although its migrations are well. `dies`: a moment after it was healthy. `lies`: tells the version of the release before, as
   * one that reads it from a cache does. `supervised`: ends, and a supervisor of its own in another session starts it again and again.
   */
  bad?: 'dies' | 'lies' | 'supervised';
  /** ISO time after which it refuses to do anything. */
  expires: string | null;
}

const now = { backup: true, driftCheck: true, jwt: true, expires: null };

/** As the table of tags has them: `.17` is expired and has neither backup nor drift check nor a secret of its own. */
export const leoflowReleases: LeoflowRelease[] = [
  {
    version: '0.0.1-prealpha.17',
    migrations: migrationsUpTo(14),
    backup: false,
    driftCheck: false,
    jwt: false,
    expires: '2026-08-20T00:00:00Z',
  },
  { version: '0.0.1-prealpha.18', migrations: migrationsUpTo(15), ...now },
  { version: '0.0.1-prealpha.19', migrations: migrationsUpTo(18), ...now },
];

/** A release whose migration fails half way and leaves the ledger dirty. */
export const failingRelease: LeoflowRelease = {
  version: '0.0.1-prealpha.20',
  migrations: { ...migrationsUpTo(18), ...failingMigration(19) },
  ...now,
};

/** The next release, with a migration that works, which is bad in one way. */
export function badRelease(bad: NonNullable<LeoflowRelease['bad']>): LeoflowRelease {
  return { version: '0.0.1-prealpha.20', migrations: migrationsUpTo(19), bad, ...now };
}

/** The first release under the new name. */
export const dexaflowRelease: LeoflowRelease = { version: '0.5.0', migrations: migrationsUpTo(18), dexaflow: true, ...now };

/** Where the programs of the database come from that the stand-in "downloads" at its first start. */
export const postgresPrograms = '/usr/lib/postgresql/15/bin';

const programs = ['leoflow', 'leoflow-server', 'leoflow-agent'] as const;

/** The three programs of a release, by the name they have in it. */
export async function programsOf(release: LeoflowRelease): Promise<Record<string, string>> {
  const values = JSON.stringify({ postgres: postgresPrograms, ...release }, null, 1);
  const entries = programs.map(async (name) => {
    const source = await readFile(new URL(`${name}.mjs`, import.meta.url), 'utf8');
    return [
      release.dexaflow === true ? name.replace('leoflow', 'dexaflow') : name,
      launcher(source.replace('/* RELEASE */ {}', () => values)),
    ] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** A shell script that hands itself to Node: one file, as a Go binary is. Node sees by the syntax that it is an ES module. */
function launcher(source: string): string {
  return `#!/bin/sh\n//bin/true; exec "${process.execPath}" "$0" "$@"\n${source}`;
}

export function archiveName({ version, dexaflow }: Pick<LeoflowRelease, 'version' | 'dexaflow'>): string {
  const os = process.platform === 'darwin' ? 'darwin' : 'linux';
  return `${dexaflow === true ? 'dexaflow' : 'leoflow'}_${version}_${os}_${process.arch === 'x64' ? 'amd64' : process.arch}.tar.gz`;
}

export interface ReleaseServer {
  url: string;
  /** Offers another list of releases from now on. */
  offer: (releases: readonly LeoflowRelease[]) => Promise<void>;
  close: () => Promise<void>;
}

/** Serves releases as api.github.com and github.com do, on 127.0.0.1. */
export async function serveReleases(repository: string, releases: readonly LeoflowRelease[]): Promise<ReleaseServer> {
  const files = new Map<string, Buffer>();
  let listed: object[] = [];
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const file = path === `/repos/${repository}/releases` ? Buffer.from(JSON.stringify(listed)) : files.get(path);
    if (file === undefined) response.writeHead(404).end('{"message":"Not Found"}');
    else response.writeHead(200, { 'content-length': file.length }).end(file);
  });
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1' }, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = `http://127.0.0.1:${address.port}`;
  const offer: ReleaseServer['offer'] = async (wanted) => {
    listed = await Promise.all(
      wanted.map(async (release) => {
        const tag = `v${release.version}`;
        const archive = archiveName(release);
        const folder = `/${repository}/releases/download/${tag}`;
        const bytes = await archiveOf(release);
        files.set(`${folder}/${archive}`, bytes);
        files.set(`${folder}/checksums.txt`, Buffer.from(`${createHash('sha256').update(bytes).digest('hex')}  ${archive}\n`));
        const asset = (name: string) => ({
          name,
          size: files.get(`${folder}/${name}`)?.length,
          browser_download_url: `${url}${folder}/${name}`,
        });
        return {
          tag_name: tag,
          draft: false,
          prerelease: release.version.includes('-'),
          published_at: '2026-05-28T00:00:00Z',
          body: `Notes of ${tag}.`,
          assets: [asset(archive), asset('checksums.txt')],
        };
      }),
    );
  };
  await offer(releases);
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url, offer, close };
}

async function archiveOf(release: LeoflowRelease): Promise<Buffer> {
  const files = await programsOf(release);
  return gzipSync(tarball(...Object.entries(files).map(([path, content]) => ({ path, content, mode: 0o755 }))));
}
