// @vitest-environment happy-dom
import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { RunningOperation } from '../../../electron/api/client.ts';
import { backupMade, outcomeOf, receiptOf, verification } from '../../support/fake-world.ts';
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
