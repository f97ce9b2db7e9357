// @vitest-environment happy-dom
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { backup, entry, plan } from '../../support/fake-world.ts';
import { openApp } from '../render-app.tsx';

const price = 'What was written since is replaced.';

test('fresh start: three pages, and nothing before the name is typed', async () => {
  const { user, inputs } = await openApp('#/install/sprig/fresh-start', (client) =>
    client.answer('plan', {
      ...plan,
      action: 'fresh-start',
      items: plan.items.map((item) => ({ ...item, fate: item.item === 'binaries' ? ('keep' as const) : ('remove' as const) })),
    }),
  );
  const goes = await screen.findByRole('region', { name: 'Goes' });
  expect(within(goes).getByText('/home/ann/.sprig/notes')).toBeDefined();
  await user.click(screen.getByRole('button', { name: 'Go on' }));
  expect(screen.getByText('A last backup is taken and read back first')).toBeDefined();
  await user.click(screen.getByRole('button', { name: 'Go on' }));
  const agree = screen.getByRole('button', { name: 'Start fresh' });
  await user.type(screen.getByLabelText("The install's name"), 'spri{Enter}');
  await user.click(agree);
  expect(inputs('freshStart')).toEqual([]);
  await user.type(screen.getByLabelText("The install's name"), 'g');
  await user.click(agree);
  expect(inputs('freshStart')).toEqual([{ install: 'sprig', digest: 'digest-1' }]);
});

test('purge: the name, typed, and the digest of the plan that was shown', async () => {
  const { user, inputs } = await openApp('#/install/sprig/settings');
  await user.click(await screen.findByRole('button', { name: 'Purge …' }));
  const dialog = await screen.findByRole('dialog', { name: 'Purge sprig with all its data?' });
  expect(inputs('plan')).toContainEqual({ install: 'sprig', action: 'purge' });
  await user.click(within(dialog).getByRole('button', { name: 'Purge' }));
  expect(inputs('uninstall')).toEqual([]);
  await user.type(within(dialog).getByLabelText('Type sprig to go on'), 'sprig');
  await user.click(within(dialog).getByRole('button', { name: 'Purge' }));
  expect(inputs('uninstall')).toEqual([{ install: 'sprig', purge: true, digest: 'digest-1' }]);
});

test('uninstall keeps the data and asks once', async () => {
  const { user, inputs } = await openApp('#/install/sprig/settings');
  await user.click(await screen.findByRole('button', { name: 'Uninstall …' }));
  const dialog = await screen.findByRole('dialog');
  await within(dialog).findByText('Workspace');
  await user.click(within(dialog).getByRole('button', { name: 'Uninstall' }));
  expect(inputs('uninstall')).toEqual([{ install: 'sprig', digest: 'digest-1' }]);
});

