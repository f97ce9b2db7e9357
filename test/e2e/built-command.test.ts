import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const launcher = join(root, 'dist', 'moult.js');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };

interface Run {
  code: number;
  output: string;
  milliseconds: number;
}

async function run(command: string, ...typed: string[]): Promise<Run> {
  const started = performance.now();
  const ended = await promisify(execFile)(command, typed, { cwd: root }).then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    (error: { code: number; stdout: string }) => ({ code: error.code, output: error.stdout }),
  );
  return { ...ended, milliseconds: performance.now() - started };
}

/** The Node of the machine, which npm names to its scripts, beside the one that comes with the packages. */
const nodes = [...new Set([process.execPath, process.env['npm_node_execpath'] ?? process.execPath])];

describe.each(nodes)('on %s', (node) => {
  test('tells its version within 300 ms', async () => {
    const runs = [];
    for (let turn = 0; turn < 5; turn += 1) runs.push(await run(node, launcher, '--version'));
    expect(runs.every((each) => each.code === 0 && each.output === `${version}\n`)).toBe(true);
    // The fastest of five: the others tell how busy the machine is.
    expect(Math.min(...runs.map((each) => each.milliseconds))).toBeLessThan(300);
  });

  test('passes on what it is asked and the exit code', async () => {
    expect(await run(node, launcher, '--help')).toMatchObject({ code: 0, output: expect.stringContaining('Usage: moult') as string });
    expect(await run(node, launcher, 'no-such-command')).toMatchObject({ code: 2 });
  });
});

test.skipIf(process.platform === 'win32')('npx finds it in a checkout', async () => {
  expect((await stat(join(root, 'node_modules/.bin/moult'))).mode & 0o111).not.toBe(0);
  expect(await run('npx', 'moult', '--version')).toMatchObject({ code: 0, output: `${version}\n` });
});

test('the sample feed is built beside it', async () => {
  const feed = JSON.parse(await readFile(join(root, 'dist/sample/feed/releases.json'), 'utf8')) as {
    releases: { file: string; bytes: number }[];
  };
  expect(feed.releases.length).toBeGreaterThanOrEqual(4);
  for (const release of feed.releases) expect((await stat(join(root, 'dist/sample/feed', release.file))).size).toBe(release.bytes);
});
