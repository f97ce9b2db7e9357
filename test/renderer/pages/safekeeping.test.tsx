// @vitest-environment happy-dom
/** Encryption, second copies and limits on the screens: what is asked of the engine, what is said, and that no secret stays on a page. */
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { backup, pruning, scheduleRun } from '../../support/fake-world.ts';
import { encryptions, foreignSecrets, places } from '../gallery/safekeeping-scenes.ts';
import { openApp } from '../render-app.tsx';

const settings = '#/install/sprig/settings';
const backups = '#/install/sprig/backups';

async function panelOf(name: string) {
  return within(await screen.findByRole('region', { name }));
}

test('a new key is made in a file, and the backups are encrypted for it', async () => {
  const { user, inputs } = await openApp(settings);
  const panel = await panelOf('Encryption of backups');
  expect(await panel.findByText(/^Backups are not encrypted/)).toBeDefined();
  await user.type(panel.getByLabelText('File for a new key'), '/home/ann/key.txt');
  await user.click(panel.getByRole('button', { name: 'Make a key and encrypt' }));
  await waitFor(() => expect(inputs('setEncryption')).toEqual([{ install: 'sprig', identityFiles: ['/home/ann/key.txt'] }]));
  expect(inputs('makeKey')).toEqual([{ path: '/home/ann/key.txt' }]);
});

test('a key that cannot be made changes nothing, and says why', async () => {
  const { user, inputs } = await openApp(settings, (client) =>
    client.refuse('makeKey', { code: 'bad-input', message: '/home/ann/key.txt is there already; a key is never overwritten.' }),
  );
  const panel = await panelOf('Encryption of backups');
  await user.type(await panel.findByLabelText('File for a new key'), '/home/ann/key.txt');
  await user.click(panel.getByRole('button', { name: 'Make a key and encrypt' }));
  expect((await panel.findByRole('alert')).textContent).toContain('a key is never overwritten');
  expect(inputs('setEncryption')).toEqual([]);
});

test('a key of one’s own is shown once and forgotten; public keys say for whom else', async () => {
  const { user, inputs } = await openApp(settings);
  const panel = await panelOf('Encryption of backups');
  await user.click(await panel.findByRole('button', { name: 'Use a key of mine' }));
  const secret = panel.getByLabelText('Or the key itself');
  expect(secret.getAttribute('type')).toBe('password');
  await user.type(secret, ' AGE-SECRET-KEY-1ANN ');
  await user.type(panel.getByLabelText('Public keys that open the backups'), 'age1ann, age1ola');
  await user.click(panel.getByRole('button', { name: 'Try it and encrypt' }));
  const input = { install: 'sprig', identities: ['AGE-SECRET-KEY-1ANN'], recipients: ['age1ann', 'age1ola'] };
  await waitFor(() => expect(inputs('setEncryption')).toEqual([input]));
  await waitFor(() => expect((secret as HTMLInputElement).value).toBe(''));
});

test('a passphrase in a file is used where one says so', async () => {
  const { user, inputs } = await openApp(settings);
  const panel = await panelOf('Encryption of backups');
  await user.click(await panel.findByRole('button', { name: 'Use a passphrase in a file' }));
  await user.type(panel.getByLabelText('File with the passphrase'), '/home/ann/pass.txt');
  await user.click(panel.getByRole('checkbox', { name: /another place too/ }));
  await user.click(panel.getByRole('button', { name: 'Encrypt with it' }));
  await waitFor(() =>
    expect(inputs('setEncryption')).toEqual([{ install: 'sprig', passphraseFile: '/home/ann/pass.txt', keptElsewhere: true }]),
  );
});

test('the only key on this machine is a warning, until one says that a copy is elsewhere; encryption is switched off', async () => {
  const { client, user, inputs } = await openApp(settings, (fake) => fake.answer('encryption', encryptions.onlyHere));
  const panel = await panelOf('Encryption of backups');
  expect(await panel.findByText('The only key is on this machine')).toBeDefined();
  expect(panel.getByText('/home/ann/backup-key.txt')).toBeDefined();
  client.answer('encryption', { ...encryptions.onlyHere, keyOnlyHere: false, keptElsewhere: true });
  await user.click(panel.getByRole('button', { name: 'I keep a copy elsewhere' }));
  await waitFor(() => expect(panel.queryByText('The only key is on this machine')).toBeNull());
  await user.click(panel.getByRole('button', { name: 'Encrypt no more' }));
  await waitFor(() =>
    expect(inputs('setEncryption')).toEqual([
      { install: 'sprig', keptElsewhere: true },
      { install: 'sprig', off: true },
    ]),
  );
});

test('each public key says whether its own was tried', async () => {
  await openApp(settings, (client) => client.answer('encryption', encryptions.forTwo));
  const panel = await panelOf('Encryption of backups');
  expect((await panel.findAllByText(/^(?:tried: it opens them|never tried here)$/)).map((each) => each.textContent)).toEqual([
    'tried: it opens them',
    'never tried here',
  ]);
});