test('restore shows its price before consent, and leaving changes nothing', async () => {
  const { user, inputs } = await openApp('#/install/sprig/backups', (client) =>
    client.answer('plan', { ...plan, action: 'restore', warnings: [price] }),
  );
  await user.click(await screen.findByRole('button', { name: /^Restore the backup/ }));
  const dialog = await screen.findByRole('dialog');
  expect(await within(dialog).findByText(price)).toBeDefined();
  expect(inputs('plan')).toContainEqual({ install: 'sprig', action: 'restore', input: 'b-1' });
  await user.click(within(dialog).getByRole('button', { name: 'Leave it as it is' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(inputs('restore')).toEqual([]);
  await user.click(screen.getByRole('button', { name: /^Restore the backup/ }));
  const again = await screen.findByRole('dialog');
  await within(again).findByText(price);
  await user.click(within(again).getByRole('button', { name: 'Restore' }));
  expect(inputs('restore')).toEqual([{ install: 'sprig', input: 'b-1', digest: 'digest-1' }]);
});

test('a bad backup cannot be restored', async () => {
  await openApp('#/install/sprig/backups', (client) =>
    client.answer('backups', [{ ...backup, verdict: 'bad', problem: 'The file ends too early.' }]),
  );
  expect((await screen.findByRole('button', { name: /^Restore the backup/ })).getAttribute('aria-disabled')).toBe('true');
  expect(screen.getByText('The file ends too early.')).toBeDefined();
});

test('rolling back is offered after an upgrade, with its price', async () => {
  const { user, inputs } = await openApp('#/install/sprig', (client) => {
    client.answer('history', [{ ...entry, undoUntil: null }]);
    client.answer('plan', { ...plan, action: 'roll-back', warnings: [price] });
  });
  await user.click(await screen.findByRole('button', { name: 'Roll back …' }));
  const dialog = await screen.findByRole('dialog');
  await within(dialog).findByText(price);
  await user.click(within(dialog).getByRole('button', { name: 'Roll back' }));
  expect(inputs('rollBack')).toEqual([{ install: 'sprig', digest: 'digest-1' }]);
});

test('what was taken away can be undone while it waits in the trash, and not after', async () => {
  const soon = new Date(Date.now() + 6 * 86_400_000).toISOString();
  const { user, inputs } = await openApp('#/install/sprig', (client) =>
    client.answer('history', [{ ...entry, operation: 'op-f', action: 'fresh-start', undoUntil: soon }]),
  );
  await user.click(await screen.findByRole('button', { name: 'Undo' }));
  expect(inputs('undo')).toEqual([{ install: 'sprig', operation: 'op-f' }]);
  await openApp('#/install/sprig', (client) =>
    client.answer('history', [{ ...entry, action: 'fresh-start', undoUntil: '2020-01-01T00:00:00Z' }]),
  );
  await screen.findByText('How it is');
  expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull();
});

test('Escape closes a question and does nothing else', async () => {
  const { user, inputs } = await openApp('#/install/sprig/settings');
  await user.click(await screen.findByRole('button', { name: 'Purge …' }));
  const dialog = await screen.findByRole('dialog');
  dialog.dispatchEvent(new Event('cancel', { cancelable: true }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(inputs('uninstall')).toEqual([]);
});

test('work that stands nowhere else goes only when it is named', async () => {
  const refused = {
    check: 'uncommitted',
    title: 'No work is lost',
    status: 'fail' as const,
    code: 'not-confirmed' as const,
    message: '"Workspace" has 2 files that are not committed.',
    remedy: { action: 'confirm' as const, text: 'Commit it, or name it.' },
    details: { items: ['workspace'] },
  };
  const { user, inputs } = await openApp('#/install/sprig/fresh-start', (client) =>
    client.reply('plan', ({ including }) => ({
      ok: true,
      result: {
        ...plan,
        action: 'fresh-start',
        digest: `digest-${including?.length ?? 0}`,
        checks: including === undefined ? [refused] : [],
      },
    })),
  );
  expect((await screen.findByRole('button', { name: 'Go on' })).getAttribute('aria-disabled')).toBe('true');
  await user.click(screen.getByLabelText('Workspace goes all the same'));
  await waitFor(() => expect(screen.getByRole('button', { name: 'Go on' }).getAttribute('aria-disabled')).toBeNull());
  await user.click(screen.getByRole('button', { name: 'Go on' }));
  await user.click(screen.getByRole('button', { name: 'Go on' }));
  await user.type(screen.getByLabelText("The install's name"), 'sprig{Enter}');
  expect(inputs('freshStart')).toEqual([{ install: 'sprig', including: ['workspace'], digest: 'digest-1' }]);
});

test('chosen items and files alone are restored: ticked, searched, and planned anew with each', async () => {
  const { user, inputs } = await openApp('#/install/sprig/backups', (client) => client.answer('plan', { ...plan, action: 'restore' }));
  await user.click(await screen.findByRole('button', { name: /^Restore the backup/ }));
  const dialog = await screen.findByRole('dialog');
  expect(await within(dialog).findByText('3 files differ.', { exact: false })).toBeDefined();
  expect(within(dialog).getByText('1 row added, 1 row changed, 1 row removed', { exact: false })).toBeDefined();
  expect(inputs('compare')).toEqual([
    { install: 'sprig', input: 'b-1' },
    { install: 'sprig', input: 'b-1', rows: true, limit: 0 },
  ]);
  await user.click(within(dialog).getByRole('checkbox', { name: /Only what I choose/ }));
  const agree = within(dialog).getByRole('button', { name: 'Restore what I chose' });
  expect(agree.getAttribute('aria-disabled')).toBe('true');
  // A datastore of another schema says why it does not go back alone, and offers no box.
  expect(within(dialog).getByText(/Not alone: its schema is 2/)).toBeDefined();
  expect(within(dialog).queryByRole('checkbox', { name: /Datastore/ })).toBeNull();
  await user.click(within(dialog).getByRole('checkbox', { name: /JWT signing secret/ }));
  expect(await within(dialog).findByText('1 item chosen.')).toBeDefined();
  await user.type(within(dialog).getByLabelText('Search in the files'), 'NONE');
  expect(await within(dialog).findByText('0 files found')).toBeDefined();
  await waitFor(() => expect(agree.getAttribute('aria-disabled')).not.toBe('true'));
  await user.click(agree);
  expect(inputs('restore')).toEqual([{ install: 'sprig', input: 'b-1', items: ['signing-secret'], digest: 'digest-1' }]);
});

test('what a restore or a roll back takes is exported on request, to a folder or beside the backups', async () => {
  const { user, inputs } = await openApp('#/install/sprig/backups');
  await user.click(await screen.findByRole('button', { name: /^Restore the backup/ }));
  const dialog = await screen.findByRole('dialog');
  await user.click(within(dialog).getByRole('button', { name: 'Export it first' }));
  await user.type(within(dialog).getByLabelText('New folder'), '/home/ann/since');
  await user.click(within(dialog).getByRole('button', { name: 'Export' }));
  expect(inputs('export')).toEqual([{ install: 'sprig', input: 'b-1', output: '/home/ann/since' }]);
});

test('a backup file is all that a new machine needs', async () => {
  const { user, inputs } = await openApp('#/add', (client) =>
    client.answer('plan', { ...plan, action: 'restore', anew: true, home: '/home/ann/new' }),
  );
  await user.type(await screen.findByLabelText('Backup file'), '/mnt/sprig.tar.zst');
  await user.click(screen.getByRole('button', { name: 'Show what it would restore' }));
  const dialog = await screen.findByRole('dialog');
  expect(inputs('plan')).toContainEqual({ action: 'restore', input: '/mnt/sprig.tar.zst', anew: true });
  await within(dialog).findByText('Workspace');
  await user.click(within(dialog).getByRole('button', { name: 'Restore' }));
  expect(inputs('restore')).toEqual([
    { input: '/mnt/sprig.tar.zst', anew: true, home: '/home/ann/new', install: 'sprig', digest: 'digest-1' },
  ]);
});

test('what the product can do itself is offered, begins with a press, and is not there where there is nothing', async () => {
  const { user, inputs } = await openApp('#/install/sprig/settings');
  const panel = await screen.findByRole('region', { name: /can do itself$/ });
  expect(within(panel).getByText('moult run sprig reset-password')).toBeDefined();
  await user.click(within(panel).getByRole('button', { name: 'Reset the password' }));
  expect(inputs('runAction')).toEqual([{ install: 'sprig', action: 'reset-password' }]);
});

test('a product without commands of its own has no such panel', async () => {
  await openApp('#/install/sprig/settings', (client) => client.answer('actions', []));
  await screen.findByRole('button', { name: 'Purge …' });
  expect(screen.queryByRole('region', { name: /can do itself$/ })).toBeNull();
});

test('fresh start: another release is planned, and agreed to under its own plan', async () => {
  const { user, inputs } = await openApp('#/install/sprig/fresh-start', (client) =>
    client.answer('plan', {
      ...plan,
      action: 'fresh-start',
      items: plan.items.map((item) => ({ ...item, fate: 'remove' as const })),
    }),
  );
  await user.click(await screen.findByRole('button', { name: 'Start with another release' }));
  await user.type(screen.getByLabelText('Release'), '1.1.0');
  await user.click(screen.getByRole('button', { name: 'Show its plan' }));
  await waitFor(() => expect(inputs('plan').at(-1)).toEqual({ install: 'sprig', action: 'fresh-start', to: '1.1.0' }));
  await user.click(await screen.findByRole('button', { name: 'Go on' }));
  await user.click(screen.getByRole('button', { name: 'Go on' }));
  await user.type(screen.getByLabelText("The install's name"), 'sprig');
  await user.click(screen.getByRole('button', { name: 'Start fresh' }));
  await waitFor(() => expect(inputs('freshStart')).toEqual([{ install: 'sprig', release: '1.1.0', digest: 'digest-1' }]));
});
