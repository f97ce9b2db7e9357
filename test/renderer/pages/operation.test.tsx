// @vitest-environment happy-dom
import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { RunningOperation } from '../../../electron/api/client.ts';
import { backupMade, entry, outcomeOf, receiptOf, verification } from '../../support/fake-world.ts';
import { type FakeClient, operationId, runningOperation } from '../fake-client.ts';
import { openApp } from '../render-app.tsx';

const address = `#/operation/${operationId}`;

function withOperation(change: Partial<RunningOperation> = {}) {
  return (client: FakeClient): void => void (client.snapshot = { ...client.snapshot, operations: [runningOperation(change)] });
}

test('a reload in the middle shows the running operation: steps, bytes, rate, time left', async () => {
  await openApp(address, withOperation());
  expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Upgrading sprig');
  expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('42');
  expect(screen.getByText('4 MiB of 9.5 MiB · 1.9 MiB/s · 2.9 s left in this step')).toBeDefined();
  const current = document.querySelector('[aria-current="step"]');
  expect(current?.textContent).toContain('Back up while the product runs');
  expect(current?.textContent).toContain('notes/first.md');
});

test('events move it on, to the receipt', async () => {
  const { client } = await openApp(address, withOperation());
  act(() => {
    client.say({
      kind: 'event',
      event: { event: 'step', operation: operationId, id: 'hot', title: 'Back up while the product runs', state: 'done', at: '' },
    });
    client.say({
      kind: 'event',
      event: { event: 'step', operation: operationId, id: 'switch', title: 'Switch to 2.0.0', state: 'running', at: '' },
    });
  });
  await waitFor(() => expect(document.querySelector('[aria-current="step"]')?.textContent).toContain('Switch to 2.0.0'));
  const outcome = { ...outcomeOf('upgrade'), receipt: receiptOf('upgrade') };
  act(() => client.say({ kind: 'event', event: { event: 'ended', operation: operationId, outcome, error: null, at: '' } }));
  expect(await screen.findByRole('heading', { level: 1, name: 'sprig is upgraded from 1.0.0 to 2.0.0.' })).toBeDefined();
});

test('the receipt: words first, hashes behind a press', async () => {
  const outcome = { ...outcomeOf('upgrade'), receipt: receiptOf('upgrade') };
  const { user } = await openApp(address, withOperation({ ended: { outcome, error: null, at: '' } }));
  expect(within(screen.getByRole('region', { name: 'Stayed' })).getByText('the same to the byte')).toBeDefined();
  expect(screen.getByRole('region', { name: 'Changed' }).textContent).toContain('schema 2schema 6');
  const hash = 'ab'.repeat(32);
  expect(document.body.textContent).not.toContain(hash);
  await user.click(screen.getByRole('button', { name: 'Hashes and times' }));
  expect(document.body.textContent).toContain(hash);
});

test('a preserved item that did change is never hidden', async () => {
  const receipt = receiptOf('upgrade');
  const items = receipt.items.map((item) => (item.item === 'workspace' ? { ...item, unchanged: false } : item));
  await openApp(
    address,
    withOperation({ ended: { outcome: { ...outcomeOf('upgrade'), receipt: { ...receipt, items } }, error: null, at: '' } }),
  );
  expect(screen.getByText(/should have stayed, but is different now/)).toBeDefined();
});

test('what was to be made anew and came out the same has stayed; items go by words, and the backup is one press away', async () => {
  const receipt = receiptOf('upgrade');
  const items = [...receipt.items, { ...receipt.items[0]!, item: 'dependency-folder', fate: 'refresh' as const, unchanged: true }];
  await openApp(
    address,
    withOperation({ ended: { outcome: { ...outcomeOf('upgrade'), receipt: { ...receipt, items } }, error: null, at: '' } }),
  );
  const stayed = within(screen.getByRole('region', { name: 'Stayed' }));
  expect(stayed.getByText('Dependency folder').parentElement?.textContent).toContain('as it was');
  expect(within(screen.getByRole('region', { name: 'Changed' })).queryByText('Dependency folder')).toBeNull();
  expect(screen.getByRole('link', { name: 'a backup' }).getAttribute('href')).toBe('#/install/sprig/backups');
});

