/** What a screen shows while it waits, when there is nothing to show, and when it cannot be told. */
import type { RunningOperation } from '../../../electron/api/client.ts';
import type { AppUpdate, Desktop } from '../../../electron/api/desktop.ts';
import type { FailureData } from '../../../electron/api/failure.ts';
import { configProblem, outcomeOf, receiptOf, verification } from '../../support/fake-world.ts';
import { type FakeClient, runningOperation } from '../fake-client.ts';
import { daysAgo, sampleHistory, sampleStatus } from './sample-data.ts';
import { scene, type Scene } from './scene.ts';

const never = () => new Promise<never>(() => undefined);
const later = (...methods: Parameters<FakeClient['reply']>[0][]) => ({
  prepare: (client: FakeClient) => methods.forEach((method) => client.reply(method, never)),
});
const refused = (method: Parameters<FakeClient['refuse']>[0], error: FailureData) => ({
  prepare: (client: FakeClient) => client.refuse(method, error),
});
const told = (status: Partial<typeof sampleStatus>) => ({
  prepare: (client: FakeClient) => client.answer('status', { ...sampleStatus, ...status }),
});
const running = (change: Partial<RunningOperation>) => ({
  prepare: (client: FakeClient) => (client.snapshot = { ...client.snapshot, operations: [runningOperation(change)] }),
});
const ended = (change: Partial<NonNullable<RunningOperation['ended']>>, more: Partial<RunningOperation> = {}) =>
  running({ ...more, ended: { at: daysAgo(0), outcome: null, error: null, ...change } });

const locked: FailureData = {
  code: 'locked',
  message: 'Another Moult works on sprig (process 4711, backup, since a minute ago).',
  remedy: { action: 'wait', text: 'Wait until it has ended.' },
};
const closed: FailureData = { code: 'io', message: '/home/ann/.sprig/.moult/install.json cannot be read: permission denied.' };

function desktop(update: Partial<AppUpdate>): Desktop {
  const answers: Record<string, unknown> = {
    settings: { startAtLogin: true, keepInTray: true, checkForUpdates: true, webhook: 'https://hooks.example.org/moult' },
    appUpdate: { state: 'none', version: null, fraction: null, text: 'This is the newest Moult.', ...update },
  };
  return { call: async (method) => ({ ok: true, result: answers[method] as never }) };
}

