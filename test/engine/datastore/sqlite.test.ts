import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, open, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { datastoreDriver, type Capture, type CaptureFile } from '../../../electron/engine/datastore/driver.ts';
import { runAndDie, startWriter, stateOf, withDatabase } from '../../support/sqlite-product.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const sqlite = datastoreDriver('sqlite');

describe('a datastore with a write-ahead log', () => {
  for (const end of ['SIGTERM', 'SIGKILL'] as const) {
    test(`loses no committed row of a product that writes all the time and ends with ${end}`, async () => {
      const { path, scratch, folder } = await place();
      const product = await startWriter(path, 'wal');
      await product.more(1000);
      const capture = await begin(path, scratch);
      expect(capture.finishing).toBe('changes');
      const duringBase = product.committed();
      // Every look at the datastore from this process would end a lock that this process held.
      await readFile(path);
      await readFile(`${path}-shm`);
      await product.more(2000);
      const committed = await product.stop(end);
      expect(committed).toBeGreaterThan(duringBase + 2000);

      const base = await restore(join(folder, 'base'), capture.base);
      expect(await sqlite.check([base])).toEqual([]);
      const atBase = rowsOf(base);
      expect(atBase.count).toBe(atBase.last);
      expect(atBase.count).toBeGreaterThan(1000);
      expect(atBase.count).toBeLessThan(committed);

      const added = await capture.finish();
      expect(added).toEqual([{ path: `${path}-wal`, as: 'sprig.db-wal', of: path }]);
      const final = await restore(join(folder, 'final'), [...capture.base, ...added]);
      await capture.close();
      expect(await sqlite.check([final])).toEqual([]);
      await sqlite.prepareRestored?.([final]);
      expect(await readdir(dirname(final))).toEqual(['sprig.db']);
      const restored = rowsOf(final);
      expect(restored).toEqual(rowsOf(path));
      expect(restored.count).toBeGreaterThanOrEqual(committed);
    });
  }

  test('takes what was written after the log began anew, although everything had been checkpointed before', async () => {
    const { path, scratch, folder } = await place();
    const product = new Database(path);
    product.pragma('journal_mode = wal');
    product.exec('CREATE TABLE entries (id INTEGER PRIMARY KEY, text TEXT)');
    fill(product, 100);
    product.pragma('wal_checkpoint(PASSIVE)');
    const before = await logHeader(path);
    const capture = await begin(path, scratch);
    fill(product, 7);
    expect(await logHeader(path)).not.toEqual(before);
    product.pragma('wal_checkpoint(PASSIVE)');
    fill(product, 5);
    product.close();
    const added = await capture.finish();
    expect(added.map((file) => file.as)).toEqual(['sprig.db-wal']);
    const final = await restore(join(folder, 'final'), [...capture.base, ...added]);
    expect(rowsOf(final).count).toBe(112);
    expect(capture.notes).toEqual([]);
  });

  test('takes what was written into a log that was empty', async () => {
    const { path, scratch, folder } = await stopped(50);
    const capture = await begin(path, scratch);
    withDatabase(path, (product) => fill(product, 3));
    const added = await capture.finish();
    expect(added.map((file) => file.as)).toEqual(['sprig.db-wal']);
    expect(rowsOf(await restore(join(folder, 'final'), [...capture.base, ...added])).count).toBe(53);
  });

  test('adds nothing when nothing was written', async () => {
    const { path, scratch } = await stopped(50);
    const product = new Database(path);
    onTestFinished(() => void product.close());
    fill(product, 1);
    const capture = await begin(path, scratch);
    product.close();
    expect(await capture.finish()).toEqual([]);
  });

  test('copies everything again, and says so, when the log was replaced behind its back', async () => {
    const { path, scratch, folder } = await stopped(50);
    await runAndDie(path, `database.exec("INSERT INTO entries (text) VALUES ('left in the log')")`);
    const capture = await begin(path, scratch);
    await rm(`${path}-wal`);
    await rm(`${path}-shm`);
    withDatabase(path, (product) => fill(product, 9));
    const added = await capture.finish();
    expect(added).toMatchObject([{ as: 'sprig.db', replaces: true }]);
    expect(capture.notes.join()).toMatch(/copied a second time/);
    expect(rowsOf(await restore(join(folder, 'final'), added)).count).toBe(59);
  });

  test('the time of the last part does not grow with the data', async () => {
    const times: Record<number, number> = {};
    for (const megabytes of [5, 200]) {
      const { path, scratch } = await place();
      const product = new Database(path);
      product.pragma('journal_mode = wal');
      product.pragma('synchronous = OFF');
      product.exec('CREATE TABLE entries (id INTEGER PRIMARY KEY, text)');
      const insert = product.prepare('INSERT INTO entries (text) VALUES (zeroblob(16000))');
      const batch = product.transaction(() => {
        for (let left = 64; left > 0; left -= 1) insert.run();
      });
      for (let left = megabytes; left > 0; left -= 1) batch();
      const capture = await begin(path, scratch);
      expect((await stat(capture.base[0]?.path ?? '')).size).toBeGreaterThan(megabytes * 1_000_000);
      fill(product, 3);
      product.close();
      const start = performance.now();
      const added = await capture.finish();
      times[megabytes] = performance.now() - start;
      expect(added.map((file) => file.as)).toEqual(['sprig.db-wal']);
      expect((await stat(added[0]?.path ?? '')).size).toBeLessThan(6_000_000);
      await capture.close();
    }
    // Copying 200 MB again takes a second here; 60 ms of room for a busy machine.
    expect(times[200]).toBeLessThan((times[5] ?? 0) + 60);
  });

  test('leaves a stopped datastore as it was', async () => {
    const { path, scratch } = await stopped(20);
    const before = await stateOf(dirname(path));
    const capture = await begin(path, scratch);
    expect(await capture.finish()).toEqual([]);
    await capture.close();
    expect(await stateOf(dirname(path))).toEqual(before);
  });

  test('leaves the log of a killed product where it is', async () => {
    const { path, scratch, folder } = await stopped(20);
    await runAndDie(path, `database.exec("INSERT INTO entries (text) VALUES ('left in the log')")`);
    const isIndex = (name: string) => name.endsWith('-shm');
    const before = await stateOf(dirname(path), isIndex);
    expect(Object.keys(before)).toEqual(['sprig.db', 'sprig.db-wal']);
    const capture = await begin(path, scratch);
    const base = await restore(join(folder, 'base'), capture.base);
    await capture.close();
    expect(rowsOf(base).count).toBe(21);
    expect(await stateOf(dirname(path), isIndex)).toEqual(before);
  });
});

