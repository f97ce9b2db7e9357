/** The programs that are compared, each as commands that back a folder up and bring it back. */
import { spawnSync } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { measure, type Measured } from './measure.ts';

export interface Contestant {
  name: string;
  backUp(): Promise<Measured>;
  restore(): Promise<Measured>;
}

/** What is there to be compared on this machine; Moult and `tar` with `zstd -T0` come first. Everything is made below `folder`. */
export async function findContestants(data: string, folder: string): Promise<Contestant[]> {
  const found = [
    await moult(data, folder),
    tar('tar, zstd -T0 -3', data, folder, 't.tar.zst', ['-I', 'zstd -T0 -3']),
    tar('tar czf', data, folder, 't.tar.gz', ['-z']),
  ];
  if (spawnSync('restic', ['version']).status === 0) found.push(restic(data, folder));
  return found;
}

/** Moult as it is shipped: bundled, its threads beside it. */
async function moult(data: string, folder: string): Promise<Contestant> {
  const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const threads = '../../electron/engine/backup';
  const build = await rolldown({
    input: {
      driver: source('./moult-driver.ts'),
      'backup-worker': source(`${threads}/backup-worker.ts`),
      'pack-worker': source(`${threads}/pack-worker.ts`),
    },
    platform: 'node',
  });
  const bundle = join(folder, 'bundle');
  await build.write({ dir: bundle, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' });
  await build.close();
  const file = join(folder, 'm.tar.zst');
  const run = (action: string, from: string, to: string) => measure([process.execPath, join(bundle, 'driver.js'), action, from, to]);
  return {
    name: 'Moult, level 3',
    backUp: async () => {
      await rm(file, { force: true });
      settle(folder);
      return run('backup', data, file);
    },
    restore: async () => run('restore', file, await emptied(join(folder, 'restored'))),
  };
}

function tar(name: string, data: string, folder: string, archive: string, how: string[]): Contestant {
  const file = join(folder, archive);
  return {
    name,
    backUp: async () => {
      await rm(file, { force: true });
      settle(folder);
      return measure(['tar', ...how, '-cf', file, '-C', data, '.']);
    },
    restore: async () => durably(['tar', ...how, '-xf', file, '-C', await emptied(join(folder, 'restored'))], folder),
  };
}

function restic(data: string, folder: string): Contestant {
  const repository = join(folder, 'restic');
  const env = { ...process.env, RESTIC_PASSWORD: 'bench', RESTIC_CACHE_DIR: join(folder, 'restic-cache') };
  return {
    name: 'restic',
    backUp: async () => {
      await rm(repository, { recursive: true, force: true });
      spawnSync('restic', ['-r', repository, 'init'], { env });
      settle(folder);
      return measure(['restic', '-r', repository, '--quiet', 'backup', '.'], { env, cwd: data });
    },
    restore: async () =>
      measure(['restic', '-r', repository, '--quiet', 'restore', 'latest', '--target', await emptied(join(folder, 'restored'))], { env }),
  };
}

/** What was restored has to be on the disk, as Moult's is when it ends: the sync is part of the work. */
async function durably(command: string[], folder: string, env?: NodeJS.ProcessEnv): Promise<Measured> {
  const measured = await measure(command, env ? { env } : {});
  const sync = await measure(['sync', '-f', folder]);
  return { ...measured, seconds: measured.seconds + sync.seconds };
}

/** Nobody is to wait for what others wrote before. */
function settle(folder: string): void {
  spawnSync('sync', ['-f', folder]);
}

async function emptied(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  settle(folder);
  return folder;
}
