/** Second copies: on disks that are there, absent, full, swapped, or gone in the middle. Mounts are real where this may mount. */
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createHash, randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { copyBackup } from '../../../electron/engine/backup/copy-backup.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { makeWorkshop, write, type Workshop } from './workshop.ts';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Whether this user may mount; in CI it must. */
const mayMount = canMount();

function canMount(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return process.env['CI'] !== undefined;
  }
}

/** A small disk of its own at a folder; `away` pulls it out, `back` puts it in again. */
async function disk(folder: string, bytes: number): Promise<{ away: () => void; back: () => void }> {
  await mkdir(folder, { recursive: true });
  const image = `${folder}.img`;
  await writeFile(image, '');
  execFileSync('truncate', ['-s', String(bytes), image]);
  execFileSync('mkfs.ext4', ['-q', '-m', '0', image]);
  const back = () => execFileSync('mount', ['-o', 'loop', image, folder]);
  const away = () => execFileSync('umount', ['-l', folder]);
  back();
  onTestFinished(async () => {
    try {
      away();
    } catch {
      // It was pulled out by the test.
    }
    await rm(image, { force: true });
  });
  return { away, back };
}

async function withNotes(shop: Workshop, megabytes: number): Promise<void> {
  const home = await shop.setUp();
  await write(home, { 'notes/a.md': 'a' });
  await writeFile(join(home, 'notes/large.bin'), randomBytes(megabytes * 1024 * 1024));
}

describe('a second copy', () => {
  test('is made after each backup, read back there, and has a verdict of its own', async () => {
    const shop = await makeWorkshop();
    await withNotes(shop, 1);
    const folder = join(shop.folder, 'usb');
    await expect(shop.engine.api.addDestination({ folder })).rejects.toMatchObject({ code: 'bad-input' });
    await expect(shop.engine.api.addDestination({ folder: shop.home() })).rejects.toMatchObject({ code: 'bad-input' });
    await mkdir(folder);
    await shop.engine.api.addDestination({ folder });
    const { backup } = await shop.does('backUp', {});
    const copies = (await readdir(folder)).filter((name) => name.endsWith('.zst'));
    expect(copies).toHaveLength(1);
    expect(sha256(await readFile(join(folder, copies[0] ?? '')))).toBe(backup?.sha256);
    expect((await stat(join(folder, copies[0] ?? ''))).mode & 0o777).toBe(0o600);
    expect(await shop.engine.api.destinations({})).toMatchObject([
      { folder, state: 'present', waiting: 0, copies: [{ backup: backup?.id, state: 'whole' }] },
    ]);
    await shop.engine.api.removeDestination({ folder });
    expect(await shop.engine.api.destinations({})).toEqual([]);
    expect(await readdir(folder)).toContain(copies[0]);
    expect(await shop.fails('copy', {})).toMatchObject({ code: 'nothing-to-do' });
  });

  test('waits for a disk that is absent, which is no error, and is made when it is back', async () => {
    const shop = await makeWorkshop();
    await withNotes(shop, 1);
    const folder = join(shop.folder, 'usb');
    await mkdir(folder);
    await shop.engine.api.addDestination({ folder });
    // What is left of a disk that was pulled out: the empty folder at which it is mounted.
    const mark = await readFile(join(folder, '.moult-destination.json'));
    await rm(join(folder, '.moult-destination.json'));
    const { backup } = await shop.does('backUp', {});
    expect(backup?.verdict).toBe('unproven');
    expect(await readdir(folder)).toEqual([]);
    expect((await shop.engine.api.status({ offline: true })).destinations).toMatchObject([{ folder, state: 'absent', waiting: 1 }]);
    expect(shop.events.some((event) => event.event === 'note' && event.level === 'info' && event.text.includes('is not there now'))).toBe(
      true,
    );
    await writeFile(join(folder, '.moult-destination.json'), '{"moult-destination":1,"id":"another"}');
    await shop.does('copy', {});
    expect((await shop.engine.api.destinations({}))[0]).toMatchObject({
      state: 'absent',
      reason: 'another disk is mounted there',
      waiting: 1,
    });
    await writeFile(join(folder, '.moult-destination.json'), mark);
    await shop.does('copy', {});
    expect((await shop.engine.api.destinations({}))[0]).toMatchObject({ state: 'present', waiting: 0 });
  });

  test('takes the label of an encrypted backup with it', async () => {
    const shop = await makeWorkshop();
    await withNotes(shop, 1);
    const folder = join(shop.folder, 'usb');
    await mkdir(folder);
    await shop.engine.api.addDestination({ folder });
    await shop.engine.api.setEncryption({ identityFiles: [(await shop.engine.api.makeKey({ path: join(shop.folder, 'key') })).path] });
    await shop.does('backUp', {});
    expect((await readdir(folder)).map((name) => name.replace(/^.*Z/, '')).sort()).toEqual([
      '.moult-destination.json',
      '.tar.zst.age',
      '.tar.zst.age.label.json',
    ]);
  });

  test('of a backup that was damaged is not made, and the backup is found bad', async () => {
    const shop = await makeWorkshop();
    await withNotes(shop, 1);
    const { backup } = await shop.does('backUp', {});
    const bytes = await readFile(backup?.path ?? '');
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    await writeFile(backup?.path ?? '', bytes);
    const folder = join(shop.folder, 'usb');
    await mkdir(folder);
    await shop.engine.api.addDestination({ folder });
    await shop.does('copy', {});
    expect((await readdir(folder)).filter((name) => name.includes('tar'))).toEqual([]);
    expect((await shop.engine.api.backups({}))[0]).toMatchObject({ verdict: 'bad' });
  });
});

