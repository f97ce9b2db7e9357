import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkshop } from './workshop.ts';

const three = [{ version: '1.0.0' }, { version: '1.1.0', schema: 2 }, { version: '1.2.0', schema: 2 }] as const;

test('a pin ends how far an install goes, and says what it holds back', async () => {
  const shop = await makeWorkshop();
  await shop.setUp();
  await shop.offer(...three);
  expect((await shop.engine.api.status({})).update).toMatchObject({ latest: '1.2.0', held: null });
  expect(await shop.engine.api.setPin({ pin: '1.1.0' })).toMatchObject({ install: 'pot', pin: '1.1.0' });
  expect(await shop.engine.api.status({})).toMatchObject({ pin: '1.1.0', update: { latest: '1.1.0', held: '1.2.0' } });
  expect((await shop.engine.api.plan({})).to).toBe('1.1.0');
  expect((await shop.engine.api.drift({})).target).toBe('1.1.0');
  expect(await shop.fails('upgrade', { to: '1.2.0' })).toMatchObject({
    code: 'pinned',
    message: 'pot is pinned to 1.1.0, and 1.2.0 is newer',
    remedy: { action: 'unpin', command: 'moult unpin pot' },
  });
  expect(await shop.fails('freshStart', { release: '1.2.0' })).toMatchObject({ code: 'pinned' });

  expect((await shop.does('upgrade', {})).to).toBe('1.1.0');
  expect(await shop.engine.api.status({})).toMatchObject({ release: '1.1.0', pin: '1.1.0', update: { latest: null, held: '1.2.0' } });
  expect(await shop.fails('upgrade', {})).toMatchObject({
    code: 'nothing-to-do',
    message: 'pot is on 1.1.0, the newest release that its pin to 1.1.0 lets it have.',
  });
  expect(await shop.engine.api.setPin({ pin: null })).toMatchObject({ pin: null });
  expect((await shop.engine.api.status({})).update).toMatchObject({ latest: '1.2.0', held: null });
});

test('a pin outlives a roll back, a fresh start and an uninstall, until a newer release is named', async () => {
  const shop = await makeWorkshop();
  const home = await shop.setUp();
  await shop.offer(...three);
  await shop.engine.api.setPin({ pin: '1.1.0' });
  await shop.does('upgrade', {});
  await shop.does('rollBack', {});
  expect(await shop.engine.api.status({})).toMatchObject({ release: '1.0.0', pin: '1.1.0' });
  await shop.does('freshStart', {});
  expect(await shop.engine.api.status({})).toMatchObject({ release: '1.0.0', pin: '1.1.0' });
  await shop.does('uninstall', {});
  await shop.does('setUp', { product: 'pot', home });
  expect(await shop.engine.api.status({})).toMatchObject({ release: '1.1.0', pin: '1.1.0' });
  await shop.does('uninstall', {});
  await shop.does('setUp', { product: 'pot', home, release: '1.2.0' });
  expect(await shop.engine.api.status({})).toMatchObject({ release: '1.2.0', pin: null });
});

test('a pin names a release that there is, and none that lies behind', async () => {
  const shop = await makeWorkshop();
  await shop.setUp({ release: '1.1.0' });
  await shop.offer(...three);
  await expect(shop.engine.api.setPin({ pin: '1.9.0' })).rejects.toMatchObject({ code: 'unknown-release' });
  await expect(shop.engine.api.setPin({ pin: '1.0.0' })).rejects.toMatchObject({
    code: 'downgrade',
    message: 'pot is on 1.1.0 already, which is newer than 1.0.0',
  });
  await writeFile(join(shop.feed, 'releases.json'), 'no feed any more');
  await expect(shop.engine.api.setPin({ pin: '1.2.0' })).rejects.toMatchObject({ code: 'bad-feed' });
  // The release that is there needs no feed to be stayed on.
  expect(await shop.engine.api.setPin({ pin: '1.1.0' })).toMatchObject({ pin: '1.1.0' });
});

test('a record from before there were pins has none', async () => {
  const shop = await makeWorkshop();
  const record = join(await shop.setUp(), '.moult', 'install.json');
  const { pin, ...old } = JSON.parse(await readFile(record, 'utf8')) as Record<string, unknown>;
  expect(pin).toBeNull();
  await writeFile(record, JSON.stringify(old));
  expect(await shop.engine.api.status({ offline: true })).toMatchObject({ pin: null });
});
