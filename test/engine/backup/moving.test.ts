import { appendFile, mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBackup } from '../../../electron/engine/backup/open-backup.ts';
import { unpackBackup } from '../../../electron/engine/backup/unpack-backup.ts';
import { verifyBackup } from '../../../electron/engine/backup/verify-backup.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { header } from './samples.ts';

describe('what moves while it is read', () => {
  it('is taken once as it is, and kept by later passes', { timeout: 60_000 }, async () => {
    const folder = await temporaryFolder('moving');
    const tree = join(folder, 'tree');
    await mkdir(tree);
    for (const name of ['small', 'gone']) await writeFile(join(tree, name), Buffer.alloc(20_000, name));
    for (const name of ['large', 'shrinking']) await writeFile(join(tree, name), Buffer.alloc(30_000_000, name));
    const writer = await openBackup({ to: join(folder, 'b.tar.zst'), level: 1 });
    let isReading = true;
    const writing = (async () => {
      while (isReading) {
        await appendFile(join(tree, 'large'), 'more');
        await writeFile(join(tree, 'small'), Buffer.alloc(20_000, String(Math.random())));
        await truncate(join(tree, 'shrinking'), Math.max(12_000_000, (await stat(join(tree, 'shrinking'))).size - 300_000));
      }
    })();
    const source = { item: 'data', path: tree, as: 'tree', moving: true };
    await writer.addFirstPass([source]);
    isReading = false;
    await writing;
    await writer.addFirstPass([{ item: 'data', path: join(tree, 'label'), as: 'tree/label', readFrom: join(tree, 'small') }]);
    await writeFile(join(tree, 'large'), 'written later');
    await rm(join(tree, 'gone'));
    await writeFile(join(tree, 'new'), 'made later');
    const label = { item: 'data', path: join(tree, 'label'), as: 'tree/label', readFrom: join(tree, 'small') };
    expect(await writer.addChanges([{ ...source, taken: true }, label])).toEqual({ changed: 0, removed: 0 });
    await writer.seal(header);
    expect((await verifyBackup(join(folder, 'b.tar.zst'))).problems).toEqual([]);
    await unpackBackup(join(folder, 'b.tar.zst'), { into: (entry) => join(folder, 'out', entry.as) });
    const out = (name: string) => readFile(join(folder, 'out', 'tree', name));
    expect((await out('large')).subarray(0, 30_000_000).equals(Buffer.alloc(30_000_000, 'large'))).toBe(true);
    expect(await out('gone')).toEqual(Buffer.alloc(20_000, 'gone'));
    expect((await out('shrinking')).subarray(0, 9).toString()).toBe('shrinking');
    expect(await out('label')).toEqual(await readFile(join(tree, 'small')));
    await expect(out('new')).rejects.toThrow(/ENOENT/);
  });
});
