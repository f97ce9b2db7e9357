/** Every screen in every state, by name. */
import type { FailureData } from '../../../electron/api/failure.ts';
import type { CheckResult } from '../../../electron/api/models.ts';
import { drill, rehearsal, scheduleState, outcomeOf, receiptOf, backupMade, finding } from '../../support/fake-world.ts';
import { runningOperation } from '../fake-client.ts';
import { daysAgo, manyInstalls, pastFailure, pastReceipt, sampleBackups, sampleHistory, sampleStatus } from './sample-data.ts';
import { safekeepingScenes } from './safekeeping-scenes.ts';
import { samplePlan } from './sample-plans.ts';
import { scene, type Scene } from './scene.ts';
import { statesBetween } from './states-between.ts';

const steps = samplePlan.steps.map((step, index) => ({
  ...step,
  state: index < 3 ? ('done' as const) : index === 3 ? ('running' as const) : ('waiting' as const),
}));
const ended = { at: daysAgo(0) };

/** The upgrade page when the upgrade was tried on a copy. */
function upgradeAfter(check: Pick<CheckResult, 'status' | 'message' | 'remedy'>): Scene {
  const rehearsed = { check: 'rehearsal', title: 'It was tried on a copy', ...check };
  return scene('#/install/sprig/upgrade', {
    prepare: (client) => client.answer('plan', { ...samplePlan, checks: [...samplePlan.checks, rehearsed] }),
  });
}

