import { appendFile, mkdir, rename, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { follow, prepareLog, tail } from '../../../electron/engine/service/log.ts';
import { withoutSecrets } from '../../../electron/engine/service/secrets.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test.each([
  ['a\nb\nc\n', 2, 'b\nc\n'],
  ['a\nb\nc', 2, 'b\nc\n'],
  ['a\nb\n', 9, 'a\nb\n'],
  ['\n\n\n', 2, '\n\n'],
  ['', 3, ''],
  ['ä\nö\n', 1, 'ö\n'],
])('the end of %j, %i lines of it', async (text, lines, expected) => {
  const log = join(await temporaryFolder('log'), 'x.log');
  await writeFile(log, text);
  expect(await tail(log, lines)).toBe(expected);
});

test('the end of a log that is longer than what is read at once, and none of it before an offset', async () => {
  const log = join(await temporaryFolder('log'), 'x.log');
  const lines = Array.from({ length: 30_000 }, (_, index) => `line ${index} – with a dash of more than one byte`);
  await writeFile(log, `${lines.join('\n')}\n`);
  for (const count of [1, 100, 5000]) expect(await tail(log, count)).toBe(`${lines.slice(-count).join('\n')}\n`);
  const before = (await stat(log)).size;
  await appendFile(log, 'new\n');
  expect(await tail(log, 100, before)).toBe('new\n');
  expect(await tail(log, 100, before + 999)).toBe('');
});

test('the end of a huge log takes no longer than that of a small one', async () => {
  const log = join(await temporaryFolder('log'), 'x.log');
  await writeFile(log, 'first\n');
  await truncate(log, 8 * 1024 ** 3);
  await appendFile(log, '\none\ntwo\n');
  const from = performance.now();
  expect(await tail(log, 2)).toBe('one\ntwo\n');
  expect(performance.now() - from).toBeLessThan(200);
});

test('one line without end is cut, not kept whole in memory', async () => {
  const log = join(await temporaryFolder('log'), 'x.log');
  await writeFile(log, '');
  await truncate(log, 1024 ** 3);
  expect((await tail(log, 5)).length).toBeLessThan(17 * 1024 * 1024);
});

test('no log has no end', async () => {
  expect(await tail(join(await temporaryFolder('log'), 'nothing', 'x.log'), 5)).toBe('');
});

test('a log is followed: what is added, also split characters, after a turn-over, and after it was emptied', async () => {
  const log = join(await temporaryFolder('log'), 'x.log');
  await writeFile(log, 'before\n');
  const heard = listen(log);
  await sleep(50);
  await appendFile(log, 'one\n');
  await until(heard, 'one\n');
  const euro = Buffer.from('€\n');
  await appendFile(log, euro.subarray(0, 1));
  await sleep(300);
  await appendFile(log, euro.subarray(1));
  await until(heard, 'one\n€\n');
  await rename(log, `${log}.1`);
  await writeFile(log, 'two\n');
  await until(heard, 'one\n€\ntwo\n');
  await truncate(log, 0);
  await sleep(300);
  await appendFile(log, 'x\n');
  await until(heard, 'one\n€\ntwo\nx\n');
});

test('a log that is not there yet is followed from its beginning', async () => {
  const folder = join(await temporaryFolder('log'), 'logs');
  const heard = listen(join(folder, 'x.log'));
  await sleep(50);
  await mkdir(folder);
  await writeFile(join(folder, 'x.log'), 'first\n');
  await until(heard, 'first\n');
});

test('an abort ends the following quietly and at once', async () => {
  const log = join(await temporaryFolder('log'), 'x.log');
  await writeFile(log, '');
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  const from = performance.now();
  for await (const _ of follow(log, controller.signal)) throw new Error('nothing was written');
  expect(performance.now() - from).toBeLessThan(400);
});

test('a log is made ready: private, and set aside when it is too long', async () => {
  const log = join(await temporaryFolder('log'), 'logs', 'x.log');
  expect(await prepareLog(log)).toBe(0);
  await writeFile(log, 'abc', { mode: 0o644 });
  expect(await prepareLog(log)).toBe(3);
  expect((await stat(log)).mode & 0o777).toBe(0o600);
  await truncate(log, 10 * 1024 * 1024 + 1);
  expect(await prepareLog(log)).toBe(0);
  expect((await stat(`${log}.1`)).size).toBe(10 * 1024 * 1024 + 1);
});

test('values of secret variables are blotted out, the longest first, short ones and plain ones not', () => {
  const env = { DB_PASSWORD: 'hunter2-long', API_KEY: 'hunter2-long-too', SECRET_MODE: '1', HOME: '/home/person' };
  expect(withoutSecrets('a hunter2-long b hunter2-long-too c 1 /home/person', env)).toBe('a *** b *** c 1 /home/person');
});

/** Everything that is heard of a log until the test ends. */
function listen(log: string): { text: string } {
  const heard = { text: '' };
  const controller = new AbortController();
  const done = (async () => {
    for await (const text of follow(log, controller.signal)) heard.text += text;
  })();
  onTestFinished(async () => {
    controller.abort();
    await done;
  });
  return heard;
}

async function until(heard: { text: string }, expected: string): Promise<void> {
  await vi.waitFor(() => expect(heard.text).toBe(expected), { timeout: 3000, interval: 20 });
}
