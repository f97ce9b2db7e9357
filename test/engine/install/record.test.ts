import { chmod, lstat, mkdir, readFile, readdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { moultFolderOf } from '../../../electron/engine/install/moult-folder.ts';
import { readRecord, slotPath, slotReference, writeRecord, type InstallRecord } from '../../../electron/engine/install/record.ts';
import { releaseIn } from '../../../electron/engine/install/identify.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { descriptorWith, itemText, writeFiles } from './make-install.ts';

const record: InstallRecord = {
  format: 1,
  id: 'ab',
  name: 'sprig',
  product: 'sprig',
  state: 'active',
  release: '1.0.0',
  slot: '.moult/slots/1.0.0',
  adopted: false,
  channel: 'stable',
  pin: null,
  port: 8377,
  createdAt: '2026-03-04T05:06:07.000Z',
  previous: null,
};

describe('install.json', () => {
  test('comes back as it was written, for its owner alone, and leaves nothing beside it', async () => {
    const home = await temporaryFolder('record');
    const before = process.umask(0);
    try {
      await writeRecord(home, record);
      await writeRecord(home, { ...record, release: '1.1.0' });
    } finally {
      process.umask(before);
    }
    expect(await readRecord(home)).toEqual({ ...record, release: '1.1.0' });
    const folder = moultFolderOf(home);
    expect((await lstat(folder.record)).mode & 0o777).toBe(0o600);
    expect((await lstat(folder.root)).mode & 0o777).toBe(0o700);
    expect(await readdir(folder.root)).toEqual(['current', 'install.json']);
  });

  test('leads `current` to the slot, and away from one that is gone', async () => {
    const home = await temporaryFolder('record');
    await writeRecord(home, record);
    expect(await readlink(moultFolderOf(home).current)).toBe(join(home, '.moult/slots/1.0.0'));
    await writeRecord(home, { ...record, slot: '/opt/sprig' });
    expect(await readlink(moultFolderOf(home).current)).toBe('/opt/sprig');
    await writeRecord(home, { ...record, slot: null, release: null, state: 'uninstalled' });
    expect(await lstat(moultFolderOf(home).current).catch(() => null)).toBeNull();
  });

  test('is null where Moult keeps nothing', async () => {
    expect(await readRecord(await temporaryFolder('record'))).toBeNull();
    expect(await readRecord('/nowhere/at/all')).toBeNull();
  });

  test.each([
    ['cut off', JSON.stringify(record).slice(0, 80)],
    ['empty', ''],
    ['no object', '"sprig"'],
    ['null', 'null'],
    ['without a product', JSON.stringify({ ...record, product: undefined })],
    ['in a state nobody knows', JSON.stringify({ ...record, state: 'asleep' })],
    ['of no format', JSON.stringify({ ...record, format: 'one' })],
    ['full of zeroes', '\0'.repeat(400)],
  ])('that is %s is told with its path and a way out, and left as it is', async (_, text) => {
    const home = await temporaryFolder('record');
    const path = moultFolderOf(home).record;
    await mkdir(moultFolderOf(home).root);
    await writeFile(path, text);
    await expect(readRecord(home)).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringContaining(path) as string,
      remedy: { action: 'edit-config' },
    });
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test('of a newer Moult is refused with both formats, whatever else it holds', async () => {
    const home = await temporaryFolder('record');
    await mkdir(moultFolderOf(home).root);
    await writeFile(moultFolderOf(home).record, JSON.stringify({ format: 2, future: true }));
    await expect(readRecord(home)).rejects.toMatchObject({
      code: 'newer-format',
      message: expect.stringMatching(/format 2.*knows 1/) as string,
    });
  });

  test('that cannot be written stays as it was', async () => {
    const home = await temporaryFolder('record');
    await writeRecord(home, record);
    const folder = moultFolderOf(home);
    await mkdir(join(folder.root, 'taken'));
    await chmod(folder.record, 0o400);
    await writeRecord(home, { ...record, release: '1.1.0' });
    expect((await readRecord(home))?.release).toBe('1.1.0');
    expect((await readdir(folder.root)).filter((name) => name.includes('tmp'))).toEqual([]);
  });
});

test('a slot inside the home is kept relative, so that the home can be moved; one elsewhere is absolute', () => {
  expect(slotReference('/srv/sprig', '/srv/sprig/.moult/slots/1.0.0')).toBe('.moult/slots/1.0.0');
  expect(slotReference('/srv/sprig', '/srv/sprig-2/app')).toBe('/srv/sprig-2/app');
  expect(slotReference('/srv/sprig', '/usr/lib/node-red')).toBe('/usr/lib/node-red');
  expect(slotReference('/srv/sprig', '/srv/sprig/..app')).toBe('..app');
  for (const slot of ['/srv/sprig/app', '/srv/sprig/..app', '/opt/x'])
    expect(slotPath('/srv/sprig', slotReference('/srv/sprig', slot))).toBe(slot);
});

test('a folder of code tells its release, or nothing', async () => {
  const descriptor = await descriptorWith(itemText('notes', '{ path: notes }'));
  const version = descriptor.code.version as { file: string; pointer: string };
  const folder = await temporaryFolder('code');
  const file = version.file.replace('{slot}/', '');
  const value = (text: unknown) => JSON.stringify({ version: text });
  expect(await releaseIn(descriptor, folder)).toBeNull();
  for (const [text, told] of [
    [value('1.2.3'), '1.2.3'],
    [value(''), null],
    [value(12), null],
    ['{', null],
    ['null', null],
  ] as const) {
    await writeFiles(folder, { [file]: text });
    expect(await releaseIn(descriptor, folder), text).toBe(told);
  }
});
