import { mkdir, open, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBackupWorkers } from '../../../electron/engine/backup/backup-workers.ts';
import { readManifest } from '../../../electron/engine/backup/read-backup.ts';
import { verifyBackup } from '../../../electron/engine/backup/verify-backup.ts';
import { verifyAll } from '../../../electron/engine/backup/verify-members.ts';
import { suiteFolder } from '../../support/temporary-folder.ts';
import { backUp, workspace } from './samples.ts';

const folder = await suiteFolder('damage');
let pool: ReturnType<typeof startBackupWorkers>;
const verify = (path: string) => verifyAll(path, { signal: new AbortController().signal, progress: () => {}, pool });

beforeAll(async () => {
  pool = startBackupWorkers();
  await mkdir(join(folder, 'tree', 'sub'), { recursive: true });
  for (let number = 0; number < 60; number += 1)
    await writeFile(join(folder, 'tree', 'sub', `note-${number}.md`), `note ${number}\n`.repeat(number * 3));
  await writeFile(join(folder, 'tree', 'large'), Buffer.from(Array.from({ length: 5_000_000 }, (_, at) => (at * at) >>> 7)));
  for (const ending of ['tar.zst', 'tar.gz']) await backUp(join(folder, `whole.${ending}`), [workspace(join(folder, 'tree'))]);
});
afterAll(() => pool.end());

describe.each(['tar.zst', 'tar.gz'])('a damaged backup as .%s', (ending) => {
  const whole = join(folder, `whole.${ending}`);
  const hurt = join(folder, `hurt.${ending}`);

  it('is found wherever a bit is flipped', { timeout: 120_000 }, async () => {
    const bytes = await readFile(whole);
    expect((await verify(whole)).problems).toEqual([]);
    await writeFile(hurt, bytes);
    const file = await open(hurt, 'r+');
    const random = seeded(20260102);
    // Half of them anywhere, half where the small things are: beginning, list, manifest, trailer, index.
    for (let flip = 0; flip < 200; flip += 1) {
      const spread = flip % 2 === 0 ? bytes.length : 700;
      const from = flip % 4 === 1 ? 0 : bytes.length - spread;
      const at = from + Math.floor(random() * spread);
      const bit = 1 << Math.floor(random() * 8);
      await file.write(Buffer.from([(bytes[at] as number) ^ bit]), 0, 1, at);
      const verdict = await verify(hurt).then(
        (verification) => verification.verdict,
        (error: { code?: string }) => error.code,
      );
      // A flip can make the format's number a larger one.
      expect(['bad', 'newer-format'], `bit ${bit} of byte ${at} of ${bytes.length}`).toContain(verdict);
      await file.write(bytes.subarray(at, at + 1), 0, 1, at);
    }
    await file.close();
    expect((await verify(hurt)).problems).toEqual([]);
  });

  it('is found wherever it ends early, and when something follows', async () => {
    const bytes = await readFile(whole);
    const random = seeded(7);
    const cuts = [
      0,
      1,
      4,
      9,
      100,
      bytes.length - 1,
      bytes.length - 9,
      bytes.length - 40,
      bytes.length - 90,
      ...Array.from({ length: 30 }, () => Math.floor(random() * bytes.length)),
    ];
    for (const cut of cuts) {
      await writeFile(hurt, bytes.subarray(0, cut));
      expect((await verify(hurt)).verdict, `cut to ${cut}`).toBe('bad');
      await expect(readManifest(hurt), `cut to ${cut}`).rejects.toMatchObject({ code: 'bad-backup' });
    }
    for (const more of ['x', '\0'.repeat(1024)]) {
      await writeFile(hurt, Buffer.concat([bytes, Buffer.from(more)]));
      expect((await verify(hurt)).verdict).toBe('bad');
    }
  });

  it('names the files that were hit', async () => {
    const bytes = await readFile(whole);
    await writeFile(hurt, bytes);
    const file = await open(hurt, 'r+');
    await file.write(Buffer.alloc(64), 0, 64, Math.floor(bytes.length / 2));
    await file.close();
    expect((await verifyBackup(hurt)).problems.join('\n')).toContain('items/workspace/large');
  });
});

it('that lost its middle is bad, although its end is there', async () => {
  const bytes = await readFile(join(folder, 'whole.tar.zst'));
  const path = join(folder, 'holes.tar.zst');
  await writeFile(path, bytes);
  await truncate(path, 4096);
  await truncate(path, bytes.length - 1000);
  await writeFile(path, Buffer.concat([await readFile(path), bytes.subarray(bytes.length - 1000)]));
  expect((await verify(path)).verdict).toBe('bad');
});

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state / 0x8000_0000;
  };
}
