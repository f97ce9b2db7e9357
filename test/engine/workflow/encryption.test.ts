/** Encrypted backups in whole operations: made, listed, verified, restored, rolled back, recovered; and what is never written anywhere. */
import { randomBytes } from 'node:crypto';
import { chmod, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newIdentity } from '../../../electron/engine/backup/age-header.ts';
import { labelPath } from '../../../electron/engine/backup/backup-label.ts';
import { forgetKeys } from '../../../electron/engine/backup/known-keys.ts';
import { program } from '../backup/samples.ts';
import { makeWorkshop, write, type Workshop } from './workshop.ts';

/** A key in a file of its own. */
async function keyFile(shop: Workshop, name = 'key.txt'): Promise<{ path: string; identity: string; recipient: string }> {
  const { identity, recipient } = await newIdentity();
  const path = join(shop.folder, name);
  await writeFile(path, `${identity}\n`, { mode: 0o600 });
  return { path, identity, recipient };
}

/** As another process would begin: without the keys that this one has seen. */
async function begin(shop: Workshop): Promise<void> {
  forgetKeys();
  await shop.reopen();
}

/** Every byte below a folder in which a text can be. */
async function textBelow(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = await Promise.all(
    names.filter((name) => name.isFile()).map(async (name) => readFile(join(name.parentPath, name.name), 'latin1').catch(() => '')),
  );
  return texts.join('\n');
}