test('a place for copies says whether it is there, what failed and what waits; what waits is copied now, and a place is taken off', async () => {
  const { user, inputs } = await openApp(settings, (client) => client.answer('destinations', places));
  const panel = await panelOf('Second copies');
  const [here, gone] = await panel.findAllByRole('listitem');
  expect(here?.textContent).toMatch(/connected.*1 copy, read back there; 1 backup waits to be copied/);
  expect(here?.textContent).toContain('the disk may be failing');
  expect(gone?.textContent).toMatch(/not connected.*3 backups wait to be copied; the disk that it was on is not connected/);
  await user.click(panel.getByRole('button', { name: 'Remove /media/ann/backups' }));
  await waitFor(() => expect(inputs('removeDestination')).toEqual([{ install: 'sprig', folder: '/media/ann/backups' }]));
  await user.click(panel.getByRole('button', { name: 'Copy now' }));
  await waitFor(() => expect(inputs('copy')).toEqual([{ install: 'sprig' }]));
});

test('what waits is copied as slowly as is wished', async () => {
  const { user, inputs } = await openApp(settings, (client) => client.answer('destinations', places));
  const panel = await panelOf('Second copies');
  await user.type(await panel.findByRole('textbox', { name: 'At most, a second' }), '20 MiB');
  await user.click(panel.getByRole('button', { name: 'Copy now' }));
  await waitFor(() => expect(inputs('copy')).toEqual([{ install: 'sprig', limit: 20 * 1024 * 1024 }]));
});

test('a place for copies is added; one that cannot be used says why', async () => {
  const { client, user, inputs } = await openApp(settings);
  const panel = await panelOf('Second copies');
  await user.type(await panel.findByLabelText('Folder for copies'), '/mnt/disk');
  await user.click(panel.getByRole('button', { name: 'Add' }));
  await waitFor(() => expect(inputs('addDestination')).toEqual([{ install: 'sprig', folder: '/mnt/disk' }]));
  client.refuse('addDestination', { code: 'bad-input', message: '/mnt/gone is no folder.' });
  await user.type(panel.getByLabelText('Folder for copies'), '/mnt/gone');
  await user.click(panel.getByRole('button', { name: 'Add' }));
  expect((await panel.findByRole('alert')).textContent).toContain('/mnt/gone is no folder.');
});

test('one backup is locked with a passphrase that is typed twice, held by the engine and named by nothing', async () => {
  const { client, user, inputs } = await openApp(backups);
  await user.click(await screen.findByRole('button', { name: 'Back up in another way' }));
  await user.selectOptions(screen.getByLabelText('Encrypt it'), 'passphrase');
  const begin = screen.getByRole('button', { name: 'Back up like this' });
  expect(begin.getAttribute('aria-disabled')).toBe('true');
  await user.type(screen.getByLabelText('Passphrase'), 'blue garden');
  await user.type(screen.getByLabelText('The same again'), 'blue gardem');
  client.refuse('holdPassphrase', { code: 'bad-input', message: 'The passphrases are not the same. Nothing was encrypted.' });
  await user.click(begin);
  expect((await screen.findByRole('alert')).textContent).toContain('The passphrases are not the same.');
  expect(inputs('backUp')).toEqual([]);
  client.answer('holdPassphrase', { held: 'h-1' });
  await user.type(screen.getByLabelText('The same again'), '{Backspace}n');
  await user.type(screen.getByLabelText('Into this file'), '/mnt/a.tar.zst.age');
  await user.type(screen.getByLabelText('At most, a second'), '2 MiB');
  await user.click(begin);
  await waitFor(() =>
    expect(inputs('backUp')).toEqual([{ install: 'sprig', output: '/mnt/a.tar.zst.age', held: 'h-1', limit: 2 * 1024 ** 2 }]),
  );
  expect(inputs('holdPassphrase').at(-1)).toEqual({ passphrase: 'blue garden', again: 'blue garden' });
});

test('one backup is locked for public keys', async () => {
  const { user, inputs } = await openApp(backups);
  await user.click(await screen.findByRole('button', { name: 'Back up in another way' }));
  await user.selectOptions(screen.getByLabelText('Encrypt it'), 'keys');
  await user.type(screen.getByLabelText('Public keys'), 'age1ann age1ola');
  await user.click(screen.getByRole('button', { name: 'Back up like this' }));
  await waitFor(() => expect(inputs('backUp')).toEqual([{ install: 'sprig', recipients: ['age1ann', 'age1ola'] }]));
});

