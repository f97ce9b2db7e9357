/**
 * What `npm start` runs after the build: the desktop app where Electron can run, and otherwise, after one line that says why, the same
 * screens in a browser.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Obstacle, obstacle } from './shell/obstacle.ts';

/** Milliseconds that fetching Electron's program may take. */
const patience = 120_000;

/** An Electron that ends this soon with an error never came up: milliseconds. */
const stillborn = 8000;

const built = dirname(fileURLToPath(import.meta.url));
const typed = process.argv.slice(2);

process.exitCode = await main();

async function main(): Promise<number> {
  const facts = { platform: process.platform, environment: process.env, isSuperuser: process.getuid?.() === 0 };
  const reason = typed.includes('--browser') ? null : (obstacle(facts) ?? (await startDesktop()));
  if (typeof reason === 'number') return reason;
  if (reason !== null) process.stderr.write(`The desktop app cannot run here: ${reason}. Opening the browser's face instead.\n`);
  return startServer();
}

/** The exit code of the desktop app, or why it could not run. */
async function startDesktop(): Promise<number | Obstacle> {
  const program = (await electronProgram()) ?? ((await fetchElectron()) ? await electronProgram() : null);
  if (program === null) return "Electron's program is not here and could not be fetched";
  const begun = performance.now();
  const code = await run(program, [join(built, 'main.js'), ...typed]);
  const failed = code !== 0 && performance.now() - begun < stillborn;
  return failed ? `Electron ended at once (${code ?? 'killed'})` : (code ?? 1);
}

/** Where npm's package `electron` put the program; null when it is not there. */
async function electronProgram(): Promise<string | null> {
  const folder = electronFolder();
  const name = folder === null ? null : await readFile(join(folder, 'path.txt'), 'utf8').catch(() => null);
  return folder === null || name === null ? null : join(folder, 'dist', name);
}

/** Runs the package's own installer, which checks what it fetches against its list of hashes. Never in CI: there it would hide what is missing. */
async function fetchElectron(): Promise<boolean> {
  const folder = electronFolder();
  if (folder === null || process.env['CI'] === 'true') return false;
  process.stderr.write("Fetching Electron's program, once …\n");
  return (await run(process.execPath, [join(folder, 'install.js')], { quiet: true, timeout: patience })) === 0;
}

function electronFolder(): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  } catch {
    return null;
  }
}

function startServer(): Promise<number> {
  const hasDisplay = obstacle({ platform: process.platform, environment: process.env, isSuperuser: false }) === null;
  return run(process.execPath, [join(built, 'moult.js'), 'serve', ...(hasDisplay ? ['--open'] : [])]).then((code) => code ?? 1);
}

/** Runs a program to its end, with the signals of this one; the answer is its exit code, or null when it was killed or never ran. */
function run(program: string, args: readonly string[], { quiet = false, timeout = 0 } = {}): Promise<number | null> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: quiet ? 'ignore' : 'inherit', timeout });
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    // A terminal sends Ctrl-C to the child itself.
    const pass = (signal: NodeJS.Signals): void => void (process.stdin.isTTY && signal === 'SIGINT' ? true : child.kill(signal));
    for (const signal of signals) process.on(signal, pass);
    const end = (code: number | null): void => {
      for (const signal of signals) process.off(signal, pass);
      resolve(code);
    };
    child.once('error', () => end(null));
    child.once('exit', end);
  });
}
