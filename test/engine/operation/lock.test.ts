import { spawn, type ChildProcess } from 'node:child_process';
import { link, lstat, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { Failure } from '../../../electron/api/failure.ts';
import { lockHolder, takeLock } from '../../../electron/engine/operation/lock.ts';
import { startOf } from '../../../electron/engine/platform/processes.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const contender = fileURLToPath(new URL('../../support/lock-contender.ts', import.meta.url));

test('a lock is held until it is released, also against the same process', async () => {
  const folder = join(await temporaryFolder('lock'), 'home', '.moult');
  const lock = await takeLock(folder, 'upgrade to 2.0.0');
  expect(await lockHolder(folder)).toMatchObject({ pid: process.pid, operation: 'upgrade to 2.0.0' });
  const refusal = await refused(folder);
  expect(refusal.message).toContain('upgrade to 2.0.0');
  expect(refusal.message).toContain('this process');
  expect(refusal.remedy?.action).toBe('wait');
  await lock.release();
  await lock.release();
  expect(await lockHolder(folder)).toBeNull();
  await (await takeLock(folder, 'again')).release();
});

test('a release leaves one empty, private file and nothing else', async () => {
  const folder = await temporaryFolder('lock');
  const lock = await takeLock(folder, 'check');
  expect((await readdir(folder)).sort()).toEqual(['lock', 'lock.json']);
  expect((await lstat(join(folder, 'lock.json'))).mode & 0o777).toBe(0o600);
  await lock.release();
  expect(await readdir(folder)).toEqual(['lock']);
  expect(await lstat(join(folder, 'lock'))).toMatchObject({ size: 0 });
  expect((await lstat(join(folder, 'lock'))).mode & 0o777).toBe(0o600);
});

test('an old handle cannot free the lock of the next holder', async () => {
  const folder = await temporaryFolder('lock');
  const first = await takeLock(folder, 'first');
  await first.release();
  const second = await takeLock(folder, 'second');
  await first.release();
  expect(await lockHolder(folder)).toMatchObject({ operation: 'second' });
  expect((await refused(folder)).code).toBe('locked');
  await second.release();
});

test('the same folder by another path is the same lock', async () => {
  const base = await temporaryFolder('lock');
  await mkdir(join(base, 'real'));
  await symlink('real', join(base, 'alias'));
  const lock = await takeLock(join(base, 'real'), 'back up');
  expect((await refused(join(base, 'alias'))).code).toBe('locked');
  expect(await lockHolder(join(base, 'alias'))).toMatchObject({ operation: 'back up' });
  await lock.release();
});

test('a living holder in another process is never taken over, and is named', async () => {
  const folder = await temporaryFolder('lock');
  const holder = await holdElsewhere(folder);
  for (let round = 0; round < 3; round += 1) {
    const refusal = await refused(folder);
    expect(refusal.details).toMatchObject({ pid: holder.pid, operation: 'upgrade to 2.0.0' });
    expect(refusal.message).toContain(String(holder.pid));
  }
  expect(await lockHolder(folder)).toMatchObject({ pid: holder.pid, operation: 'upgrade to 2.0.0' });
});

test('a holder that was killed is taken over at once', async () => {
  const folder = await temporaryFolder('lock');
  const holder = await holdElsewhere(folder);
  holder.kill('SIGKILL');
  await new Promise((resolve) => holder.once('exit', resolve));
  expect(await lockHolder(folder)).toBeNull();
  const lock = await takeLock(folder, 'recover');
  expect(await lockHolder(folder)).toMatchObject({ pid: process.pid, operation: 'recover' });
  expect((await readdir(folder)).sort()).toEqual(['lock', 'lock.json']);
  await lock.release();
});

test('a holder that exits without releasing frees the lock', async () => {
  const folder = await temporaryFolder('lock');
  const holder = await holdElsewhere(folder);
  holder.stdin?.end();
  await new Promise((resolve) => holder.once('exit', resolve));
  await (await takeLock(folder, 'start')).release();
});

test('a stopped holder is alive: its lock is kept', async () => {
  const folder = await temporaryFolder('lock');
  const holder = await holdElsewhere(folder);
  holder.kill('SIGSTOP');
  expect((await refused(folder)).details).toMatchObject({ pid: holder.pid });
});

test('two processes that take it in turn fifty times are never inside together', async () => {
  const folder = await temporaryFolder('lock');
  const inside = join(await temporaryFolder('inside'), 'inside');
  const runs = await Promise.all([1, 2].map(() => raceElsewhere(folder, 50, inside)));
  expect(runs.map((run) => run.violations)).toEqual([0, 0]);
  expect(runs.map((run) => run.taken)).toEqual([50, 50]);
});

test('of two that begin together, one gets it and the other is refused', async () => {
  const folder = await temporaryFolder('lock');
  for (let round = 0; round < 5; round += 1) {
    const both = await Promise.allSettled([takeLock(folder, 'one'), takeLock(folder, 'two')]);
    expect(both.map((each) => each.status).sort()).toEqual(['fulfilled', 'rejected']);
    for (const each of both) if (each.status === 'fulfilled') await each.value.release();
  }
});

test('particulars left behind are not believed: not when their pid is reused, not when they are nonsense', async () => {
  const folder = await temporaryFolder('lock');
  const left = { pid: process.pid, start: await startOf(process.pid), operation: 'upgrade to 2.0.0', since: '2020-01-01T00:00:00.000Z' };
  for (const text of [JSON.stringify(left), 'nonsense', '', 'null', '{"pid":"1"}']) {
    await writeFile(join(folder, 'lock'), '');
    await writeFile(join(folder, 'lock.json'), text);
    expect(await lockHolder(folder)).toBeNull();
    await (await takeLock(folder, 'check')).release();
  }
});

test('a holder whose particulars are gone or nonsense still holds the lock', async () => {
  const folder = await temporaryFolder('lock');
  await holdElsewhere(folder);
  await writeFile(join(folder, 'lock.json'), '{"pid":');
  expect(await lockHolder(folder)).toMatchObject({ pid: 0 });
  expect((await refused(folder)).message).toContain('another process');
});

test('a lock file with garbage in it is set aside and the lock still works', async () => {
  const folder = await temporaryFolder('lock');
  const garbage = '12345\nthe pid file of somebody else, long enough to look like a header of a database'.repeat(40);
  await writeFile(join(folder, 'lock'), garbage);
  expect(await lockHolder(folder)).toBeNull();
  const lock = await takeLock(folder, 'check');
  expect((await refused(folder)).code).toBe('locked');
  const aside = (await readdir(folder)).filter((name) => name.startsWith('lock.set-aside-'));
  expect(aside).toHaveLength(1);
  expect(await readFile(join(folder, aside[0] as string), 'utf8')).toBe(garbage);
  await lock.release();
  expect(await lstat(join(folder, 'lock'))).toMatchObject({ size: 0 });
});

test('garbage that was written into a held lock does not free it', async () => {
  const folder = await temporaryFolder('lock');
  await holdElsewhere(folder);
  await writeFile(join(folder, 'lock'), 'garbage');
  expect((await refused(folder)).code).toBe('locked');
  expect(await lockHolder(folder)).not.toBeNull();
});

test('a link, a second name and a folder in its place are refused and left as they are', async () => {
  const base = await temporaryFolder('lock');
  const precious = join(base, 'precious');
  await writeFile(precious, 'mine');
  const homes = ['linked', 'named', 'folder'].map((name) => join(base, name));
  for (const home of homes) await mkdir(home);
  await symlink(precious, join(homes[0] as string, 'lock'));
  await link(precious, join(homes[1] as string, 'lock'));
  await mkdir(join(homes[2] as string, 'lock'));
  for (const home of homes) {
    expect((await refused(home)).code).toBe('bad-home');
    expect((await refused(home)).code).toBe('bad-home');
  }
  expect(await readFile(precious, 'utf8')).toBe('mine');
});

test('nobody holds what is not there', async () => {
  expect(await lockHolder(join(await temporaryFolder('lock'), 'nowhere'))).toBeNull();
});

async function refused(folder: string): Promise<Failure> {
  const lock = await takeLock(folder, 'another').catch((error: unknown) => error);
  expect(lock).toBeInstanceOf(Failure);
  return lock as Failure;
}

async function holdElsewhere(folder: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [contender, 'hold', folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the contender ended with ${code}`)));
  });
  return child;
}

function raceElsewhere(folder: string, times: number, inside: string): Promise<{ taken: number; refused: number; violations: number }> {
  const child = spawn(process.execPath, [contender, 'race', folder, String(times), inside], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('close', (code) => (code === 0 ? resolve(JSON.parse(text)) : reject(new Error(`the contender ended with ${code}`))));
  });
}
