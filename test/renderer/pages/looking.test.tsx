// @vitest-environment happy-dom
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Desktop } from '../../../electron/api/desktop.ts';
import { drift, entry, finding, status } from '../../support/fake-world.ts';
import { runningOperation } from '../fake-client.ts';
import { openApp } from '../render-app.tsx';

test('a finding has what was expected, what was found, and every way out', async () => {
  await openApp('#/install/sprig/drift');
  const panel = await screen.findByRole('region', { name: 'datastore' });
  expect(panel.textContent).toContain('Expectedat most 15');
  expect(panel.textContent).toContain('Found18');
  expect(within(within(panel).getByRole('list', { name: 'Ways out' })).getAllByRole('listitem')).toHaveLength(
    1 + finding.alternatives.length,
  );
});

test('what could not be looked at is never called fine', async () => {
  await openApp('#/install/sprig/drift', (client) => client.answer('drift', { ...drift, findings: [] }));
  expect(await screen.findByText('Nothing found, but not everything could be looked at')).toBeDefined();
  expect(screen.queryByText('No drift')).toBeNull();
  expect(screen.getByRole('region', { name: 'Unknown' }).textContent).toContain('no VERSION file');
});

test('the log is followed, searched, and shown as text', async () => {
  let text = 'one\n<b>two</b>\n';
  const { user, inputs } = await openApp('#/install/sprig/activity', (client) =>
    client.reply('logs', ({ from }) => {
      const whole = from === undefined ? text : text.slice(from);
      return { ok: true, result: { path: '/log', text: whole, end: text.length } };
    }),
  );
  const log = await screen.findByRole('log');
  await waitFor(() => expect(log.textContent).toContain('<b>two</b>'));
  text += 'three with password=hunter22\n';
  await waitFor(() => expect(log.textContent).toContain('three'), { timeout: 3000 });
  expect(inputs('logs').at(-1)).toMatchObject({ install: 'sprig', from: expect.any(Number) as number });
  await user.type(screen.getByRole('searchbox'), 'TWO');
  await waitFor(() => expect(log.textContent).toBe('<b>two</b>\n'));
  expect(log.querySelector('b')).toBeNull();
});

test('every ended operation of the history has its receipt, whoever did it; one that runs can be watched', async () => {
  await openApp('#/install/sprig/activity', (client) => {
    client.snapshot = { ...client.snapshot, operations: [runningOperation()] };
    client.answer('history', [
      { ...entry, operation: 'op-9', endedAt: null, outcome: 'running' },
      { ...entry, operation: 'op-8', endedAt: null, outcome: 'running' },
      { ...entry, operation: 'op-7', outcome: 'rolled-back' },
      { ...entry, operation: 'op-6', action: 'back-up' },
    ]);
  });
  const panel = await screen.findByRole('region', { name: 'What was done' });
  await within(panel).findByText('Backup');
  const links = within(panel).getAllByRole('link');
  expect(links.map((link) => [link.textContent, link.getAttribute('href')])).toEqual([
    ['Watch', '#/operation/op-9'],
    ['Receipt', '#/operation/op-7'],
    ['Receipt', '#/operation/op-6'],
  ]);
});

test('any operation whose trash is there can be undone, not only the last', async () => {
  const later = new Date(Date.now() + 86_400_000).toISOString();
  const { user, inputs } = await openApp('#/install/sprig/activity', (client) =>
    client.answer('history', [
      { ...entry, operation: 'op-9', action: 'restore', undoUntil: later },
      { ...entry, operation: 'op-8', action: 'purge', undoUntil: later },
      { ...entry, operation: 'op-7', action: 'purge', undoUntil: new Date(Date.now() - 1000).toISOString() },
      { ...entry, operation: 'op-6', action: 'back-up', undoUntil: null },
    ]),
  );
  const panel = within(await screen.findByRole('region', { name: 'What was done' }));
  const buttons = await panel.findAllByRole('button', { name: /^Undo this/ });
  expect(buttons).toHaveLength(2);
  await user.click(buttons[1] as HTMLElement);
  await waitFor(() => expect(inputs('undo')).toEqual([{ install: 'sprig', operation: 'op-8' }]));
});