const screens: Record<string, Scene> = {
  welcome: scene('#/', {
    prepare: (client) => {
      client.snapshot = { ...client.snapshot, installs: [] };
      client.answer('discover', [
        { product: 'node-red', home: '/home/ann/.node-red', release: '4.0.9', evidence: 'package.json of the program' },
      ]);
    },
  }),
  'welcome-nothing-found': scene('#/', {
    prepare: (client) => {
      client.snapshot = { ...client.snapshot, installs: [] };
      client.answer('discover', []);
    },
  }),
  'set-up': scene('#/set-up/sprig'),
  'set-up-more': scene('#/set-up/node-red', { press: ['More'] }),
  home: scene('#/', {
    prepare: (client) => {
      client.snapshot = { ...client.snapshot, installs: manyInstalls(4) };
      client.reply('status', ({ install }) => {
        const own = client.snapshot.installs.find((each) => each.install === install) ?? sampleStatus;
        const base = { ...sampleStatus, ...own };
        if (install === 'sprig-2')
          return { ok: true, result: { ...base, release: '4.0.9', update: { ...base.update, latest: null }, lastBackup: null } };
        if (install === 'sprig-3')
          return {
            ok: true,
            result: {
              ...base,
              health: 'unhealthy',
              healthDetail: 'GET /health answered 500',
              lastBackup: { id: 'x', at: daysAgo(12), verdict: 'unproven' },
              protection: { ...base.protection, provenAt: daysAgo(12), warning: 'The last proof of a backup is older than a week' },
              interrupted: { operation: 'op-7', kind: 'upgrade', step: 'switch', startedAt: daysAgo(0.01), recovery: 'undo' },
            },
          };
        if (install === 'sprig-4') return { ok: true, result: { ...base, update: { ...base.update, latest: null } } };
        return { ok: true, result: base };
      });
    },
  }),
  'backups-warning': scene('#/install/sprig/backups', {
    prepare: (client) => {
      client.answer('status', {
        ...sampleStatus,
        protection: {
          ...sampleStatus.protection,
          provenAt: daysAgo(12),
          missed: daysAgo(0.5),
          warning: 'A scheduled backup was missed: the disk is full',
        },
      });
      const [first, second, ...rest] = sampleBackups;
      if (first && second) client.answer('backups', [{ ...first, missing: true }, { ...second, foreign: true }, ...rest]);
    },
  }),
  'find-backups': scene('#/install/sprig/backups', { press: ['Find backups in a folder'] }),
  schedule: scene('#/install/sprig/settings'),
  'schedule-off': scene('#/install/sprig/settings', {
    prepare: (client) => client.answer('schedule', { ...scheduleState, schedule: null, next: null, last: null }),
  }),
  'schedule-missed': scene('#/install/sprig/settings', {
    prepare: (client) =>
      client.answer('schedule', {
        ...scheduleState,
        missed: daysAgo(0.5),
        last: { at: daysAgo(0.1), problem: 'the disk is full' },
      }),
  }),
  'drill-done': scene(`#/operation/op-9`, {
    prepare: (client) => {
      const outcome = { ...outcomeOf('drill'), drill };
      const operation = runningOperation({ action: 'drill', ended: { outcome, error: null, at: daysAgo(0) } });
      client.snapshot = { ...client.snapshot, operations: [operation] };
    },
  }),
  'rehearsal-done': scene('#/operation/op-9', {
    prepare: (client) => {
      const outcome = { ...outcomeOf('rehearse'), to: '2.0.0', rehearsal };
      const operation = runningOperation({ action: 'rehearse', ended: { outcome, error: null, at: daysAgo(0) } });
      client.snapshot = { ...client.snapshot, operations: [operation] };
    },
  }),
  'rehearsal-running': scene('#/operation/op-9', {
    prepare: (client) => {
      const progress = { fraction: 0.62, step: 's3', detail: 'starting Sprig Lite 2.0.0' };
      client.snapshot = { ...client.snapshot, operations: [runningOperation({ action: 'rehearse', steps, progress })] };
    },
  }),
  'rehearsal-failed': scene('#/operation/op-9', {
    press: ['What it printed last'],
    prepare: (client) => {
      const error: FailureData = {
        code: 'rehearsal-failed',
        message:
          'Sprig Lite 2.0.0 failed on a copy of the data: it ended before it was healthy (it ended with exit code 1); it said: duplicate tag. The install was not touched.',
        remedy: {
          action: 'choose-release',
          text: 'Stay on 1.0.0 for now: an upgrade to 2.0.0 would fail in the same way and be rolled back. Mend what it says, or try another release.',
          command: 'moult rehearse sprig --to RELEASE',
        },
        details: { log: ['migrating 0006_tags.sql', 'Error: duplicate tag "summer"', '    at migrate (server.mjs:114:11)'] },
      };
      const operation = runningOperation({ action: 'rehearse', ended: { outcome: null, error, at: daysAgo(0) } });
      client.snapshot = { ...client.snapshot, operations: [operation] };
    },
  }),
  'upgrade-rehearsed': upgradeAfter({
    status: 'pass',
    message: 'Rehearsed 10 minutes ago: healthy, schema 2 → 6, 3.4 s.',
  }),
  'upgrade-rehearsal-failed': upgradeAfter({
    status: 'warn',
    message: 'The rehearsal of 2.0.0 failed, 10 minutes ago: it ended before it was healthy; it said: duplicate tag',
    remedy: {
      action: 'retry',
      text: 'Mend what it says, then rehearse once more before you upgrade.',
      command: 'moult rehearse sprig --to 2.0.0',
    },
  }),
  'upgrade-without-backup': scene('#/install/sprig/upgrade', {
    prepare: (client) => client.answer('status', { ...sampleStatus, lastBackup: null }),
  }),
  'home-20': scene('#/', {
    prepare: (client) => {
      client.snapshot = { ...client.snapshot, installs: manyInstalls(20) };
      client.reply('status', ({ install }) => ({
        ok: true,
        result: { ...sampleStatus, ...client.snapshot.installs.find((each) => each.install === install) },
      }));
    },
  }),
  'home-running': scene('#/', { prepare: (client) => (client.snapshot = { ...client.snapshot, operations: [runningOperation()] }) }),
  'home-loading': scene('#/', { prepare: (client) => client.reply('status', () => new Promise(() => undefined)) }),
  'home-lost': scene('#/', { after: (client) => client.connect('lost') }),
  overview: scene('#/install/sprig'),
  interrupted: scene('#/install/sprig', {
    prepare: (client) =>
      client.answer('status', {
        ...sampleStatus,
        interrupted: { operation: 'op-7', kind: 'upgrade', step: 'switch', startedAt: daysAgo(0.01), recovery: 'undo' },
      }),
  }),
  offline: scene('#/install/sprig', {
    prepare: (client) =>
      client.answer('status', {
        ...sampleStatus,
        update: {
          latest: null,
          notes: null,
          notesAt: null,
          held: null,
          quarantined: [{ release: '2.0.0', reason: 'it did not become healthy within 60 s' }],
          error: { code: 'feed-unreachable', message: 'registry.npmjs.org cannot be reached: no network.' },
        },
      }),
  }),
  upgrade: scene('#/install/sprig/upgrade'),
  'upgrade-files': scene('#/install/sprig/upgrade', { press: ['Show 10,000 of'] }),
  'upgrade-refused': scene('#/install/sprig/upgrade', {
    prepare: (client) =>
      client.answer('plan', {
        ...samplePlan,
        checks: [
          {
            check: 'space',
            title: 'Disk space',
            status: 'fail',
            message: '/home lacks 3.2 GiB',
            remedy: { action: 'free-space', text: 'Free 3.2 GiB on /home, or move the backups elsewhere.' },
          },
          ...samplePlan.checks.slice(1),
        ],
        space: [{ volume: '/home', needed: 4_400_000_000, free: 1_000_000_000, phases: [{ phase: 'backup', bytes: 4_400_000_000 }] }],
      }),
  }),
  'upgrade-newest': scene('#/install/sprig/upgrade', {
    prepare: (client) => client.refuse('plan', { code: 'nothing-to-do', message: 'sprig is on 2.0.0, the newest release of its channel.' }),
  }),
  'upgrade-ahead': scene('#/install/sprig/upgrade', {
    prepare: (client) =>
      client.refuse('plan', {
        code: 'schema-ahead',
        message: 'datastore is at schema version 18 but release 1.1.0 only knows up to 15',
        remedy: {
          action: 'restore-backup',
          text: 'Restore a backup that was made by 1.1.0, or upgrade to a release that knows 18.',
          command: 'moult backups sprig',
        },
      }),
  }),
  running: scene('#/operation/op-9', {
    prepare: (client) =>
      (client.snapshot = {
        ...client.snapshot,
        operations: [
          runningOperation({
            steps,
            progress: {
              fraction: 0.42,
              step: 's3',
              detail: 'notes/2026/week-09/note-04211.md',
              bytes: 42_000_000,
              totalBytes: 115_343_360,
              rate: 31_000_000,
              left: 2.4,
            },
          }),
        ],
      }),
  }),
  done: scene('#/operation/op-9', {
    prepare: (client) =>
      (client.snapshot = {
        ...client.snapshot,
        operations: [
          runningOperation({
            steps: steps.map((step) => ({ ...step, state: 'done' })),
            ended: { ...ended, error: null, outcome: { ...outcomeOf('upgrade'), receipt: receiptOf('upgrade') } },
          }),
        ],
      }),
  }),
  'done-hashes': scene('#/operation/op-9', {
    press: ['Hashes and times'],
    prepare: (client) =>
      (client.snapshot = {
        ...client.snapshot,
        operations: [runningOperation({ steps: [], ended: { ...ended, error: null, outcome: outcomeOf('upgrade') } })],
      }),
  }),
  'done-backup': scene('#/operation/op-9', {
    prepare: (client) =>
      (client.snapshot = {
        ...client.snapshot,
        operations: [
          runningOperation({
            action: 'back-up',
            steps: [],
            ended: { ...ended, error: null, outcome: { ...outcomeOf('back-up'), backup: backupMade } },
          }),
        ],
      }),
  }),
  failed: scene('#/operation/op-9', {
    prepare: (client) =>
      (client.snapshot = {
        ...client.snapshot,
        operations: [
          runningOperation({
            steps: steps.map((step, index) => ({ ...step, state: index === 7 ? 'failed' : index < 7 ? 'undone' : 'waiting' })),
            notes: [{ level: 'warning', text: '2.0.0 stopped by itself with exit code 1' }],
            ended: {
              ...ended,
              outcome: { ...outcomeOf('upgrade'), endState: 'old-and-healthy' },
              error: {
                code: 'rolled-back',
                message: '2.0.0 did not become healthy within 60 s: GET /health answered 500. sprig is back on 1.0.0.',
                remedy: { action: 'open-log', text: 'See what 2.0.0 printed.', command: 'moult logs sprig' },
              },
            },
          }),
        ],
      }),
  }),
  'past-receipt': scene('#/operation/op-2', { prepare: (client) => client.answer('receipt', pastReceipt) }),
  'past-failure': scene('#/operation/op-3', { prepare: (client) => client.answer('receipt', pastFailure) }),
  'past-without-receipt': scene('#/operation/op-3'),
  backups: scene('#/install/sprig/backups'),
  'backups-empty': scene('#/install/sprig/backups', {
    prepare: (client) => {
      client.answer('backups', []);
      client.answer('status', { ...sampleStatus, lastBackup: null, protection: { ...sampleStatus.protection, provenAt: null } });
    },
  }),
  restore: scene('#/install/sprig/backups', { press: ['Restore the backup'] }),
  'roll-back': scene('#/install/sprig', { prepare: (client) => client.answer('history', sampleHistory.slice(3)), press: ['Roll back …'] }),
  drift: scene('#/install/sprig/drift', {
    prepare: (client) =>
      client.answer('drift', {
        install: 'sprig',
        release: '1.1.0',
        target: null,
        findings: [
          finding,
          {
            ...finding,
            kind: 'shipped-changed',
            severity: 'warning',
            subject: 'server.mjs',
            expected: 'sha256 7f3a…',
            found: 'sha256 c01d…',
            message: 'server.mjs was changed after 1.1.0 brought it',
            remedy: { action: 'reinstall-release', text: 'Put the shipped file in place again.' },
            alternatives: [{ action: 'accept', text: 'Keep the change; the next upgrade replaces it.' }],
          },
        ],
        unknown: [{ detector: 'runtime', reason: 'no VERSION file' }],
      }),
  }),
  'drift-none': scene('#/install/sprig/drift'),
  activity: scene('#/install/sprig/activity'),
  settings: scene('#/install/sprig/settings'),
  purge: scene('#/install/sprig/settings', { press: ['Purge …'] }),
  'fresh-start-1': scene('#/install/sprig/fresh-start'),
  'fresh-start-2': scene('#/install/sprig/fresh-start', { press: ['Go on'] }),
  'fresh-start-3': scene('#/install/sprig/fresh-start', { press: ['Go on', 'Go on'] }),
  'app-settings': scene('#/settings', { prepare: () => undefined }),
  unknown: scene('#/nowhere'),
};

export const scenes: Record<string, Scene> = { ...screens, ...statesBetween, ...safekeepingScenes };