export const statesBetween: Record<string, Scene> = {
  'add-with-installs': scene('#/add', { prepare: (client) => client.answer('discover', []) }),
  'set-up-refused': scene('#/set-up/sprig', {
    ...refused('plan', { code: 'port-in-use', message: 'Port 8377 is in use by nginx.' }),
    press: ['Show what will be made'],
  }),
  'home-failed': scene('#/', refused('status', closed)),
  'home-busy': scene('#/', told({ busy: { pid: 4711, operation: 'backup', since: daysAgo(0.001) } })),
  'home-shut-out': scene('#/', {
    prepare: (client) => client.refuse('installs', { code: 'not-confirmed', message: 'This page has no key to Moult.' }),
    after: (client) => client.connect('lost'),
  }),
  'install-loading': scene('#/install/sprig', later('status')),
  'install-failed': scene('#/install/sprig', refused('status', closed)),
  'install-unknown': scene(
    '#/install/nothing',
    refused('status', { code: 'unknown-install', message: 'There is no install called nothing.' }),
  ),
  'install-lost': scene('#/install/sprig', { after: (client) => client.connect('lost') }),
  'install-running': scene('#/install/sprig', running({})),
  'overview-stopped': scene(
    '#/install/sprig',
    told({ health: 'stopped', service: { state: 'stopped', pid: null, since: null, port: 8377 }, lastBackup: null }),
  ),
  'home-config': scene('#/', told({ configProblem })),
  'overview-config': scene('#/install/sprig', told({ configProblem })),
  'overview-unhealthy': scene('#/install/sprig', told({ health: 'unhealthy', healthDetail: 'GET /health answered 500 for 30 s' })),
  'overview-pinned': scene('#/install/sprig', told({ pin: '1.0.0', update: { ...sampleStatus.update, latest: null, held: '2.0.0' } })),
  'overview-undo': scene('#/install/sprig', {
    prepare: (client) =>
      client.answer('history', [{ ...(sampleHistory[0] as (typeof sampleHistory)[0]), action: 'restore', undoUntil: daysAgo(-6) }]),
  }),
  'upgrade-loading': scene('#/install/sprig/upgrade', later('plan')),
  'upgrade-pinned': scene(
    '#/install/sprig/upgrade?to=2.0.0',
    refused('plan', {
      code: 'pinned',
      message: 'sprig is pinned to 1.1.0, and 2.0.0 is newer',
      remedy: { action: 'unpin', text: 'Take the pin off first.', command: 'moult unpin sprig' },
    }),
  ),
  'upgrade-offline': scene(
    '#/install/sprig/upgrade',
    refused('plan', {
      code: 'feed-unreachable',
      message: 'registry.npmjs.org cannot be reached: no network.',
      remedy: { action: 'check-network', text: 'Connect to the network, then try again.' },
    }),
  ),
  'upgrade-interrupted': scene(
    '#/install/sprig/upgrade',
    told({ interrupted: { operation: 'op-7', kind: 'upgrade', step: 'switch', startedAt: daysAgo(0.01), recovery: 'finish' } }),
  ),
  'backups-loading': scene('#/install/sprig/backups', later('backups')),
  'backups-failed': scene('#/install/sprig/backups', refused('backups', closed)),
  'restore-refused': scene('#/install/sprig/backups', { press: ['Restore the backup'], ...refused('plan', locked) }),
  'drift-loading': scene('#/install/sprig/drift', later('drift')),
  'drift-failed': scene('#/install/sprig/drift', refused('drift', closed)),
  'activity-loading': scene('#/install/sprig/activity', later('history', 'logs')),
  'activity-empty': scene('#/install/sprig/activity', {
    prepare: (client) => {
      client.answer('history', []);
      client.answer('logs', { path: '/home/ann/.sprig/logs/sprig.log', text: '', end: 0 });
    },
  }),
  'activity-failed': scene('#/install/sprig/activity', refused('logs', closed)),
  'activity-report': scene('#/install/sprig/activity', { press: ['Write a report'] }),
  'settings-pinned': scene('#/install/sprig/settings', told({ pin: '1.1.0' })),
  uninstall: scene('#/install/sprig/settings', { press: ['Uninstall …'] }),
  'fresh-start-refused': scene('#/install/sprig/fresh-start', refused('plan', locked)),
  'operation-loading': scene('#/operation/op-77', later('receipt')),
  'running-first': scene('#/operation/op-9', running({ progress: null, notes: [] })),
  'running-cancelling': scene('#/operation/op-9', running({ cancelling: true })),
  'running-lost': scene('#/operation/op-9', { ...running({}), after: (client) => client.connect('lost') }),
  cancelled: scene(
    '#/operation/op-9',
    ended({
      outcome: { ...outcomeOf('upgrade'), endState: 'old-and-healthy', receipt: null },
      error: { code: 'cancelled', message: 'Cancelled as you asked.' },
    }),
  ),
  'failed-and-stopped': scene(
    '#/operation/op-9',
    ended({
      error: {
        code: 'undo-failed',
        message: '/home/ann/.sprig/data could not be put back: permission denied.',
        remedy: { action: 'recover', text: 'Give Moult back its folder, then finish.', command: 'moult recover sprig' },
        details: { endState: 'stopped-and-kept' },
      },
    }),
  ),
  'done-restore': scene('#/operation/op-9', {
    prepare: (client) => {
      ended({ outcome: { ...outcomeOf('restore'), receipt: receiptOf('restore') } }, { action: 'restore' }).prepare(client);
      client.answer('history', [{ ...(sampleHistory[0] as (typeof sampleHistory)[0]), action: 'restore', undoUntil: daysAgo(-7) }]);
    },
  }),
  'done-verify': scene('#/operation/op-9', ended({ outcome: { ...outcomeOf('verify'), verification } }, { action: 'verify' })),
  'done-verify-bad': scene(
    '#/operation/op-9',
    ended(
      { outcome: { ...outcomeOf('verify'), verification: { ...verification, verdict: 'bad', problems: ['Frame 214 cannot be read.'] } } },
      { action: 'verify' },
    ),
  ),
  'app-settings-desktop': scene('#/settings', { desktop: desktop({}) }),
  'app-settings-update': scene('#/settings', {
    desktop: desktop({ state: 'downloading', version: '0.2.0', fraction: 0.4, text: 'Moult is being downloaded.' }),
  }),
  'app-settings-ready': scene('#/settings', {
    desktop: desktop({ state: 'ready', version: '0.2.0', text: 'Moult is ready to be updated; it starts anew.' }),
  }),
};
