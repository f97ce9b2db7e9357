/** The programs that are compared, each as commands that back a folder up and bring it back. */
import { spawnSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { measure, type Measured } from './measure.ts';

export interface Contestant {
  name: string;
  /** What it makes. */
  archive: string;
  backUp(): Promise<Measured>;
  restore(): Promise<Measured>;
}

/** What only Moult has to show of a backup that was made. */
export interface Extras {
  /** Another backup of the same data, after the first. */
  again(): Promise<Measured>;
  verify(): Promise<Measured>;
  list(): Promise<Measured>;
  /** One file of it. */
  one(as: string): Promise<Measured>;
}

/** `tar` with zstd, at Moult's level. */
export function zstdTar(data: string, folder: string): Contestant {
  return tar('tar, zstd -T0 -3', data, folder, 't.tar.zst', ['-I', 'zstd -T0 -3']);
}

/** The others that are there to be compared on this machine. Everything is made below `folder`. */
export function findOthers(data: string, folder: string): Contestant[] {
  const found = [tar('tar czf', data, folder, 't.tar.gz', ['-z'])];
  if (spawnSync('restic', ['version']).status === 0) found.push(restic(data, folder));
  return found;
}

/** Moult as it is shipped: bundled, its threads beside it. */
export async function moult(data: string, folder: string): Promise<Contestant & Extras> {
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
  // As around the shipped files: without it Node reads each twice, to find out what it is.
  await writeFile(join(bundle, 'package.json'), '{ "type": "module" }\n');
  const file = join(folder, 'm.tar.zst');
  const run = (...args: string[]) => measure([process.execPath, join(bundle, 'driver.js'), ...args]);
  const fresh = async (name: string) => {
    const path = join(folder, name);
    await rm(path, { force: true });
    settle(folder);
    return path;
  };
  return {
    name: 'Moult, level 3',
    archive: file,
    backUp: async () => {
      await rm(file, { force: true });
      settle(folder);
      return run('backup', data, file);
    },
    restore: async () => run('restore', file, await emptied(join(folder, 'restored'))),
    again: async () => run('backup', data, await fresh('again.tar.zst'), file),
    verify: () => run('verify', file),
    list: () => run('list', file),
    one: async (as) => run('one', file, await fresh('one'), as),
  };
}

function tar(name: string, data: string, folder: string, archive: string, how: string[]): Contestant {
  const file = join(folder, archive);
  return {
    name,
    archive: file,
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
    archive: repository,
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