test('what a cut left of a copy goes when nobody waits for it and it is old, and not before', async () => {
  const shop = await makeWorkshop();
  await withNotes(shop, 1);
  const { backup } = await shop.does('backUp', {});
  const folder = join(shop.folder, 'usb');
  await mkdir(folder);
  await shop.engine.api.addDestination({ folder });
  const names = [
    '.gone.tar.zst.copy.partial',
    '.another.tar.zst.copy.partial',
    `.${basename(backup?.path ?? '')}.copy.partial`,
    'a.partial',
  ];
  for (const name of names) await writeFile(join(folder, name), 'x');
  const eightDaysAgo = Date.now() / 1000 - 8 * 24 * 3600;
  for (const name of names.filter((each) => !each.includes('another'))) await utimes(join(folder, name), eightDaysAgo, eightDaysAgo);
  await shop.does('copy', {});
  expect((await readdir(folder)).filter((name) => name.includes('partial')).sort()).toEqual(['.another.tar.zst.copy.partial', 'a.partial']);
  expect(sha256(await readFile(join(folder, basename(backup?.path ?? ''))))).toBe(backup?.sha256);
});

describe.skipIf(!mayMount)('a disk', () => {
  test('that is pulled out midway leaves the backup whole, is said, and the copy goes on where it stopped', async () => {
    const shop = await makeWorkshop();
    await withNotes(shop, 24);
    const folder = join(shop.folder, 'disk');
    const mounted = await disk(folder, 128 * 1024 * 1024);
    await shop.engine.api.addDestination({ folder });
    let isAway = false;
    const stop = shop.engine.subscribe((event) => {
      if (event.event !== 'progress' || event.progress.step !== 'copy' || isAway || (event.progress.bytes ?? 0) < 4 * 1024 * 1024) return;
      isAway = true;
      mounted.away();
    });
    const { backup } = await shop.does('backUp', { limit: 32 * 1024 * 1024 });
    stop();
    expect(isAway).toBe(true);
    expect(backup?.verdict).toBe('unproven');
    expect((await shop.engine.api.destinations({}))[0]).toMatchObject({ state: 'absent', waiting: 1 });
    expect(
      shop.events.some((event) => event.event === 'note' && event.level === 'warning' && event.text.includes('tried again next time')),
    ).toBe(true);
    // Nothing was written below the folder that was left.
    expect((await readdir(folder)).filter((name) => name.endsWith('.zst'))).toEqual([]);
    mounted.back();
    const partial = (await readdir(folder)).find((name) => name.includes('.copy.partial'));
    expect(partial).toBeDefined();
    await shop.does('copy', {});
    const name = (await readdir(folder)).find((each) => each.endsWith('.zst'));
    expect(sha256(await readFile(join(folder, name ?? '')))).toBe(backup?.sha256);
    expect((await readdir(folder)).filter((name) => name.includes('partial'))).toEqual([]);
  });

  test('that does not answer any more is not waited for for ever', async () => {
    const folder = await temporaryFolder('copying');
    const place = join(folder, 'frozen');
    await disk(place, 64 * 1024 * 1024);
    await writeFile(join(folder, 'a.tar.zst'), 'x');
    // A frozen file system takes no write and does not say so, like a network folder whose server is gone.
    execFileSync('fsfreeze', ['-f', place]);
    try {
      const copying = copyBackup(join(folder, 'a.tar.zst'), join(place, 'b.tar.zst'), { sha256: sha256(Buffer.from('x')), patience: 300 });
      await expect(copying).rejects.toMatchObject({ code: 'timeout' });
    } finally {
      execFileSync('fsfreeze', ['-u', place]);
    }
  });

  test('that is full is refused before it is written to, and the backup stays', async () => {
    const shop = await makeWorkshop();
    await withNotes(shop, 24);
    const folder = join(shop.folder, 'small');
    await disk(folder, 40 * 1024 * 1024);
    await shop.engine.api.addDestination({ folder });
    const { backup } = await shop.does('backUp', {});
    expect(backup?.verdict).toBe('unproven');
    expect((await shop.engine.api.destinations({}))[0]).toMatchObject({
      waiting: 1,
      copies: [{ state: 'failed', problem: expect.stringContaining('free') as string }],
    });
    expect((await readdir(folder)).filter((name) => name.includes('tar'))).toEqual([]);
  });
});