test('a report is shown before it is saved, without secrets', async () => {
  const { user } = await openApp('#/install/sprig/activity', (client) =>
    client.answer('report', { text: '## Checks\n\nlogin with password=[secret taken out]\n' }),
  );
  expect(screen.queryByRole('button', { name: 'Save it' })).toBeNull();
  await user.click(await screen.findByRole('button', { name: 'Write a report' }));
  const report = await screen.findByRole('region', { name: 'The report' });
  expect(report.textContent).toContain('## Checks');
  expect(report.textContent).toContain('login with password=[secret taken out]');
  expect(report.textContent).toContain('## Operations');
  expect(screen.getByRole('button', { name: 'Save it' })).toBeDefined();
});

test('a feed that cannot be asked is not the same as up to date', async () => {
  await openApp('#/install/sprig', (client) =>
    client.answer('status', {
      ...status,
      update: {
        latest: null,
        notes: null,
        notesAt: null,
        held: null,
        quarantined: [{ release: '2.0.0', reason: 'it hung' }],
        error: { code: 'feed-unreachable', message: 'no network' },
      },
    }),
  );
  expect(await screen.findByText('Cannot tell whether there is a newer release')).toBeDefined();
  expect(screen.getByText('2.0.0 is not offered')).toBeDefined();
  expect(document.body.textContent).not.toContain('is the newest release');
});

test('tabs are walked with the arrow keys and opened with Enter', async () => {
  const { user } = await openApp('#/install/sprig');
  const tab = await screen.findByRole('tab', { name: 'Overview' });
  tab.focus();
  await user.keyboard('{ArrowRight}{ArrowRight}{Enter}');
  await waitFor(() => expect(location.hash).toBe('#/install/sprig/backups'));
});

test('each action shows its command line, always if one likes', async () => {
  const { user } = await openApp('#/settings');
  await user.click(screen.getByRole('checkbox', { name: /Show the command line/ }));
  location.hash = '#/install/sprig/upgrade';
  expect(await screen.findByText('moult upgrade sprig')).toBeDefined();
});

test('a channel is chosen among those of the product, each with what it is', async () => {
  const { user, inputs, client } = await openApp('#/install/sprig/settings');
  const choice = await screen.findByRole('group', { name: 'Newer releases come from' });
  const stable = within(choice).getByRole<HTMLInputElement>('radio', { name: 'stable', description: 'Finished releases' });
  const next = within(choice).getByRole<HTMLInputElement>('radio', { name: 'next' });
  expect([stable.checked, next.checked]).toEqual([true, false]);
  const follow = screen.getByRole('button', { name: 'Follow it' });
  await user.click(follow);
  expect(inputs('setChannel')).toEqual([]);
  client.answer('status', { ...status, channel: 'next' });
  stable.focus();
  await user.keyboard('{ArrowDown}');
  await user.click(follow);
  expect(inputs('setChannel')).toEqual([{ install: 'sprig', channel: 'next' }]);
  expect(await screen.findByText('sprig follows next now.')).toBeDefined();
  await waitFor(() => expect(follow.getAttribute('aria-disabled')).toBe('true'));
  expect(next.checked).toBe(true);
});

test('a channel that the product no longer has is shown as what is followed', async () => {
  await openApp('#/install/sprig/settings', (client) => client.answer('status', { ...status, channel: 'edge' }));
  const edge = await screen.findByRole<HTMLInputElement>('radio', { name: 'edge' });
  expect(edge.checked).toBe(true);
  expect(screen.getAllByRole('radio')).toHaveLength(3);
});