test('a failure says what happened, how things are, and what to press', async () => {
  const error = {
    code: 'rolled-back' as const,
    message: '2.0.0 did not become healthy.',
    remedy: { action: 'open-log' as const, text: 'See what it printed.' },
  };
  await openApp(address, withOperation({ ended: { outcome: { ...outcomeOf('upgrade'), endState: 'old-and-healthy' }, error, at: '' } }));
  const alert = screen.getByRole('alert');
  expect(alert.textContent).toContain('2.0.0 did not become healthy.');
  expect(alert.textContent).toContain('Everything is as it was before, and the product is healthy.');
  expect(within(alert).getByRole('link', { name: 'Open the log' }).getAttribute('href')).toBe('#/install/sprig/activity');
  expect(screen.queryByRole('button', { name: /Roll back/ })).toBeNull();
});

test('neither state could be reached: it says so and does not smile', async () => {
  await openApp(
    address,
    withOperation({
      ended: {
        outcome: { ...outcomeOf('upgrade'), endState: 'stopped-and-kept' },
        error: { code: 'undo-failed', message: 'The disk does not answer.' },
        at: '',
      },
    }),
  );
  expect(screen.getByRole('alert').textContent).toContain('The product is stopped. Every byte of it is kept.');
  // The step at which it stood is over as well.
  expect(document.querySelector('[aria-current=step]')).toBeNull();
  expect(screen.getByText('Back up while the product runs').closest('li')?.className).toContain('step-failed');
});

test('cancelling is asked for once, and the answer is shown', async () => {
  const { user, client } = await openApp(address, withOperation());
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(client.cancels).toEqual([operationId]);
  expect(await screen.findByText('It stops at the next safe point.')).toBeDefined();
  act(() => client.say({ kind: 'event', event: { event: 'cancelling', operation: operationId, possible: true, text: '' } }));
  const button = await screen.findByRole('button', { name: 'Cancelling …' });
  await user.click(button);
  expect(client.cancels).toHaveLength(1);
});

test('a backup that was made shows its verdict, place and size', async () => {
  await openApp(
    address,
    withOperation({ action: 'back-up', ended: { outcome: { ...outcomeOf('back-up'), backup: backupMade }, error: null, at: '' } }),
  );
  const panel = screen.getByRole('region', { name: 'The backup' });
  expect(within(panel).getByText('Unproven')).toBeDefined();
  expect(within(panel).getByText('/mnt/disk/sprig.tar.zst')).toBeDefined();
});

test('a bad backup is not called whole', async () => {
  await openApp(
    address,
    withOperation({
      action: 'verify',
      ended: {
        outcome: { ...outcomeOf('verify'), verification: { ...verification, verdict: 'bad', problems: ['Frame 3 cannot be read.'] } },
        error: null,
        at: '',
      },
    }),
  );
  expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('The backup is bad.');
  expect(screen.getByText('Frame 3 cannot be read.')).toBeDefined();
});

test('an operation that nobody knows says where to look', async () => {
  await openApp('#/operation/gone');
  expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Nothing is known of this operation');
});

test('an old operation shows its receipt, in the past tense and without ways out of what went wrong then', async () => {
  const { user, inputs } = await openApp('#/operation/op-1', (client) => client.answer('receipt', receiptOf('upgrade')));
  expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Upgrade of sprig, 1.0.0 → 2.0.0');
  expect(inputs('receipt')).toEqual([{ operation: 'op-1' }]);
  expect(screen.getByText(/The new state stood then/)).toBeDefined();
  expect(within(screen.getByRole('region', { name: 'Stayed' })).getByText('the same to the byte')).toBeDefined();
  expect(document.body.textContent).not.toContain('ab'.repeat(32));
  await user.click(screen.getByRole('button', { name: 'Hashes and times' }));
  expect(document.body.textContent).toContain('ab'.repeat(32));
  expect(screen.getByRole('link', { name: 'All that was done' }).getAttribute('href')).toBe('#/install/sprig/activity');
});

