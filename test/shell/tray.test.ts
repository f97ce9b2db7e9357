import { describe, expect, it } from 'vitest';
import { installPage, operationPage, upgradePage } from '../../electron/shell/pages.ts';
import { type TrayEntry, trayMenu } from '../../electron/shell/tray-menu.ts';
import { trayState, trayTooltip } from '../../electron/shell/tray-model.ts';
import { parseRoute } from '../../renderer/route/route.ts';
import { configProblem } from '../support/fake-world.ts';
import { view, type ViewWish } from './views.ts';

const interrupted = { operation: 'op-0', kind: 'upgrade', step: 'switch', startedAt: '', recovery: 'undo' } as const;
const protection = { provenAt: null, scheduled: true, next: null, missed: null, warning: null };
const busy = { pid: 1, operation: 'upgrade', since: '' };

describe('the state and its words', () => {
  it.each<[string, ViewWish[], string, string]>([
    ['nothing yet', [], 'fine', 'Moult: nothing is set up yet'],
    ['one that is fine', [{}], 'fine', 'Moult: Sprig Lite 1.0.0 is fine'],
    [
      'one that is stopped',
      [{ status: { service: { state: 'stopped', pid: null, since: null, port: null } } }],
      'fine',
      'Moult: Sprig Lite 1.0.0 is stopped',
    ],
    ['several', [{}, { name: 'b' }], 'fine', 'Moult: all 2 installs are fine'],
    ['an update', [{}, { name: 'b', latest: '2.0.0' }], 'update', 'Moult: Sprig Lite 2.0.0 is out'],
    ['interrupted', [{ latest: '2.0.0', status: { interrupted } }], 'attention', 'Moult: Sprig Lite was interrupted in "switch"'],
    [
      'a configuration that cannot be read',
      [{ latest: '2.0.0', status: { configProblem } }],
      'attention',
      'Moult: The configuration of Sprig Lite cannot be read',
    ],
    ['unhealthy', [{ status: { health: 'unhealthy' } }], 'attention', 'Moult: Sprig Lite is not healthy'],
    [
      'a backup that was not proven for long',
      [{ latest: '2.0.0', status: { protection: { ...protection, warning: 'The last backup failed its drill' } } }],
      'attention',
      'Moult: Sprig Lite: The last backup failed its drill',
    ],
    ['not to be read', [{ status: null, problem: 'its folder is gone' }], 'attention', 'Moult: Sprig Lite: its folder is gone'],
    ['not asked yet', [{ status: null }], 'fine', 'Moult: Sprig Lite 1.0.0 is stopped'],
    ['working', [{ operation: {} }, { name: 'b', status: { interrupted } }], 'working', 'Moult: upgrading Sprig Lite 42 %'],
    ['cancelling', [{ operation: { cancelling: true, action: 'back-up' } }], 'working', 'Moult: backing up Sprig Lite, cancelling'],
    ['working elsewhere', [{ status: { busy } }], 'working', 'Moult: another program works on Sprig Lite'],
  ])('%s', (_, wishes, state, words) => {
    const views = wishes.map(view);
    expect([trayState(views), trayTooltip(views)]).toEqual([state, words]);
  });

  it('fits what Windows shows of it', () => {
    const views = Array.from({ length: 20 }, (_, index) => view({ name: `install-${index}`, status: { health: 'unhealthy' } }));
    expect(trayTooltip(views).length).toBe(127);
  });
});

const flat = (entries: readonly TrayEntry[]): string[] =>
  entries.flatMap((entry) => {
    if (entry.kind === 'line') return ['—'];
    if (entry.kind === 'submenu') return [`${entry.label}:`, ...flat(entry.entries).map((label) => `  ${label}`)];
    return [entry.kind === 'item' && !entry.enabled ? `(${entry.label})` : entry.label];
  });

describe('the menu', () => {
  it('offers what can be done now', () => {
    expect(flat(trayMenu([view({ latest: '2.0.0' })]))).toEqual([
      'Sprig Lite 1.0.0',
      'Upgrade to 2.0.0',
      'Back up now',
      'Restore last backup …',
      '—',
      'Open',
      'Check for updates',
      '—',
      'Quit',
    ]);
  });

  it('holds back what cannot', () => {
    expect(flat(trayMenu([view({ status: { lastBackup: null } })])).slice(1, 4)).toEqual([
      '(No newer release)',
      'Back up now',
      '(Restore last backup …)',
    ]);
    const bad = { id: 'b', at: '', verdict: 'bad' } as const;
    expect(flat(trayMenu([view({ status: { lastBackup: bad } })]))[3]).toBe('(Restore last backup …)');
    expect(flat(trayMenu([view({ latest: '2.0.0', operation: {} })])).slice(1, 5)).toEqual([
      'Upgrading …',
      '(Upgrade to 2.0.0)',
      '(Back up now)',
      '(Restore last backup …)',
    ]);
    expect(flat(trayMenu([]))).toEqual(['Open', '(Check for updates)', '—', 'Quit']);
  });

  it('leads to who needs a person, in words', () => {
    const [, entry] = trayMenu([view({ status: { interrupted } })]);
    expect(entry).toEqual({
      kind: 'item',
      label: 'Sprig Lite was interrupted in "switch" …',
      action: { do: 'open', page: '#/install/sprig' },
      enabled: true,
    });
  });

  it('has a section for each install, and folds many', () => {
    const headings = (count: number) =>
      flat(trayMenu(Array.from({ length: count }, (_, index) => view({ name: `s${index}` })))).filter((label) => label.startsWith('Sprig'));
    expect(headings(3)).toEqual(['Sprig Lite (s0) 1.0.0', 'Sprig Lite (s1) 1.0.0', 'Sprig Lite (s2) 1.0.0']);
    expect(headings(4)).toEqual(['Sprig Lite (s0) 1.0.0:', 'Sprig Lite (s1) 1.0.0:', 'Sprig Lite (s2) 1.0.0:', 'Sprig Lite (s3) 1.0.0:']);
  });
});

it('its pages are pages of the screens', () => {
  expect(parseRoute(installPage('a b/c', 'backups'))).toEqual({ page: 'install', install: 'a b/c', tab: 'backups', to: null });
  expect(parseRoute(upgradePage('sprig', '2.0.0+x'))).toEqual({ page: 'install', install: 'sprig', tab: 'upgrade', to: '2.0.0+x' });
  expect(parseRoute(operationPage('op-1'))).toEqual({ page: 'operation', operation: 'op-1' });
});