test('a pin is set and taken off; the pages say what it holds back', async () => {
  const { user, inputs, client } = await openApp('#/install/sprig/settings');
  const field = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Go no further than' });
  expect(field.value).toBe('1.0.0');
  client.answer('status', { ...status, pin: '1.0.0', update: { ...status.update, latest: null, held: '2.0.0' } });
  await user.click(screen.getByRole('button', { name: 'Pin' }));
  expect(inputs('setPin')).toEqual([{ install: 'sprig', pin: '1.0.0' }]);
  expect(await screen.findByText('sprig is pinned to 1.0.0 now.')).toBeDefined();
  expect(await screen.findByText(/^Pinned to 1\.0\.0: nothing newer is offered/)).toBeDefined();
  location.hash = '#/install/sprig';
  expect(await screen.findByText('2.0.0 is out on stable; the pin to 1.0.0 holds it back.')).toBeDefined();
  location.hash = '#/install/sprig/settings';
  client.answer('status', status);
  await user.click(await screen.findByRole('button', { name: 'Take the pin off' }));
  expect(inputs('setPin').at(-1)).toEqual({ install: 'sprig', pin: null });
  expect(await screen.findByText(/^Not pinned/)).toBeDefined();
});

test('a release that is out has a link to its notes, on the web or on the upgrade page', async () => {
  const { client } = await openApp('#/install/sprig', (client) =>
    client.answer('status', { ...status, update: { ...status.update, notesAt: 'https://example.org/releases' } }),
  );
  expect((await screen.findByRole('link', { name: /Release notes/ })).getAttribute('href')).toBe('https://example.org/releases');
  client.answer('status', { ...status, update: { ...status.update, notes: 'Tags move.' } });
  client.say({ kind: 'changed', install: 'sprig' });
  await waitFor(() =>
    expect(screen.getByRole('link', { name: 'Release notes' }).getAttribute('href')).toBe('#/install/sprig/upgrade?to=2.0.0'),
  );
});

test('a pin that is refused says why', async () => {
  const { user } = await openApp('#/install/sprig/settings', (client) =>
    client.refuse('setPin', { code: 'unknown-release', message: 'There is no release 9.' }),
  );
  const field = await screen.findByRole('textbox', { name: 'Go no further than' });
  await user.clear(field);
  await user.type(field, '9{Enter}');
  expect((await screen.findByRole('alert')).textContent).toContain('There is no release 9.');
});

test('a channel that is refused says why and stays chosen', async () => {
  const { user } = await openApp('#/install/sprig/settings', (client) =>
    client.refuse('setChannel', { code: 'locked', message: 'An upgrade is under way.' }),
  );
  await user.click(await screen.findByRole('radio', { name: 'next' }));
  await user.click(screen.getByRole('button', { name: 'Follow it' }));
  expect((await screen.findByRole('alert')).textContent).toContain('An upgrade is under way.');
  expect(screen.getByRole<HTMLInputElement>('radio', { name: 'next' }).checked).toBe(true);
});

test('what only the desktop app can do is there in the desktop app alone', async () => {
  await openApp('#/settings');
  expect(screen.queryByText('Desktop app')).toBeNull();
  const asked: unknown[] = [];
  const settings = { startAtLogin: false, keepInTray: true, checkForUpdates: true, webhook: null };
  const answers = {
    settings,
    changeSettings: settings,
    appUpdate: { state: 'available', version: '0.2.0', fraction: null, text: 'Moult 0.2.0 is out.' },
  };
  const desktop: Desktop = {
    call: async (method, input) => {
      asked.push([method, input]);
      return { ok: true, result: (answers as Record<string, unknown>)[method] as never };
    },
  };
  const { user } = await openApp('#/settings', () => undefined, desktop);
  await user.click(await screen.findByLabelText('Start when I log in'));
  expect(asked).toContainEqual(['changeSettings', { startAtLogin: true }]);
  expect(await screen.findByRole('button', { name: 'Download 0.2.0' })).toBeDefined();
});
