/**
 * Golden backups: of every format that was ever written, one of each container, kept for ever. Today's Moult lists, verifies and unpacks
 * them to the byte, and restores them into an install that runs. `golden/make.ts` makes those of a new format.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { backupFormat } from '../../../electron/engine/backup/backup-constants.ts';
import { listMembers, readManifest } from '../../../electron/engine/backup/read-backup.ts';
import { unpackBackup } from '../../../electron/engine/backup/unpack-backup.ts';
import { verifyBackup } from '../../../electron/engine/backup/verify-backup.ts';
import { contentOf, killServices, recordOf, treeOf } from '../../crash/support/audit.ts';
import { ask } from '../../crash/support/products.ts';
import { useBenches } from '../../crash/support/suite.ts';
import { modelFor } from '../../crash/support/workflows.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

interface Golden {
  release: string;
  datastore: { rows: string[]; schema: number };
  /** Of `notes` and the configuration, as `treeOf` tells it. */
  tree: Record<string, string>;
}

const here = fileURLToPath(new URL('golden/', import.meta.url));
const formats = Array.from({ length: backupFormat }, (_, index) => index + 1);
const files = readdirSync(here).filter((name) => /\.tar\.(?:zst|gz)$/.test(name));
const goldenOf = (file: string) => JSON.parse(readFileSync(join(here, `${file.split('.')[0]}.json`), 'utf8')) as Golden;
const benches = useBenches('golden');

test.each(formats)('format %i has its golden backups', (format) => {
  for (const ending of ['tar.zst', 'tar.gz', 'json']) expect(existsSync(join(here, `format-${format}.${ending}`)), ending).toBe(true);
});

describe.each(files)('%s', (file) => {
  const path = join(here, file);
  const golden = goldenOf(file);

  test('is listed', async () => {
    const manifest = await readManifest(path);
    expect(manifest).toMatchObject({ format: Number(/\d+/.exec(file)?.[0]), product: 'stub', release: golden.release });
    const members: string[] = [];
    for await (const member of listMembers(path)) members.push(member.path);
    for (const name of Object.keys(golden.tree))
      if (!name.includes('\\x'))
        expect(
          members.some((path) => path.endsWith(`/${name}`)),
          name,
        ).toBe(true);
    expect(members.some((path) => path.endsWith('latin-\udce9\udcff'))).toBe(true);
  });

  test('is verified', async () => {
    expect(await verifyBackup(path)).toMatchObject({ verdict: 'unproven', problems: [] });
  });

  test('is unpacked to the byte', async () => {
    const into = await temporaryFolder('golden');
    mkdirSync(join(into, 'data'));
    await unpackBackup(path, { into: ({ as }) => (as === '' ? null : join(into, as)) });
    expect(treeOf(into, (each) => each === 'data' || each.startsWith('data/'))).toEqual(golden.tree);
    expect(contentOf(join(into, 'data', 'stub.db'))).toEqual(golden.datastore);
  });

  test('is restored into an install that runs', { timeout: 120_000 }, async () => {
    const [bench] = benches;
    if (bench === undefined) throw new Error('no bench');
    const { world, lab, models } = bench;
    await modelFor('upgraded', world, lab, models);
    world.reset('upgraded');
    try {
      const calls = [
        { method: 'start', input: { install: 'stub' } },
        { method: 'restore', input: { install: 'stub', input: path } },
      ];
      expect((await lab.must({ calls })).error).toBeNull();
      expect(recordOf(world)).toEqual({ state: 'active', release: '1.1.0' });
      const { port } = JSON.parse(readFileSync(join(world.home, 'config.json'), 'utf8')) as { port: number };
      expect(await ask(port)).toMatchObject({ status: 'ok', version: '1.1.0' });
      await killServices(world);
      expect(treeOf(world.home, (each) => !/^(?:notes|config\.json)/.test(each))).toEqual(golden.tree);
      expect(contentOf(join(world.home, 'data', 'stub.db'))).toEqual({ rows: golden.datastore.rows, schema: 2 });
    } finally {
      await killServices(world);
    }
  });
});