test('what reads an encrypted backup asks for its passphrase, and goes on once it is open', async () => {
  const { client, user, inputs } = await openApp(backups, (fake) => {
    fake.answer('unlock', { path: '/backups/one.age', open: false, takes: 'passphrase' });
    fake.refuse('verify', { code: 'needs-key', message: 'It is encrypted.', details: { passphrase: true } });
  });
  await user.click(await screen.findByRole('button', { name: /^Verify the backup of/ }));
  const question = within(await screen.findByRole('dialog'));
  await user.type(question.getByLabelText('Its passphrase'), 'blue garden');
  client.answer('unlock', { path: '/backups/one.age', open: true, takes: 'passphrase' });
  client.reply('verify', () => ({ ok: true, result: { operation: 'op-9' } }));
  await user.click(question.getByRole('button', { name: 'Open it' }));
  await waitFor(() => expect(location.hash).toBe('#/operation/op-9'));
  expect(inputs('verify')).toHaveLength(2);
});

test('data that the present secrets cannot open goes back only when one keeps them on purpose', async () => {
  const { client, user, inputs } = await openApp(backups, (fake) => fake.refuse('plan', foreignSecrets));
  await user.click(await screen.findByRole('button', { name: /^Restore the backup of/ }));
  const question = within(await screen.findByRole('dialog'));
  expect((await question.findByRole('alert')).textContent).toContain('they were changed since');
  client.reply('plan', () => ({ ok: false, error: foreignSecrets }));
  await user.click(question.getByRole('checkbox', { name: /^Keep the secrets that are there now/ }));
  await waitFor(() => expect(inputs('plan').at(-1)).toEqual({ install: 'sprig', action: 'restore', input: 'b-1', keepSecrets: true }));
});

test('a backup is taken out into a folder, and the install stays as it is', async () => {
  const { user, inputs } = await openApp(backups);
  await user.click(await screen.findByRole('button', { name: /^Restore the backup of/ }));
  const question = within(await screen.findByRole('dialog'));
  await user.click(question.getByRole('button', { name: 'Take it out into a folder instead' }));
  await user.type(question.getByLabelText('New folder'), '/home/ann/out');
  await user.click(question.getByRole('button', { name: 'Take it out' }));
  await waitFor(() => expect(inputs('restore')).toEqual([{ install: 'sprig', input: 'b-1', output: '/home/ann/out' }]));
});

test('a file that is in no list is verified and tried on a copy', async () => {
  const { user, inputs } = await openApp(backups);
  await user.click(await screen.findByRole('button', { name: 'Restore from a file' }));
  await user.type(screen.getByLabelText('Backup file'), '/mnt/b.tar.zst');
  await user.click(screen.getByRole('button', { name: 'Verify it' }));
  await waitFor(() => expect(inputs('verify')).toEqual([{ input: '/mnt/b.tar.zst' }]));
});

test('what a schedule does not keep is shown before it is removed', async () => {
  const { client, user, inputs } = await openApp(settings, (fake) =>
    fake.answer('prune', { ...pruning, dry: true, removed: [backup], bytes: backup.bytes }),
  );
  const panel = await panelOf('Scheduled backups');
  await user.click(await panel.findByRole('button', { name: 'Remove what it does not keep' }));
  expect(panel.queryByRole('button', { name: /^Remove 1 backup/ })).toBeNull();
  await user.click(panel.getByRole('button', { name: 'What would go?' }));
  expect(await panel.findByText(/^1 backup would go/)).toBeDefined();
  client.answer('prune', { ...pruning, dry: false, removed: [backup], bytes: backup.bytes });
  await user.click(panel.getByRole('button', { name: 'Remove 1 backup' }));
  expect(await panel.findByText(/^1 backup was removed/)).toBeDefined();
  expect(inputs('prune')).toEqual([{ install: 'sprig', dry: true }, { install: 'sprig' }]);
});

test('what is due is done when one asks, and what was done is said', async () => {
  const { user, inputs } = await openApp(settings, (client) => client.answer('runSchedule', { ...scheduleRun, actedBy: 4711, deeds: [] }));
  const panel = await panelOf('Scheduled backups');
  await user.click(await panel.findByRole('button', { name: 'Do what is due now' }));
  expect(await panel.findByText(/process 4711/)).toBeDefined();
  expect(inputs('runSchedule')).toEqual([{ install: 'sprig' }]);
});

test('a limit is set and taken off', async () => {
  const { client, user, inputs } = await openApp('#/settings');
  const panel = await panelOf('Speed of backups');
  expect(await panel.findByText('Backups and copies go as fast as they can.')).toBeDefined();
  await user.type(panel.getByLabelText('At most, a second'), '20 MiB');
  client.answer('limits', { bytesPerSecond: 20 * 1024 ** 2 });
  await user.click(panel.getByRole('button', { name: 'Set the limit' }));
  expect(await panel.findByText(/at most 20 MiB a second/)).toBeDefined();
  await user.click(panel.getByRole('button', { name: 'Take it off' }));
  await waitFor(() => expect(inputs('setLimits')).toEqual([{ bytesPerSecond: 20 * 1024 ** 2 }, { bytesPerSecond: null }]));
});