describe('backups that are encrypted for a key', () => {
  test('are listed without it, read back without it, and restored only with it', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const key = await keyFile(shop);
    const state = await shop.engine.api.setEncryption({ recipients: [key.recipient], identities: [key.identity] });
    expect(state).toMatchObject({ by: 'recipients', recipients: [{ recipient: key.recipient }], identityFiles: [], keyOnlyHere: false });
    const { backup } = await shop.does('backUp', {});
    const path = backup?.path ?? '';
    expect(path).toMatch(/\.tar\.zst\.age$/);
    await write(home, { 'notes/first.md': 'changed since' });
    await begin(shop);

    const [listed] = await shop.engine.api.backups({});
    expect(listed).toMatchObject({ path, release: '1.0.0', encryption: { takes: 'key', opensHere: false } });
    const { verification } = await shop.does('verify', { input: path });
    expect(verification).toMatchObject({ verdict: 'unproven', sealed: true, problems: [] });
    expect(await shop.fails('restore', { input: path })).toMatchObject({ code: 'needs-key', remedy: { action: 'give-key' } });

    const other = await newIdentity();
    await expect(shop.engine.api.unlock({ backup: path, identities: [other.identity] })).rejects.toMatchObject({ code: 'wrong-key' });
    expect(await shop.engine.api.unlock({ backup: path, identities: [key.identity] })).toEqual({ path, open: true, takes: 'key' });
    expect((await shop.does('verify', { input: path })).verification?.sealed).toBeUndefined();
    await shop.does('restore', { input: path });
    expect(await readFile(join(home, 'notes/first.md'), 'utf8')).toBe('# First\n');
  });

  test('are proven by a drill with the key, and without it the drill says what it lacks', async () => {
    const shop = await makeWorkshop();
    await shop.setUp();
    const key = await keyFile(shop);
    await shop.engine.api.setEncryption({ recipients: [key.recipient], identities: [key.identity] });
    const { backup } = await shop.does('backUp', {});
    await begin(shop);

    expect(await shop.fails('drill', {})).toMatchObject({ code: 'needs-key', remedy: { action: 'give-key' } });
    expect((await shop.engine.api.backups({}))[0]).toMatchObject({ id: backup?.id, verdict: 'unproven' });
    await shop.engine.api.unlock({ backup: backup?.path ?? '', identities: [key.identity] });
    expect((await shop.does('drill', {})).drill).toMatchObject({ backup: backup?.id, verdict: 'proven', rows: { tables: 1, rows: 1 } });
    expect((await shop.engine.api.backups({}))[0]).toMatchObject({ id: backup?.id, verdict: 'proven' });
    expect(await readdir(join(shop.moultHome, 'drills')).catch(() => [])).toEqual([]);
  });

  test('are found damaged without the key', async () => {
    const shop = await makeWorkshop();
    await shop.setUp();
    const key = await keyFile(shop);
    await shop.engine.api.setEncryption({ recipients: [key.recipient], identities: [key.identity] });
    const path = (await shop.does('backUp', {})).backup?.path ?? '';
    const bytes = await readFile(path);
    bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await begin(shop);
    expect(await shop.fails('verify', { input: path })).toMatchObject({ code: 'bad-backup' });
    expect((await shop.engine.api.backups({}))[0]).toMatchObject({ verdict: 'bad' });
  });

  test('are opened by a key file that the setting names, and the list warns when it is the only one', async () => {
    const shop = await makeWorkshop();
    await shop.setUp();
    const key = await shop.engine.api.makeKey({ path: join(shop.folder, 'keys/new.txt') });
    expect((await stat(key.path)).mode & 0o777).toBe(0o600);
    await expect(shop.engine.api.makeKey({ path: key.path })).rejects.toMatchObject({ code: 'bad-input' });
    expect(await shop.engine.api.setEncryption({ identityFiles: [key.path] })).toMatchObject({
      keyOnlyHere: true,
      recipients: [{ recipient: key.recipient }],
    });
    const path = (await shop.does('backUp', {})).backup?.path ?? '';
    await begin(shop);
    expect((await shop.engine.api.backups({}))[0]?.encryption).toEqual({ takes: 'key', opensHere: true, keyOnlyHere: true });
    expect(await shop.engine.api.setEncryption({ keptElsewhere: true })).toMatchObject({ keyOnlyHere: false, keptElsewhere: true });
    await shop.does('restore', { input: path });
    // On a stick that was pulled out it is neither here nor a reason to complain.
    await shop.engine.api.setEncryption({ keptElsewhere: false });
    await rename(key.path, `${key.path}.away`);
    await begin(shop);
    // The own backup of the restore keeps a key of its own; the one that was asked for does not.
    const asked = (await shop.engine.api.backups({})).find((backup) => backup.path === path);
    expect(asked?.encryption).toMatchObject({ opensHere: false, keyOnlyHere: false });
  });

  test('are found again by their labels when the registry is lost', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const key = await keyFile(shop);
    await shop.engine.api.setEncryption({ recipients: [key.recipient], identities: [key.identity] });
    const backup = (await shop.does('backUp', {})).backup;
    await shop.does('stop', {});
    await shop.engine.close();
    for (const name of await readdir(shop.moultHome)) if (name.startsWith('moult.db')) await rm(join(shop.moultHome, name));
    const { createEngine } = await import('../../../electron/engine/index.ts');
    forgetKeys();
    shop.engine = await createEngine({ moultHome: shop.moultHome });
    await shop.engine.api.addProducts({ from: join(shop.folder, 'products') });
    await shop.does('adopt', { product: 'pot', home });
    expect(await shop.engine.api.backups({})).toMatchObject([
      { id: backup?.id, files: backup?.files, verdict: 'unproven', encryption: { opensHere: false } },
    ]);
  });

  test('are not encrypted for somebody whose key nobody has shown', async () => {
    const shop = await makeWorkshop();
    await shop.setUp();
    const [key, other] = [await keyFile(shop), await keyFile(shop, 'other.txt')];
    await expect(shop.engine.api.setEncryption({ recipients: [key.recipient] })).rejects.toMatchObject({ code: 'needs-key' });
    await expect(shop.engine.api.setEncryption({ recipients: [key.recipient], identities: [other.identity] })).rejects.toMatchObject({
      code: 'needs-key',
    });
    await chmod(key.path, 0o644);
    await expect(shop.engine.api.setEncryption({ identityFiles: [key.path] })).rejects.toMatchObject({ code: 'bad-input' });
    expect((await shop.engine.api.encryption({})).by).toBeNull();
    expect((await shop.does('backUp', {})).backup?.path).toMatch(/\.tar\.zst$/);
  });
});