test('an old failure says why, which steps were undone, and is no alarm of today', async () => {
  const receipt = receiptOf('upgrade');
  await openApp('#/operation/op-1', (client) =>
    client.answer('receipt', {
      ...receipt,
      endState: 'old-and-healthy',
      reason: {
        code: 'rolled-back',
        message: '2.0.0 did not become healthy.',
        remedy: { action: 'open-log', text: 'See what it printed.' },
      },
      steps: [
        { id: 'switch', title: 'Switch to 2.0.0', seconds: 1, outcome: 'undone' },
        { id: 'start', title: 'Start 2.0.0', seconds: 60, outcome: 'failed' },
      ],
    }),
  );
  expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Upgrade of sprig did not succeed');
  expect(screen.getByText('2.0.0 did not become healthy.')).toBeDefined();
  expect(screen.getByText(/Everything was as before it then/)).toBeDefined();
  expect(screen.getByRole('img', { name: 'undone' }).closest('li')?.textContent).toContain('Switch to 2.0.0');
  expect(screen.queryByRole('alert')).toBeNull();
  expect(screen.queryByRole('link', { name: 'Open the log' })).toBeNull();
});

test('an old operation without a receipt says what the history knows', async () => {
  const { inputs } = await openApp('#/operation/op-0', (client) =>
    client.answer('history', [{ ...entry, outcome: 'failed', endState: null, message: 'It ended before anything was done.' }]),
  );
  expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Upgrade of sprig, 1.0.0 → 1.2.0');
  expect(screen.getByText('It ended before anything was done.')).toBeDefined();
  expect(screen.getByText('No receipt was kept of it.')).toBeDefined();
  expect(inputs('history')).toEqual([{ limit: 1000 }]);
});

test('one that runs elsewhere is followed to its receipt', async () => {
  const { client } = await openApp('#/operation/op-0', (fake) => fake.answer('history', [{ ...entry, endedAt: null, outcome: 'running' }]));
  expect(screen.getByText('There is no receipt before it has ended.')).toBeDefined();
  client.answer('receipt', { ...receiptOf('upgrade'), operation: 'op-0' });
  act(() => client.say({ kind: 'changed', install: 'sprig' }));
  expect(await screen.findByRole('region', { name: 'Stayed' })).toBeDefined();
});

test('a receipt that cannot be had says why, and can be asked for again', async () => {
  const { user, client } = await openApp('#/operation/op-9', withOperation());
  client.refuse('receipt', { code: 'internal', message: 'The registry does not answer.' });
  act(() => void (location.hash = '#/operation/op-1'));
  expect((await screen.findByRole('alert')).textContent).toContain('The registry does not answer.');
  client.answer('receipt', receiptOf('upgrade'));
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('region', { name: 'Stayed' })).toBeDefined();
});

test('what the stream tells of is not asked for', async () => {
  const { inputs } = await openApp(address, withOperation({ ended: { outcome: outcomeOf('upgrade'), error: null, at: '' } }));
  expect(inputs('receipt')).toEqual([]);
});

test('what a command of the product printed is shown, with the word that it is seen once', async () => {
  const outcome = { ...outcomeOf('run'), printed: 'new password: s3cret' };
  await openApp(address, withOperation({ action: 'run', ended: { outcome, error: null, at: '' } }));
  expect(screen.getByText('new password: s3cret')).toBeDefined();
  expect(screen.getByText('This is shown once and kept nowhere:')).toBeDefined();
});
