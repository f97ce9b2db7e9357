import { glob, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Bundles the lab of the crash tests with the engine and its workers once for a whole run. Hundreds of labs are killed and started again,
 * and a start from two hundred sources costs four times as much; and a run keeps to the sources that it began with.
 */
export async function setup(): Promise<() => Promise<void>> {
  const cache = join(root, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  // Inside the checkout, because the engine looks for its resources upwards from its own files.
  const folder = await mkdtemp(join(cache, 'moult-lab-'));
  const workers = await Array.fromAsync(glob('electron/engine/**/*-worker.ts', { cwd: root }));
  const build = await rolldown({
    cwd: root,
    input: {
      'lab-process': 'test/crash/support/lab-process.ts',
      'cut-process': 'test/crash/support/cut-process.ts',
      faults: 'test/crash/support/faults.ts',
      ...Object.fromEntries(workers.map((path) => [basename(path, '.ts'), path])),
    },
    platform: 'node',
    external: ['better-sqlite3'],
    transform: { target: 'node24' },
    onLog(level, log, handle) {
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
      if (level !== 'info' && level !== 'debug') handle(level, log);
    },
  });
  // Without it Node would look at each file to find out what it is.
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
  // The products of the tests are their own: thousands of processes need not read those that Moult brings.
  await mkdir(join(folder, 'resources', 'products'), { recursive: true });
  await build.write({ dir: folder, format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'chunk-[name]-[hash].js' });
  await build.close();
  process.env['MOULT_TEST_LAB'] = folder;
  return async () => {
    delete process.env['MOULT_TEST_LAB'];
    await rm(folder, { recursive: true, force: true });
  };
}
