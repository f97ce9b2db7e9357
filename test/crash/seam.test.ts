/** The seam has no hole: whatever the platform room uses of Node's file system stands behind it, and it does what it is told to. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { blockingCalls, handleCalls, harmless, promiseCalls, streamCalls } from './support/fault-table.ts';
import { filesUsed } from './support/files-used.ts';
import { runCase } from './support/cases.ts';
import { useBenches } from './support/suite.ts';
import { workflows, type Workflow } from './support/workflows.ts';

const covered = new Set([...Object.values(promiseCalls), ...Object.values(blockingCalls), streamCalls, harmless].flat());
const benches = useBenches('seam');

test('every function of the file system that the platform uses is covered', async () => {
  const used = await filesUsed('electron/engine/platform');
  expect(used.size).toBeGreaterThan(25);
  expect([...used].filter((name) => !covered.has(name))).toEqual([]);
});

test('a function that passes it by would be noticed', async () => {
  const { usedIn } = await import('./support/files-used.ts');
  expect(usedIn(`import * as fs from 'node:fs/promises';\nawait fs.cp('a', 'b');\nfs.rename('a', 'b');`)).toEqual(['cp', 'rename']);
  expect(usedIn(`import { open, type FileHandle, cpSync as copy } from 'node:fs';`)).toEqual(['open', 'cpSync']);
  expect(usedIn(`import fs from 'node:fs';\nfs.watch('a');`)).toEqual(['watch']);
});

test('methods of open files are covered', async () => {
  const handle = await (await import('node:fs/promises')).open('/dev/null');
  const own = Object.getOwnPropertyNames(Object.getPrototypeOf(handle)).filter(
    (name) => !['constructor', 'fd', 'getAsyncId', 'onread'].includes(name),
  );
  await handle.close();
  // Streams and iterators over an open file are not used by the engine; a new method of Node's shows up here.
  const unused = ['createReadStream', 'createWriteStream', 'readableWebStream', 'readLines', 'pull', 'pullSync', 'writer'];
  expect(
    own.filter(
      (name) =>
        !Object.values(handleCalls)
          .flat()
          .includes(name as never) && !unused.includes(name),
    ),
  ).toEqual([]);
});

test('it counts, fails and kills', { timeout: 120_000 }, async () => {
  const [bench] = benches;
  if (bench === undefined) throw new Error('no bench');
  const workflow = workflows.find((each) => each.action === 'adopt') as Workflow;
  mkdirSync(join(bench.world.folder, 'states'), { recursive: true });
  const failed = await runCase(bench, workflow, { name: 'EIO', orders: { mode: 'fail', at: 60, error: 'EIO' } });
  expect(failed.problems).toEqual([]);
  expect(failed.end).toMatchObject({ kind: 'answer', answer: { counted: { hits: 1 } } });
  const killed = await runCase(bench, workflow, { name: 'kill', orders: { mode: 'kill', at: 20, changesOnly: true } });
  expect(killed.problems).toEqual([]);
  expect(killed.end).toMatchObject({ kind: 'killed', signal: 'SIGKILL' });
});
