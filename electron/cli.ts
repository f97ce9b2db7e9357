/** The command line's composition root: it ties the engine to the face and ends with the face's exit code. */
import { readFile } from 'node:fs/promises';
import type { Engine } from './api/engine.ts';

const typed = process.argv.slice(2);
const version = process.env['MOULT_VERSION'] ?? (await versionOfCheckout());

if (typed.length === 1 && (typed[0] === '--version' || typed[0] === '-V')) {
  process.stdout.write(`${version}\n`);
} else {
  const { runCommandLine } = await import('./cli/run.ts');
  const code = await runCommandLine({
    typed,
    openEngine,
    openServer: async (engine, port) => (await import('./server.ts')).openServer(engine, port),
    streams: { input: process.stdin, output: process.stdout, errors: process.stderr },
    signals: process,
    environment: process.env,
    folder: process.cwd(),
    version,
    now: () => new Date(),
  });
  // Nothing is left to do; a handle that is still open must not keep the terminal waiting.
  process.exit(code);
}

async function openEngine(): Promise<Engine> {
  const { createEngine } = await import('./engine/index.ts');
  return createEngine({});
}

/** The build step fills the version in; without it, these are the sources. */
async function versionOfCheckout(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
