#!/usr/bin/env node
/**
 * The launcher: what `npx moult` starts, with whatever Node is there.
 * Promises: the version comes at once; everything else runs on a Node that is new enough, with its signals and its exit code passed on.
 * Refuses: to go on with a Node that is too old and none beside it. Only syntax and modules that Node 20 has may be used here.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const oldest = 24;
const typed = process.argv.slice(2);

if (typed.length === 1 && (typed[0] === '--version' || typed[0] === '-V')) {
  process.stdout.write(`${version()}\n`);
} else if (Number.parseInt(process.versions.node, 10) >= oldest) {
  await import('./cli.ts');
} else {
  const node = newerNode();
  if (node === null) refuse();
  else runWith(node);
}

function version(): string {
  // The build step fills this in; without it, these are the sources.
  const built = process.env['MOULT_VERSION'];
  if (built !== undefined) return built;
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** The Node that was installed with Moult, as npm's package `node`: in this package's own modules or in those around it. */
function newerNode(): string | null {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', 'node', 'bin', name);
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) return null;
  }
}

function refuse(): void {
  const message = `Moult needs Node ${oldest} or newer, and this is Node ${process.versions.node}.`;
  const remedy = { action: 'reinstall-release', text: `Install Node ${oldest}, or run npm ci in Moult's folder: it brings one along.` };
  if (typed.includes('--json')) process.stdout.write(`${JSON.stringify({ ok: false, error: { code: 'unsupported', message, remedy } })}\n`);
  else process.stderr.write(`${message}\n${remedy.text}\n`);
  process.exitCode = 3;
}

function runWith(node: string): void {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...typed], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to the child as well: passed on, it would count as the second one.
  const isShared = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  process.on('SIGINT', () => {
    if (!isShared) child.kill('SIGINT');
  });
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`Node ${oldest} cannot be started (${node}): ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exit(code ?? 1);
    } else {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });
}
