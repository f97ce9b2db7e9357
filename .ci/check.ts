/**
 * `npm run check`: types of every building, lint, format and the freshness of what is generated. Every check runs, also after a
 * red one, so that one look shows all; the exit code is 1 when any is red.
 */
import { spawnSync } from 'node:child_process';
import { glob } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = ['.ci', 'electron', 'renderer', 'resources', 'test'];
/** Texts are laid out by their writers, generated files by their generator. */
const formatted = [...sources, 'package.json', '!**/*.{md,yaml,yml,html,css}', '!**/products/schema.json'];

interface Check {
  title: string;
  command: string;
  arguments: string[];
}

/** The tools' own entries, started with this Node and without a shell, so that it is the same on every platform. */
const entries = { tsc: 'typescript/bin/tsc', oxlint: 'oxlint/bin/oxlint', oxfmt: 'oxfmt/bin/oxfmt' };

/** `npm run format`: the same files, written instead of judged. */
const isFormatting = process.argv.includes('--format');
const format = tool('format', 'oxfmt', '-c', '.ci/oxfmt.json', isFormatting ? '--write' : '--check', ...formatted);
const checks: Check[] = isFormatting
  ? [format]
  : [
      ...(await buildings()).map((folder) => tool(`types: ${folder}`, 'tsc', '-p', folder)),
      tool('lint', 'oxlint', '-c', '.ci/oxlint.json', '--type-aware', ...sources),
      format,
      { title: 'schema.json is fresh', command: process.execPath, arguments: ['electron/engine/product/write-json-schema.ts', '--check'] },
    ];

const failed = checks.filter((check) => !passes(check));
for (const check of failed) console.error(`not clean: ${check.title}`);
console.log(`${checks.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** Every folder with a `tsconfig.json` of its own is a building; the root's holds only what they share. */
async function buildings(): Promise<string[]> {
  const found = await Array.fromAsync(
    glob(
      sources.map((folder) => `${folder}/**/tsconfig.json`),
      { cwd: root },
    ),
  );
  return found.map((path) => dirname(path)).sort();
}

function tool(title: string, name: keyof typeof entries, ...rest: string[]): Check {
  return { title, command: process.execPath, arguments: [join(root, 'node_modules', entries[name]), ...rest] };
}

function passes(check: Check): boolean {
  const started = performance.now();
  const { status } = spawnSync(check.command, check.arguments, { cwd: root, stdio: 'inherit' });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok ' : 'RED'} ${check.title} (${seconds} s)`);
  return status === 0;
}