describe('a datastore without a log', () => {
  test('is copied while a product writes, and again at the end', async () => {
    const { path, scratch, folder } = await place();
    const product = await startWriter(path, 'delete', 1);
    await product.more(50);
    const capture = await begin(path, scratch);
    expect(capture.finishing).toBe('whole');
    expect(capture.notes.join()).toMatch(/copied whole once the product has stopped/);
    const base = await restore(join(folder, 'base'), capture.base);
    expect(await sqlite.check([base])).toEqual([]);
    expect(rowsOf(base).count).toBe(rowsOf(base).last);
    await product.more(20);
    const committed = await product.stop();
    const added = await capture.finish();
    expect(added).toMatchObject([{ as: 'sprig.db', replaces: true }]);
    const final = await restore(join(folder, 'final'), added);
    expect(await sqlite.check([final])).toEqual([]);
    expect(rowsOf(final).count).toBeGreaterThanOrEqual(committed);
  });

  test('is not copied again when nothing was written', async () => {
    const { path, scratch } = await stopped(20, 'delete');
    const before = await stateOf(dirname(path));
    const capture = await begin(path, scratch);
    expect(await capture.finish()).toEqual([]);
    await capture.close();
    expect(await stateOf(dirname(path))).toEqual(before);
  });

  test('says who is in the way when another program locks it', async () => {
    const { path, scratch } = await stopped(5, 'delete');
    const other = new Database(path);
    onTestFinished(() => void other.close());
    other.exec('BEGIN EXCLUSIVE');
    await expect(begin(path, scratch)).rejects.toMatchObject({ code: 'io', remedy: { action: 'stop-service' } });
    expect(await readdir(scratch)).toEqual([]);
  });
});

