// @vitest-environment happy-dom
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { plan, status } from '../../support/fake-world.ts';
import { runningOperation } from '../fake-client.ts';
import { openApp } from '../render-app.tsx';

const address = '#/install/sprig/upgrade';

test('two columns: what stays and what changes, each with its place and before → after', async () => {
  await openApp(address);
  const stays = await screen.findByRole('region', { name: 'Stays' });
  const changes = screen.getByRole('region', { name: 'Changes' });
  expect(within(stays).getByRole('heading', { name: 'Workspace' })).toBeDefined();
  expect(within(stays).getByText('/home/ann/.sprig/notes')).toBeDefined();
  expect(within(stays).getByRole('heading', { name: 'Other files' })).toBeDefined();
  expect(within(changes).getByRole('heading', { name: 'Datastore' })).toBeDefined();
  expect(changes.textContent).toContain('schema 2schema 6');
  expect(within(stays).queryByText('Datastore')).toBeNull();
});

test('only the plan that was shown is run: the button hands back its digest', async () => {
  const { user, inputs } = await openApp(address);
  await user.click(await screen.findByRole('button', { name: 'Upgrade to 2.0.0' }));
  expect(inputs('upgrade')).toEqual([{ install: 'sprig', digest: 'digest-1' }]);
  await waitFor(() => expect(location.hash).toBe('#/operation/op-9'));
});

test('a release of choice is planned and run', async () => {
  const { user, inputs } = await openApp(`${address}?to=1.2.0`);
  expect(inputs('plan')).toContainEqual({ install: 'sprig', action: 'upgrade', to: '1.2.0' });
  await user.click(await screen.findByRole('button', { name: /^Upgrade to/ }));
  expect(inputs('upgrade')).toEqual([{ install: 'sprig', to: '1.2.0', digest: 'digest-1' }]);
});

test('a failed check bars the button and is said first', async () => {
  const { user, inputs } = await openApp(address, (client) =>
    client.answer('plan', { ...plan, checks: [{ check: 'space', title: 'Disk space', status: 'fail', message: '/home lacks 3 GiB' }] }),
  );
  const button = await screen.findByRole('button', { name: 'Upgrade to 2.0.0' });
  expect(button.getAttribute('aria-disabled')).toBe('true');
  await user.click(button);
  expect(inputs('upgrade')).toEqual([]);
  expect(screen.getByText(/^Refused: \/home lacks 3 GiB/)).toBeDefined();
});

test('a plan that went stale is said to be so and can be had anew', async () => {
  const { user, inputs } = await openApp(address, (client) =>
    client.refuse('upgrade', { code: 'plan-changed', message: 'The plan is not the one that was shown.' }),
  );
  await user.click(await screen.findByRole('button', { name: 'Upgrade to 2.0.0' }));
  expect((await screen.findByRole('alert')).textContent).toContain('Nothing was touched.');
  const before = inputs('plan').length;
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  await waitFor(() => expect(inputs('plan').length).toBe(before + 1));
});

test('notes and file names are text, whatever is in them', async () => {
  const hostile = '<img src=x onerror="globalThis.wasRun = true"><script>globalThis.wasRun = true</script>';
  const { user } = await openApp(address, (client) =>
    client.answer('plan', {
      ...plan,
      path: [{ release: '2.0.0', kind: 'major', notes: hostile }],
      warnings: [hostile],
      items: plan.items.map((item) => ({ ...item, title: hostile, paths: [hostile] })),
    }),
  );
  expect((await screen.findAllByText(hostile)).length).toBeGreaterThan(3);
  await user.click(screen.getByRole('button', { name: 'Show 1 of 12 files' }));
  expect(document.querySelector('img, main script')).toBeNull();
  expect('wasRun' in globalThis).toBe(false);
});

test('notes that are an address become a link to the web, and nothing else does', async () => {
  await openApp(address, (client) =>
    client.answer('plan', {
      ...plan,
      path: [
        { release: '1.2.0', kind: 'minor', notes: 'javascript:alert(1)' },
        { release: '2.0.0', kind: 'major', notes: 'https://example.org/2.0.0' },
      ],
    }),
  );
  const link = await screen.findByRole('link', { name: /example\.org/ });
  expect(link.getAttribute('rel')).toBe('noopener noreferrer');
  expect(screen.queryByRole('link', { name: /javascript/ })).toBeNull();
});

test('nothing newer is good news, not a failure', async () => {
  await openApp(address, (client) => client.refuse('plan', { code: 'nothing-to-do', message: 'sprig is on 2.0.0, the newest.' }));
  expect(await screen.findByText('sprig is up to date')).toBeDefined();
  expect(screen.queryByRole('alert')).toBeNull();
});

test('newer data than the release knows: both versions and the way out', async () => {
  await openApp(address, (client) =>
    client.refuse('plan', {
      code: 'schema-ahead',
      message: 'datastore is at schema version 18 but release 1.1.0 only knows up to 15',
      remedy: { action: 'restore-backup', text: 'Restore a backup of 1.1.0.' },
    }),
  );
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('18');
  expect(alert.textContent).toContain('15');
  expect(within(alert).getByRole('link', { name: 'Choose a backup' }).getAttribute('href')).toBe('#/install/sprig/backups');
});

test('while something runs nothing is planned', async () => {
  const { inputs } = await openApp(address, (client) => (client.snapshot = { ...client.snapshot, operations: [runningOperation()] }));
  expect(await screen.findByText('Something is running')).toBeDefined();
  expect(inputs('plan')).toEqual([]);
});

test('what was interrupted comes first, with where, how things are and the one way on', async () => {
  const { user, inputs } = await openApp('#/install/sprig', (client) =>
    client.answer('status', {
      ...status,
      interrupted: { operation: 'o', kind: 'upgrade', step: 'switch', startedAt: '2026-03-06T05:00:00Z', recovery: 'undo' },
    }),
  );
  const title = await screen.findByText(/The last upgrade stopped in/);
  expect(title.textContent).toBe('The last upgrade stopped in switch');
  expect(title.parentElement?.textContent).toContain('sprig is on 1.0.0 and healthy');
  await user.click(screen.getByRole('button', { name: 'Undo the upgrade' }));
  expect(inputs('recover')).toEqual([{ install: 'sprig' }]);
});

test('an upgrade is tried on a copy at the press of a button, and the page says how that went', async () => {
  const { user, inputs } = await openApp(address);
  await user.click(await screen.findByRole('button', { name: 'Rehearse' }));
  expect(inputs('rehearse')).toEqual([{ install: 'sprig', to: '2.0.0' }]);
  await waitFor(() => expect(location.hash).toBe('#/operation/op-9'));
  const check = { check: 'rehearsal', title: 'It was tried on a copy' };
  await openApp(address, (client) =>
    client.answer('plan', { ...plan, checks: [{ ...check, status: 'pass', message: 'Rehearsed 10 minutes ago: healthy, 3 s.' }] }),
  );
  expect((await screen.findAllByText(/^Rehearsed 10 minutes ago: healthy/)).length).toBeGreaterThan(0);
  expect(screen.getByRole('button', { name: 'Rehearse again' })).toBeDefined();
});

test('without a backup nothing can be rehearsed, and the way to one is shown', async () => {
  await openApp(address, (client) => client.answer('status', { ...status, lastBackup: null }));
  expect((await screen.findByRole('link', { name: 'Make a backup first' })).getAttribute('href')).toBe('#/install/sprig/backups');
  expect(screen.queryByRole('button', { name: 'Rehearse' })).toBeNull();
});