describe('an upgrade of an install whose backups are encrypted', () => {
  test('goes back from its own backup after a kill, with nobody there to give a key', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const key = await keyFile(shop);
    await shop.engine.api.setEncryption({ recipients: [key.recipient], identities: [key.identity] });
    await shop.offer({ version: '1.0.0' }, { version: '1.1.0', schema: 2, mode: 'spoils' });
    process.env['MOULT_TEST_FAILPOINT'] = 'migrate:after:throw';
    const before = await readFile(join(home, 'notes/first.md'), 'utf8');
    const failure = await shop.fails('upgrade', {});
    delete process.env['MOULT_TEST_FAILPOINT'];
    expect(failure.code).toBe('rolled-back');
    expect(await readFile(join(home, 'notes/first.md'), 'utf8')).toBe(before);
    expect((await shop.engine.api.status({ offline: true })).release).toBe('1.0.0');
  });

  test('can be rolled back later without the key, and keeps the key of that one file only', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const key = await keyFile(shop);
    await shop.engine.api.setEncryption({ recipients: [key.recipient], identities: [key.identity] });
    const asked = (await shop.does('backUp', {})).backup?.path ?? '';
    await shop.does('upgrade', {});
    await write(home, { 'notes/first.md': 'written by 1.1.0' });
    await begin(shop);
    const own = (await shop.engine.api.backups({})).find(({ reason }) => reason === 'before-upgrade');
    expect(own?.path).toMatch(/\.age$/);
    expect(own?.encryption?.opensHere).toBe(true);
    expect((await shop.engine.api.unlock({ backup: asked })).open).toBe(false);
    const kept = await readdir(join(shop.moultHome, 'keys'));
    expect(kept).toHaveLength(1);
    expect((await stat(join(shop.moultHome, 'keys', kept[0] ?? ''))).mode & 0o777).toBe(0o600);
    await shop.does('rollBack', {});
    expect(await readFile(join(home, 'notes/first.md'), 'utf8')).toBe('# First\n');
    // A key goes with its file.
    for (const { path } of await shop.engine.api.backups({})) await rm(path);
    await begin(shop);
    expect(await readdir(join(shop.moultHome, 'keys'))).toEqual([]);
  });
});

describe('a passphrase', () => {
  test('locks one backup, is typed twice, is forgotten after it, and stands nowhere', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const passphrase = `canary ${randomBytes(12).toString('hex')}`;
    await expect(shop.engine.api.holdPassphrase({ passphrase, again: 'another' })).rejects.toMatchObject({ code: 'bad-input' });
    const { held } = await shop.engine.api.holdPassphrase({ passphrase, again: passphrase });
    const { backup } = await shop.does('backUp', { held });
    const path = backup?.path ?? '';
    expect(await shop.fails('backUp', { held })).toMatchObject({ code: 'bad-input' });
    await begin(shop);
    await expect(shop.engine.api.unlock({ backup: path, passphrase: 'not it' })).rejects.toMatchObject({ code: 'wrong-key' });
    await shop.engine.api.unlock({ backup: path, passphrase });
    await write(home, { 'notes/first.md': 'changed since' });
    await shop.does('restore', { input: path });
    expect(await readFile(join(home, 'notes/first.md'), 'utf8')).toBe('# First\n');
    expect(await textBelow(shop.folder)).not.toContain(passphrase);
    expect(JSON.stringify([shop.events, await shop.engine.api.history({}), await shop.engine.api.encryption({})])).not.toContain(
      passphrase,
    );
  });

  test('in a private file locks what is made with nobody there, and an empty or open file is refused', async () => {
    const shop = await makeWorkshop();
    await shop.setUp();
    const file = join(shop.folder, 'passphrase');
    await writeFile(file, 'four words and more\n', { mode: 0o644 });
    await expect(shop.engine.api.setEncryption({ passphraseFile: file })).rejects.toMatchObject({ code: 'bad-input' });
    await chmod(file, 0o600);
    expect(await shop.engine.api.setEncryption({ passphraseFile: file })).toMatchObject({ by: 'passphrase', keyOnlyHere: true });
    const path = (await shop.does('backUp', {})).backup?.path ?? '';
    await begin(shop);
    expect(await shop.engine.api.unlock({ backup: path })).toMatchObject({ open: true, takes: 'passphrase' });
    await rm(file);
    await begin(shop);
    expect(await shop.fails('backUp', {})).toMatchObject({ message: expect.stringContaining('passphrase') as string });
    expect((await readdir(join(shop.moultHome, 'backups', 'pot'))).filter((name) => name.endsWith('.age'))).toHaveLength(1);
  });
});

test('no key, no name of a file and no content is in a label, a journal or the registry', async () => {
  const shop = await makeWorkshop();
  await shop.setUp();
  const key = await keyFile(shop);
  await shop.engine.api.setEncryption({ recipients: [key.recipient], identities: [key.identity] });
  const path = (await shop.does('backUp', {})).backup?.path ?? '';
  expect(await readFile(labelPath(path), 'utf8')).not.toMatch(/first\.md|second\.md|notes|data/);
  expect(await textBelow(shop.moultHome)).not.toContain(key.identity);
  expect(await program('sh', '-c', `age -d -i "$1" "$2" | tar --zstd -tf -`, 'sh', key.path, path)).toContain('first.md');
});