describe('a capture', () => {
  test('makes copies that nobody else can read, and removes them', async () => {
    const { path, scratch } = await stopped(5);
    const capture = await begin(path, scratch);
    expect((await stat(capture.base[0]?.path ?? '')).mode & 0o777).toBe(0o600);
    await capture.close();
    await capture.close();
    expect(await readdir(scratch)).toEqual([]);
  });

  test('tells how far it is, to the end', async () => {
    const { path, scratch } = await stopped(2000);
    const seen: { bytes: number; totalBytes: number }[] = [];
    const capture = await sqlite.capture({ paths: [path], scratch, onProgress: (progress) => seen.push(progress) });
    await capture?.close();
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every((one) => one.bytes <= one.totalBytes)).toBe(true);
    expect(seen.at(-1)?.bytes).toBe(seen.at(-1)?.totalBytes);
  });

  test('ends at once when it is cancelled, and leaves nothing behind', async () => {
    const { path, scratch } = await stopped(20_000);
    const before = await stateOf(dirname(path));
    const cancel = new AbortController();
    const onProgress = () => cancel.abort();
    await expect(sqlite.capture({ paths: [path], scratch, signal: cancel.signal, onProgress })).rejects.toThrow(/abort/);
    expect(await readdir(scratch)).toEqual([]);
    expect(await stateOf(dirname(path))).toEqual(before);
  });

  test('lets go when the process that began it is killed', async () => {
    const { path, scratch } = await stopped(20);
    const product = new Database(path);
    onTestFinished(() => void product.close());
    fill(product, 1);
    const driver = fileURLToPath(new URL('../../../electron/engine/datastore/driver.ts', import.meta.url));
    const script = `import { datastoreDriver } from ${JSON.stringify(driver)};
      await datastoreDriver('sqlite').capture(${JSON.stringify({ paths: [path], scratch })}); console.log('held'); setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void owner.kill('SIGKILL'));
    await once(owner.stdout, 'data');
    product.pragma('busy_timeout = 0');
    expect(product.pragma('wal_checkpoint(TRUNCATE)')).toMatchObject([{ busy: 1 }]);
    owner.kill('SIGKILL');
    await expect.poll(() => product.pragma('wal_checkpoint(TRUNCATE)'), { timeout: 5000 }).toMatchObject([{ busy: 0 }]);
  });

  test('holds a datastore that is made only later', async () => {
    const { path, scratch, folder } = await place();
    const capture = await begin(path, scratch);
    expect(capture.base).toEqual([]);
    withDatabase(path, (product) => {
      product.exec('CREATE TABLE entries (id INTEGER PRIMARY KEY, text TEXT)');
      fill(product, 4);
    });
    expect(rowsOf(await restore(join(folder, 'final'), await capture.finish())).count).toBe(4);
  });

  test('keeps a damaged datastore byte for byte and says that it is damaged', async () => {
    const { path, scratch, folder } = await place();
    await writeFile(path, 'this is no database, but it was somebody’s data '.repeat(100));
    const capture = await begin(path, scratch);
    expect(capture.notes.join()).toMatch(/cannot be read as a SQLite database/);
    const base = await restore(join(folder, 'base'), capture.base);
    expect(await readFile(base)).toEqual(await readFile(path));
    expect((await sqlite.check([base])).join()).toMatch(/cannot be read as a SQLite database/);
  });

  test('holds several datastores at once', async () => {
    const one = await stopped(3);
    const other = await stopped(4);
    const capture = await sqlite.capture({ paths: [one.path, other.path], scratch: one.scratch });
    onTestFinished(() => capture?.close());
    expect(capture?.base.map((file) => [file.as, file.of])).toEqual([
      ['sprig.db', one.path],
      ['sprig.db', other.path],
    ]);
    expect(capture?.base.map((file) => rowsOf(file.path).count)).toEqual([3, 4]);
  });
});

describe('a check', () => {
  test('finds a page that was overwritten', async () => {
    const { path } = await stopped(2000);
    expect(await sqlite.check([path])).toEqual([]);
    const handle = await open(path, 'r+');
    await handle.write(Buffer.alloc(4096, 0x5a), 0, 4096, 4096 * 20);
    await handle.close();
    expect((await sqlite.check([path])).length).toBeGreaterThan(0);
  });

  test('finds a file that is cut off, empty or missing', async () => {
    const { path } = await stopped(2000);
    const handle = await open(path, 'r+');
    await handle.truncate(4096 * 30);
    await handle.close();
    expect((await sqlite.check([path])).length).toBeGreaterThan(0);
    await writeFile(path, '');
    expect(await sqlite.check([path])).toEqual([`${path} is empty`]);
    await rm(path);
    expect(await sqlite.check([path])).toEqual([`${path} is missing`]);
  });

  test('leaves a copy with a log as it is', async () => {
    const { path, folder } = await stopped(20);
    await runAndDie(path, `database.exec("INSERT INTO entries (text) VALUES ('left in the log')")`);
    await mkdir(join(folder, 'copy'));
    for (const suffix of ['', '-wal']) await copyFile(path + suffix, join(folder, 'copy', `sprig.db${suffix}`));
    const before = await stateOf(join(folder, 'copy'));
    expect(await sqlite.check([join(folder, 'copy', 'sprig.db')])).toEqual([]);
    expect(await stateOf(join(folder, 'copy'))).toEqual(before);
  });
});

test('all files of a datastore are named', async () => {
  const { path } = await stopped(20);
  expect(await sqlite.files([path])).toEqual([path]);
  await runAndDie(path, `database.exec("INSERT INTO entries (text) VALUES ('left in the log')")`);
  expect(await sqlite.files([path, `${path}-elsewhere`])).toEqual([path, `${path}-wal`, `${path}-shm`]);
});

async function place(): Promise<{ folder: string; path: string; scratch: string }> {
  const folder = await temporaryFolder('datastore');
  await mkdir(join(folder, 'data'));
  return { folder, path: join(folder, 'data', 'sprig.db'), scratch: join(folder, 'scratch') };
}

/** A datastore that a product closed properly. */
async function stopped(rows: number, mode = 'wal'): Promise<{ folder: string; path: string; scratch: string }> {
  const made = await place();
  withDatabase(made.path, (database) => {
    database.pragma(`journal_mode = ${mode}`);
    database.pragma('synchronous = OFF');
    database.exec('CREATE TABLE entries (id INTEGER PRIMARY KEY, text TEXT); CREATE INDEX by_text ON entries (text)');
    database.transaction(() => fill(database, rows))();
  });
  return made;
}

function fill(database: Database.Database, rows: number): void {
  const insert = database.prepare('INSERT INTO entries (text) VALUES (?)');
  for (let left = rows; left > 0; left -= 1) insert.run(`${left} ${'x'.repeat(200)}`);
}

async function begin(path: string, scratch: string): Promise<Capture> {
  const capture = await sqlite.capture({ paths: [path], scratch });
  if (capture === null) throw new Error('no capture');
  onTestFinished(() => capture.close());
  return capture;
}

/** Puts captured files where a restore would. */
async function restore(folder: string, files: CaptureFile[]): Promise<string> {
  await mkdir(folder);
  for (const file of files) await copyFile(file.path, join(folder, file.as));
  return join(folder, 'sprig.db');
}

function rowsOf(path: string): { count: number; last: number } {
  return withDatabase(
    path,
    (database) => database.prepare('SELECT count(*) AS count, max(id) AS last FROM entries').get() as { count: number; last: number },
  );
}

async function logHeader(path: string): Promise<Buffer> {
  return (await readFile(`${path}-wal`)).subarray(0, 32);
}
