// @vitest-environment happy-dom
import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { configProblem, drift, install, product, status } from '../../support/fake-world.ts';
import { runningOperation } from '../fake-client.ts';
import { openApp } from '../render-app.tsx';

const noDrift = { ...drift, findings: [], unknown: [] };

test('a card says product, release, health, the last backup and the one thing to do', async () => {
  await openApp('#/', (client) => client.answer('drift', noDrift));
  const card = (await screen.findByRole('heading', { name: 'sprig' })).closest('li') ?? document.body;
  await within(card).findByText('Healthy');
  expect(card.textContent).toContain('Sprig Lite 1.0.0');
  expect(within(card).getByText('Proven')).toBeDefined();
  expect(within(card).getByRole('link', { name: 'Upgrade to 2.0.0' }).getAttribute('href')).toBe('#/install/sprig/upgrade');
  expect(within(card).queryAllByRole('button', { name: /upgrade/i })).toEqual([]);
});

test('findings come first, once they are known', async () => {
  await openApp('#/');
  expect((await screen.findByRole('link', { name: 'Look at 1 finding' })).getAttribute('href')).toBe('#/install/sprig/drift');
});

test('what was never backed up is backed up with one press', async () => {
  const { user, inputs } = await openApp('#/', (client) => {
    client.answer('drift', noDrift);
    client.answer('status', { ...status, update: { ...status.update, latest: null }, lastBackup: null });
  });
  await user.click(await screen.findByRole('button', { name: 'Back up' }));
  expect(inputs('backUp')).toEqual([{ install: 'sprig' }]);
  await waitFor(() => expect(location.hash).toBe('#/operation/op-9'));
});

test('a status that cannot be had says why, and the other cards stay', async () => {
  await openApp('#/', (client) => {
    client.snapshot = { ...client.snapshot, installs: [install, { ...install, install: 'other' }] };
    client.reply('status', ({ install: name }) =>
      name === 'other' ? { ok: false, error: { code: 'bad-descriptor', message: 'sprig.yaml:7 is wrong' } } : { ok: true, result: status },
    );
  });
  expect((await screen.findByRole('alert')).textContent).toContain('sprig.yaml:7 is wrong');
  expect(screen.getByText('Healthy')).toBeDefined();
});

test('a configuration that cannot be read comes before everything but what was interrupted', async () => {
  await openApp('#/', (client) => client.answer('status', { ...status, configProblem }));
  expect((await screen.findByText('Its configuration cannot be read')).getAttribute('title')).toBe(configProblem.message);
  expect((await screen.findByRole('link', { name: 'Mend its configuration' })).getAttribute('href')).toBe('#/install/sprig');
  await openApp('#/install/sprig/activity', (client) => client.answer('status', { ...status, configProblem }));
  expect((await screen.findByText(/config\.yaml:4:1 cannot be read/)).textContent).toContain('a quote is not closed');
  expect((await screen.findByRole('link', { name: 'Restore it from a backup' })).getAttribute('href')).toBe('#/install/sprig/backups');
});

test('what runs is shown on its card and goes on while one watches', async () => {
  const { client } = await openApp('#/', (fake) => (fake.snapshot = { ...fake.snapshot, operations: [runningOperation()] }));
  const bar = await screen.findByRole('progressbar');
  expect(bar.getAttribute('aria-valuenow')).toBe('42');
  act(() => client.say({ kind: 'event', event: { event: 'progress', operation: 'op-9', progress: { fraction: 0.6, step: 'hot' } } }));
  await waitFor(() => expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('60'));
});

test('a lost connection is said, and heals', async () => {
  const { client } = await openApp('#/');
  act(() => client.connect('lost'));
  expect(await screen.findByText('Not connected.')).toBeDefined();
  act(() => client.connect('connected'));
  await waitFor(() => expect(screen.queryByText('Not connected.')).toBeNull());
});

