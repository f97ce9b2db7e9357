/** Data beside secrets that cannot open it: refused with both ways out. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readManifest } from '../../../electron/engine/backup/read-backup.ts';
import { makeWorkshop } from './workshop.ts';

test('a datastore does not go back beside other secrets, unless they come back with it', async () => {
  const shop = await makeWorkshop();
  const home = await shop.setUp();
  const path = (await shop.does('backUp', {})).backup?.path ?? '';
  const manifest = await readManifest(path);
  expect(manifest.secretsFingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect(manifest.secretsKey).toMatch(/^[0-9a-f]{64}$/);
  const plan = async (items: string[]) => shop.engine.api.plan({ action: 'restore', input: path, items });
  expect((await plan(['data'])).items.find(({ item }) => item === 'data')?.fate).toBe('replace');

  const config = join(home, 'config.yaml');
  const before = await readFile(config, 'utf8');
  const changed = before.replace(/^secret:.*$/m, 'secret: another-one-altogether');
  expect(changed).not.toBe(before);
  await writeFile(config, changed);
  const refused = await plan(['data']).catch((error: unknown) => error);
  expect(refused).toMatchObject({
    code: 'foreign-secrets',
    remedy: { action: 'restore-backup', command: expect.stringContaining('--item data --item secret') as string },
    details: { items: ['data'], secrets: ['secret'] },
  });
  expect(JSON.stringify(refused, Object.getOwnPropertyNames(refused))).not.toContain('another-one');
  // A workspace needs no secret; with the secrets of the backup all is well, and the whole brings them along.
  await plan(['notes']);
  await plan(['data', 'secret']);
  await shop.engine.api.plan({ action: 'restore', input: path });
  await shop.engine.api.plan({ action: 'restore', input: path, items: ['data'], keepSecrets: true });
  // What was not changed is no reason.
  await writeFile(config, before);
  await plan(['data']);
});
