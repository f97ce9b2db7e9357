import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { verifyBackup } from '../../../electron/engine/backup/verify-backup.ts';
import { sqliteDriver } from '../../../electron/engine/datastore/sqlite.ts';
import { openDatabase } from '../../../electron/engine/platform/sqlite.ts';
import { holdSpares, Spares } from '../../../electron/engine/platform/spares.ts';
import { suiteFolder } from '../../support/temporary-folder.ts';
import { backUp, workspace } from '../backup/samples.ts';

class Counted {
  static ended = 0;
  #lives = true;
  isAlive(): boolean {
    return this.#lives;
  }
  async end(): Promise<void> {
    this.#lives = false;
    Counted.ended += 1;
  }
}

const folder = await suiteFolder('spares');
let letGo: () => Promise<void> = async () => {};
afterEach(() => letGo());

describe('a helper that is done', () => {
  it('waits for the next work as long as somebody holds it, and is given to one alone', async () => {
    letGo = holdSpares();
    const spares = new Spares<Counted>();
    const helper = new Counted();
    await spares.keep(helper);
    expect(spares.take()).toBe(helper);
    expect(spares.take()).toBeNull();
    await spares.keep(helper);
    const alsoHeld = holdSpares();
    await letGo();
    await letGo();
    expect(helper.isAlive()).toBe(true);
    await alsoHeld();
    expect(helper.isAlive()).toBe(false);
    expect(spares.take()).toBeNull();
  });

  it('is ended where nobody would use it again', async () => {
    const spares = new Spares<Counted>();
    const unheld = new Counted();
    await spares.keep(unheld);
    expect(unheld.isAlive()).toBe(false);
    letGo = holdSpares();
    const [first, second] = [new Counted(), new Counted()];
    await spares.keep(first);
    await spares.keep(second);
    expect([first.isAlive(), second.isAlive()]).toEqual([true, false]);
  });

  it('is not given out when it died while it waited', async () => {
    letGo = holdSpares();
    const spares = new Spares<Counted>();
    const helper = new Counted();
    await spares.keep(helper);
    await helper.end();
    expect(spares.take()).toBeNull();
  });
});

describe.runIf(process.platform === 'linux')('real ones', () => {
  const threads = async () => (await readdir('/proc/self/task')).length;
  const children = async () => {
    const all = await Promise.all(
      (await readdir('/proc/self/task')).map(async (task) =>
        (await import('node:fs')).readFileSync(`/proc/self/task/${task}/children`, 'utf8'),
      ),
    );
    return all
      .join(' ')
      .trim()
      .split(/\s+/)
      .filter((pid) => pid !== '');
  };

  it('one process reads SQLite for one check after another', async () => {
    const path = join(folder, 'app.db');
    const database = openDatabase(path);
    database.exec('CREATE TABLE notes (text TEXT)');
    database.close();
    letGo = holdSpares();
    expect(await sqliteDriver.check([path])).toEqual([]);
    const first = await children();
    expect(first).toHaveLength(1);
    expect(await sqliteDriver.rows?.([path])).toEqual({ notes: 0 });
    expect(await children()).toEqual(first);
    // What went wrong is not trusted with other work.
    await writeFile(join(folder, 'broken.db'), 'no database '.repeat(1000));
    await sqliteDriver.check([join(folder, 'broken.db')]).catch(() => {});
    expect(await sqliteDriver.check([path])).toEqual([]);
    await letGo();
    expect(await children()).toEqual([]);
  });

  it('the same threads read one backup after another, and new ones after an abort', async () => {
    await writeFile(join(folder, 'note.md'), 'a note\n');
    const path = join(folder, 'one.tar.zst');
    await backUp(path, [workspace(join(folder, 'note.md'))]);
    const before = await threads();
    letGo = holdSpares();
    expect((await verifyBackup(path)).problems).toEqual([]);
    const kept = await threads();
    expect(kept).toBeGreaterThan(before);
    for (let time = 0; time < 3; time += 1) expect((await verifyBackup(path)).problems).toEqual([]);
    expect(await threads()).toBe(kept);
    const aborter = new AbortController();
    const aborted = verifyBackup(path, { signal: aborter.signal });
    aborter.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    // The one that was told to stop remembers it, and is not asked again.
    expect((await verifyBackup(path)).problems).toEqual([]);
    await letGo();
    expect(await threads()).toBe(before);
  });
});
