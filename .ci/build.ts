/**
 * Builds `dist/`: the launcher, the command line, the desktop app and the engine's workers as flat, self-contained files, the screens, and the
 * sample's releases.
 *
 * Promises: the files of the last build stay usable until the new ones stand; what no longer belongs is removed last; the same
 * sources give the same bytes. Refuses: an import that cannot be resolved, and a package bundled by halves.
 */
import { spawnSync } from 'node:child_process';
import { chmod, glob, mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown, type ModuleFormat, type OutputChunk, type Plugin } from 'rolldown';
import { build as buildScreens } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const output = join(root, 'dist');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };

/** The launcher may meet a Node as old as this, only to look for a newer one. */
const launcherTarget = 'node20';
const target = 'node24';

await mkdir(output, { recursive: true });
const launcher = await bundle({ moult: 'electron/moult.ts' }, launcherTarget, [leaveToRunTime(/^\.\/cli\.ts$/)]);
const starter = await bundle({ start: 'electron/start.ts' }, launcherTarget, []);
const rest = await bundle(
  { cli: 'electron/cli.ts', story: 'electron/story.ts', main: 'electron/main.ts', ...(await workers()) },
  target,
  [],
);
// A sandboxed preload is one CommonJS file: https://www.electronjs.org/docs/latest/tutorial/esm
const preload = await bundle({ preload: 'electron/preload.ts' }, target, [], 'cjs');
await chmod(join(output, 'moult.js'), 0o755);
await linkCommand();
await removeStale(new Set([...launcher, ...starter, ...rest, ...preload]));
await buildScreens({ root: join(root, 'renderer'), logLevel: 'warn' });
run('resources/sample/build.ts');

/** Every file named `…-worker.ts` in the engine is started by its own name, beside the file that starts it. */
async function workers(): Promise<Record<string, string>> {
  const found = await Array.fromAsync(glob('electron/engine/**/*-worker.ts', { cwd: root }));
  return Object.fromEntries(found.sort().map((path) => [basename(path, '.ts'), path.replaceAll('\\', '/')]));
}

/** Bundles entries into `dist/`, without folders, and returns the names of the written files. */
async function bundle(
  input: Record<string, string>,
  nodeVersion: string,
  plugins: Plugin[],
  format: ModuleFormat = 'esm',
): Promise<string[]> {
  const build = await rolldown({
    cwd: root,
    input,
    platform: 'node',
    // Electron brings the first itself; the others find files of their own from their own folder.
    external: ['electron', 'electron-updater', 'better-sqlite3'],
    plugins,
    transform: { target: nodeVersion, define: { 'process.env.MOULT_VERSION': JSON.stringify(version) } },
    onLog(level, log, handle) {
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
      handle(level, log);
    },
  });
  try {
    const written = await build.write({
      dir: output,
      format,
      entryFileNames: format === 'cjs' ? '[name].cjs' : '[name].js',
      chunkFileNames: 'chunk-[name]-[hash].js',
      sourcemap: true,
    });
    return written.output.flatMap((file) => [file.fileName, ...sourceMapOf(file)]);
  } finally {
    await build.close();
  }
}

function sourceMapOf(file: { type: string }): string[] {
  const name = file.type === 'chunk' ? (file as OutputChunk).sourcemapFileName : null;
  return name === null || name === undefined ? [] : [name];
}

/** The launcher starts without the rest: what it imports later stays an import of the built file beside it. */
function leaveToRunTime(sources: RegExp): Plugin {
  return {
    name: 'leave-to-run-time',
    resolveId: (source) => (sources.test(source) ? { id: source.replace(/\.ts$/, '.js'), external: true } : null),
  };
}

/**
 * Lets `npx moult` find the built launcher. npm links only the commands of other packages; for a package's own, npx installs the folder
 * into its cache once, and keeps a broken link for ever when that happened before the first build.
 */
async function linkCommand(): Promise<void> {
  const folder = join(root, 'node_modules', '.bin');
  await mkdir(folder, { recursive: true });
  if (process.platform === 'win32') {
    await writeFile(join(folder, 'moult.cmd'), '@node "%~dp0\\..\\..\\dist\\moult.js" %*\r\n');
    return;
  }
  await rm(join(folder, 'moult'), { force: true });
  await symlink('../../dist/moult.js', join(folder, 'moult'));
}

/** Removes files of earlier builds; folders (the sample's) are not ours here. */
async function removeStale(current: ReadonlySet<string>): Promise<void> {
  for (const entry of await readdir(output, { withFileTypes: true })) {
    if (entry.isFile() && !current.has(entry.name)) await rm(join(output, entry.name));
  }
}

function run(script: string): void {
  const { status } = spawnSync(process.execPath, [join(root, script)], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${script} failed`);
}