test('a fresh machine is greeted with three ways in, and the sample is one press', async () => {
  const { user, inputs } = await openApp('#/', (client) => {
    client.snapshot = { ...client.snapshot, installs: [] };
    client.answer('products', [product]);
  });
  await user.click(await screen.findByRole('button', { name: 'Try the sample' }));
  expect(inputs('setUp')).toEqual([{ product: 'sprig', release: '1.0.0' }]);
});

test('the sample finds a free port by itself', async () => {
  const { user, inputs } = await openApp('#/', (client) => {
    client.snapshot = { ...client.snapshot, installs: [] };
    client.reply('setUp', ({ port }) =>
      port === 8379 ? { ok: true, result: { operation: 'op-9' } } : { ok: false, error: { code: 'port-in-use', message: 'taken' } },
    );
  });
  await user.click(await screen.findByRole('button', { name: 'Try the sample' }));
  await waitFor(() => expect(location.hash).toBe('#/operation/op-9'));
  expect(inputs('setUp').map((input) => (input as { port?: number }).port)).toEqual([undefined, 8378, 8379]);
});

test('what was found is adopted where it is', async () => {
  const { user, inputs } = await openApp('#/add');
  await user.click(await screen.findByRole('button', { name: 'Adopt Sprig Lite in /home/ann/.sprig' }));
  expect(inputs('adopt')).toEqual([{ product: 'sprig', home: '/home/ann/.sprig' }]);
});

test('what is somewhere else is adopted under a name and on a channel of its own', async () => {
  const { user, inputs } = await openApp('#/add');
  await user.click(await screen.findByRole('button', { name: 'It is somewhere else' }));
  expect(screen.queryByRole('combobox', { name: 'Channel' })).toBeNull();
  const panel = within(screen.getByRole('region', { name: 'Found on this machine' }));
  await user.selectOptions(panel.getByRole('combobox', { name: 'Product' }), 'sprig');
  await user.type(panel.getByRole('textbox', { name: 'Home folder' }), '/srv/sprig');
  await user.selectOptions(panel.getByRole('combobox', { name: 'Channel' }), 'next');
  await user.click(panel.getByRole('button', { name: 'Adopt' }));
  expect(inputs('adopt')).toEqual([{ product: 'sprig', home: '/srv/sprig', channel: 'next' }]);
});

test('a set-up hands on only what was answered, and shows its plan when asked', async () => {
  const { user, inputs } = await openApp('#/set-up/sprig');
  await user.type(screen.getByLabelText('Name'), 'notes');
  await user.click(screen.getByRole('button', { name: 'Show what will be made' }));
  expect(inputs('plan')).toEqual([{ action: 'set-up', product: 'sprig', name: 'notes' }]);
  await user.click(screen.getByLabelText('Start it at once'));
  await user.click(screen.getByRole('button', { name: 'Set up' }));
  expect(inputs('setUp')).toEqual([{ product: 'sprig', name: 'notes', start: false }]);
});

test('a set-up offers the channels of the product; the usual one goes without saying', async () => {
  const { user, inputs } = await openApp('#/set-up/sprig');
  await user.click(screen.getByRole('button', { name: 'More' }));
  const channel = screen.getByRole<HTMLSelectElement>('combobox', { name: 'Channel', description: 'Finished releases' });
  expect([...channel.options].map((option) => option.text)).toEqual(['stable', 'next']);
  await user.selectOptions(channel, 'next');
  await user.click(screen.getByRole('button', { name: 'Show what will be made' }));
  await user.selectOptions(channel, 'stable');
  await user.click(screen.getByRole('button', { name: 'Set up' }));
  expect(inputs('plan')).toEqual([{ action: 'set-up', product: 'sprig', channel: 'next' }]);
  expect(inputs('setUp')).toEqual([{ product: 'sprig' }]);
});

test('an address that leads nowhere says so', async () => {
  await openApp('#/nowhere');
  expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('There is no such page');
});
