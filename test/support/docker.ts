/**
 * A real Docker Engine for tests, and an image of PostgreSQL without a registry: made of the PostgreSQL of this machine. It behaves as the
 * official image does where it matters: `PGDATA` on a volume, `POSTGRES_USER`, a cluster at the first start, a server that is no superuser.
 */
import { execFile, spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { debian } from './postgres.ts';

/** Another number when what is in it changes: it stays on the machine. */
const image = 'moult-test-postgres:15-2';
/** Where the volume of a cluster is inside its container. */
export const dataFolder = '/var/lib/postgresql/data';

/** Runs `docker`; throws with what it said. */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('docker', args, { maxBuffer: 1 << 26 });
  return stdout.trim();
}

/** Whether no Docker Engine answers here; in CI this throws. */
export async function lacksDockerEngine(): Promise<boolean> {
  const answers = await docker('info', '--format', '{{.ServerVersion}}').then(
    (version) => version !== '',
    () => false,
  );
  if (!answers && process.env['CI'] === 'true') throw new Error('no Docker Engine answers; in CI every prerequisite must be there');
  return !answers;
}

export interface DockerUse {
  /** What a program must find in its environment, where the engine is not at the place that every program looks at. */
  env: Record<string, string>;
  /** The group whose members may use the engine, where it listens at a socket. */
  group?: number;
}

/**
 * How another person of this machine uses the engine that `docker` reaches here. Its socket is the superuser's and its group's, and
 * which context is the chosen one stands in the own home folder.
 */
export async function dockerForAnother(): Promise<DockerUse> {
  const host = await docker('context', 'inspect', '--format', '{{.Endpoints.docker.Host}}');
  const env: Record<string, string> = host === 'unix:///var/run/docker.sock' ? {} : { DOCKER_HOST: host };
  if (!host.startsWith('unix://')) return { env };
  return { env, group: (await stat(host.slice('unix://'.length))).gid };
}

let made: Promise<string> | undefined;

/** The name of the image, which is made where it is missing. */
export function postgresImage(): Promise<string> {
  made ??= makeImage();
  return made;
}

/** Removes a volume with its containers, whatever state they are in. */
export async function removeVolume(volume: string): Promise<void> {
  const users = (await docker('ps', '-aq', '--filter', `volume=${volume}`)).split('\n').filter((id) => id !== '');
  if (users.length > 0) await docker('rm', '--force', '--volumes', ...users);
  await docker('volume', 'rm', '--force', volume).catch(() => '');
}

const entry = `#!/bin/sh
set -e
mkdir -p "$PGDATA"
chown -R postgres:postgres "$PGDATA" && chmod 700 "$PGDATA"
mkdir -p /var/run/postgresql && chmod 1777 /var/run/postgresql /tmp
run() { exec setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  (run initdb -D "$PGDATA" -U "\${POSTGRES_USER:-postgres}" -A trust --no-sync --encoding=UTF8 --locale=C >/dev/null)
fi
run postgres -c unix_socket_directories=/var/run/postgresql "$@"
`;

const tools = ['sh', 'cat', 'cp', 'rm', 'find', 'wc', 'touch', 'chown', 'chmod', 'mkdir', 'sync', 'test', 'sleep', 'setpriv', 'ls'];

async function makeImage(): Promise<string> {
  if ((await docker('images', '--quiet', image)) !== '') return image;
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'moult-image-')));
  try {
    const root = join(folder, 'root');
    const programs = (
      await promisify(execFile)('sh', ['-c', `for tool in ${tools.join(' ')}; do command -v $tool; done; ls ${debian.bin}/*`])
    ).stdout.split('\n');
    for (const path of programs.filter((line) => line.startsWith('/'))) await copyIn(root, path);
    for (const path of ['/usr/lib/postgresql/15/lib', '/usr/share/postgresql/15', '/usr/share/postgresql-common', '/usr/share/zoneinfo'])
      await cp(path, join(root, path), {
        recursive: true,
        dereference: true,
        filter: (from) => !/\/(?:bitcode|llvmjit\.so)/.test(from),
      }).catch(() => {});
    for (const path of await librariesOf(programs)) await copyIn(root, path);
    for (const path of ['etc', 'tmp', 'var/run/postgresql', 'root']) await mkdir(join(root, path), { recursive: true });
    await chmod(join(root, 'tmp'), 0o1777);
    for (const name of ['bin', 'sbin', 'lib', 'lib64']) await symlink(`usr/${name}`, join(root, name));
    await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\npostgres:x:999:999::/var/lib/postgresql:/bin/sh\n');
    await writeFile(join(root, 'etc/group'), 'root:x:0:\npostgres:x:999:\n');
    await writeFile(join(root, 'entry.sh'), entry, { mode: 0o755 });
    await importTree(root, folder);
    return image;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Below `/usr`, where Debian keeps everything; the folders beside it are links into it. */
async function copyIn(root: string, path: string): Promise<void> {
  const to = join(root, path.replace(/^\/(?=(?:bin|sbin|lib|lib64)\/)/, '/usr/'));
  await mkdir(dirname(to), { recursive: true });
  await cp(await realpath(path), to);
}

/** What the dynamic linker would load for these programs. */
async function librariesOf(programs: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const program of programs.filter((line) => line.startsWith('/'))) {
    const { stdout } = await promisify(execFile)('ldd', [program]).catch(() => ({ stdout: '' }));
    for (const line of stdout.split('\n')) {
      const path = /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1];
      if (path !== undefined) found.add(path);
    }
  }
  return found;
}

async function importTree(root: string, folder: string): Promise<void> {
  const archive = join(folder, 'root.tar');
  const own = ['--owner=0', '--group=0', '--numeric-owner', '--mode=u+rwX,go+rX'];
  await promisify(execFile)('tar', ['-C', root, ...own, '-cf', archive, '.']);
  const changes = [
    `ENV PATH=${debian.bin}:/usr/sbin:/usr/bin:/sbin:/bin`,
    `ENV PGDATA=${dataFolder}`,
    'ENV LC_ALL=C',
    'ENTRYPOINT ["/entry.sh"]',
  ];
  const child = spawn('docker', ['import', ...changes.flatMap((change) => ['--change', change]), '-', image], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stdin.end(await readFile(archive));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`docker import failed: ${said}`);
}