describe('copying', () => {
  test('goes on from what is the same, and begins anew where it is not', async () => {
    const folder = await temporaryFolder('copying');
    const bytes = randomBytes(5 * 1024 * 1024 + 7);
    await writeFile(join(folder, 'a.tar.zst'), bytes);
    const to = join(folder, 'b.tar.zst');
    await writeFile(join(folder, '.b.tar.zst.copy.partial'), bytes.subarray(0, 3_000_000));
    expect(await copyBackup(join(folder, 'a.tar.zst'), to, { sha256: sha256(bytes) })).toEqual({
      bytes: bytes.length,
      resumedAt: 3_000_000,
    });
    expect((await readFile(to)).equals(bytes)).toBe(true);
    await rm(to);
    const other = Buffer.from(bytes.subarray(0, 3_000_000));
    other[17] = (other[17] ?? 0) ^ 1;
    await writeFile(join(folder, '.b.tar.zst.copy.partial'), other);
    expect(await copyBackup(join(folder, 'a.tar.zst'), to, { sha256: sha256(bytes) })).toEqual({ bytes: bytes.length, resumedAt: 0 });
    expect((await readFile(to)).equals(bytes)).toBe(true);
  });

  test('keeps to its limit', async () => {
    const folder = await temporaryFolder('copying');
    const bytes = randomBytes(4 * 1024 * 1024);
    await writeFile(join(folder, 'a.tar.zst'), bytes);
    const from = performance.now();
    await copyBackup(join(folder, 'a.tar.zst'), join(folder, 'b.tar.zst'), { sha256: sha256(bytes), limit: 2 * 1024 * 1024 });
    expect(performance.now() - from).toBeGreaterThan(1900);
  });
});

test('a backup keeps to the limit that was asked for, and to that of the setting', async () => {
  const shop = await makeWorkshop();
  await withNotes(shop, 6);
  const from = performance.now();
  await shop.does('backUp', { limit: 3 * 1024 * 1024 });
  expect(performance.now() - from).toBeGreaterThan(2000);
  await shop.engine.api.setLimits({ bytesPerSecond: 3 * 1024 * 1024 });
  const again = performance.now();
  await shop.does('backUp', {});
  expect(performance.now() - again).toBeGreaterThan(2000);
});
