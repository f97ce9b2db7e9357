import { execFileSync } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ResolvedItem } from '../../../electron/engine/install/items.ts';
import { findUncommitted } from '../../../electron/engine/install/uncommitted.ts';
import { uncommittedCheck } from '../../../electron/engine/preflight/uncommitted.ts';
import type { PreflightFacts } from '../../../electron/engine/preflight/facts.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('work that is committed nowhere is found, and Git writes nothing', async () => {
  const folder = await temporaryFolder('work');
  await writeFile(join(folder, 'dag.py'), 'one\n');
  expect(await findUncommitted([itemAt(folder)])).toEqual([]);
  git(folder, 'init', '-q');
  git(folder, 'add', '.');
  git(folder, '-c', 'user.name=x', '-c', 'user.email=x@x', 'commit', '-qm', 'one');
  expect(await findUncommitted([itemAt(folder)])).toEqual([]);
  await writeFile(join(folder, 'dag.py'), 'two\n');
  await writeFile(join(folder, 'new.py'), 'new\n');
  const index = join(folder, '.git', 'index');
  const before = [(await stat(index)).mtimeMs, await readFile(index)];
  expect(await findUncommitted([itemAt(folder)])).toEqual([{ item: 'workspace', title: 'Workspace', path: folder, files: 2 }]);
  expect([(await stat(index)).mtimeMs, await readFile(index)]).toEqual(before);
});

test('what Git cannot tell counts as uncommitted', async () => {
  const folder = await temporaryFolder('work');
  await mkdir(join(folder, '.git'));
  expect(await findUncommitted([itemAt(folder)])).toMatchObject([{ files: null }]);
});

test('a purge is refused until the person names what is to go', () => {
  const facts = { action: 'purge', install: 'leoflow', uncommitted: [{ item: 'workspace', title: 'Workspace', path: '/w', files: 1 }] };
  expect(uncommittedCheck.look(facts as unknown as PreflightFacts)).toMatchObject({
    status: 'fail',
    code: 'not-confirmed',
    message: '"Workspace" (/w) is a repository with 1 file that is not committed.',
    remedy: { command: 'moult uninstall leoflow --purge --including workspace' },
  });
  expect(uncommittedCheck.look({ ...facts, uncommitted: [] } as unknown as PreflightFacts)).toMatchObject({ status: 'pass' });
});

function git(folder: string, ...args: string[]): void {
  execFileSync('git', ['-C', folder, ...args], { stdio: 'pipe' });
}

function itemAt(path: string): ResolvedItem {
  return { item: { id: 'workspace', title: 'Workspace' }, paths: [path] } as unknown as ResolvedItem;
}
