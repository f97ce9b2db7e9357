// @vitest-environment happy-dom
/** How well an install is protected, on every screen that says so, and the schedule that protects it. */
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { backup, drift, drill, outcomeOf, rehearsal, rescan, scheduleState, status } from '../../support/fake-world.ts';
import { runningOperation } from '../fake-client.ts';
import { openApp } from '../render-app.tsx';

const warned = { ...status.protection, warning: 'A scheduled backup was missed' };
const upToDate = { ...status, update: { ...status.update, latest: null } };

test('the card says when it was last proven, and warns when that is too long ago', async () => {
  await openApp('#/', (client) => client.answer('status', upToDate));
  expect((await screen.findByText(/^Last proven restorable/)).textContent).not.toContain('missed');
  await openApp('#/', (client) => {
    client.answer('status', { ...upToDate, protection: warned });
    client.answer('drift', { ...drift, findings: [] });
  });
  expect((await screen.findByText(/A scheduled backup was missed/)).tagName).toBe('STRONG');
  expect((await screen.findByRole('link', { name: 'Look at its backups' })).getAttribute('href')).toBe('#/install/sprig/backups');
});

test('a backup can be tried on a copy; one whose file is gone cannot, and says so', async () => {
  const { user, inputs } = await openApp('#/install/sprig/backups', (client) =>
    client.answer('backups', [backup, { ...backup, id: 'b-0', at: '2026-03-03T05:06:07.000Z', missing: true, foreign: true }]),
  );
  const [there, gone] = await screen.findAllByRole('button', { name: /^Try the backup of/ });
  expect(gone?.getAttribute('aria-disabled')).toBe('true');
  expect(await screen.findByText(/^Its file is not there/)).toBeDefined();
  expect(screen.getByText(/^Of another machine/)).toBeDefined();
  if (there) await user.click(there);
  await waitFor(() => expect(inputs('drill')).toEqual([{ install: 'sprig', backup: 'b-1' }]));
});

test('backups are looked for in a folder, and adopted only when asked', async () => {
  const { user, inputs } = await openApp('#/install/sprig/backups');
  await user.click(await screen.findByRole('button', { name: 'Find backups in a folder' }));
  await user.type(await screen.findByRole('textbox', { name: 'Folder' }), '/mnt/disk');
  await user.click(screen.getByRole('checkbox', { name: /^Adopt backups/ }));
  await user.click(screen.getByRole('button', { name: 'Look for backups' }));
  await waitFor(() => expect(inputs('rescan')).toEqual([{ folder: '/mnt/disk', install: 'sprig' }]));
});

test('a schedule is changed as a whole and switched off; what was missed is said', async () => {
  const { user, inputs } = await openApp('#/install/sprig/settings', (client) =>
    client.answer('schedule', {
      ...scheduleState,
      missed: '2026-03-06T02:00:00.000Z',
      last: { at: '2026-03-06T02:00:30.000Z', problem: 'the disk is full' },
    }),
  );
  const panel = within(await screen.findByRole('region', { name: 'Scheduled backups' }));
  expect((await panel.findByText(/The last try failed/)).textContent).toContain('the disk is full');
  const save = panel.getByRole('button', { name: 'Set the schedule' });
  expect(save.getAttribute('aria-disabled')).toBe('true');
  await user.selectOptions(panel.getByLabelText('Back up'), 'week');
  await user.selectOptions(panel.getByLabelText('On'), 'Saturday');
  await user.clear(panel.getByLabelText('Always stays free'));
  await user.type(panel.getByLabelText('Always stays free'), '500 MiB');
  await user.click(save);
  await waitFor(() => expect(inputs('setSchedule')).toHaveLength(1));
  const { since: _since, ...kept } = scheduleState.schedule ?? { since: '' };
  expect(inputs('setSchedule')[0]).toEqual({
    install: 'sprig',
    schedule: { ...kept, every: 'week', weekday: 6, reserve: 500 * 1024 ** 2 },
  });
  await user.selectOptions(panel.getByLabelText('Back up'), 'off');
  await user.click(panel.getByRole('button', { name: 'Switch it off' }));
  await waitFor(() => expect(inputs('setSchedule').at(-1)).toEqual({ install: 'sprig', schedule: null }));
});

test.for([
  ['drill', { drill }, 'The drill', '120 rows in 6 tables'],
  ['rehearse', { rehearsal }, 'The rehearsal', 'drafts is gone; it had 12 rows'],
  ['rescan', { rescan }, 'What was found', 'it ends early'],
] as const)('the end of a %s says what was seen', async ([action, more, region, words]) => {
  await openApp('#/operation/op-9', (client) => {
    const outcome = { ...outcomeOf(action), ...more };
    const operation = runningOperation({ action, ended: { outcome, error: null, at: '2026-03-06T05:06:07.000Z' } });
    client.snapshot = { ...client.snapshot, operations: [operation] };
  });
  expect((await screen.findByRole('region', { name: region })).textContent).toContain(words);
});
