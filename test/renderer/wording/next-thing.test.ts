import { expect, test } from 'vitest';
import type { Status } from '../../../electron/api/models.ts';
import { nextThing } from '../../../renderer/wording/next-thing.ts';
import { drift, status } from '../../support/fake-world.ts';

const fine: Status = { ...status, update: { ...status.update, latest: null } };
const interrupted = { operation: 'o', kind: 'upgrade', step: 'switch', startedAt: '', recovery: 'undo' as const };

test.for<[string, Partial<Status>, string]>([
  ['nothing', {}, 'none'],
  ['a newer release', { update: { ...status.update, latest: '2.0.0' } }, 'upgrade'],
  ['no backup', { lastBackup: null }, 'back-up'],
  ['a bad backup', { lastBackup: { id: 'b', at: '', verdict: 'bad' } }, 'back-up'],
  ['a missed backup', { protection: { ...status.protection, warning: 'A scheduled backup was missed' } }, 'backups'],
  ['stopped', { service: { ...status.service, state: 'stopped' }, health: 'stopped' }, 'start'],
  ['unhealthy, with a newer release', { health: 'unhealthy', update: { ...status.update, latest: '2.0.0' } }, 'log'],
  ['interrupted and unhealthy', { health: 'unhealthy', interrupted }, 'recover'],
  ['busy', { interrupted, busy: { pid: 1, operation: 'upgrade', since: '' } }, 'wait'],
])('%s', ([, change, kind]) => {
  expect(nextThing({ ...fine, ...change }, null).kind).toBe(kind);
});

test('findings come before an upgrade, and cosmetic ones do not count', () => {
  const upgradable = { ...fine, update: { ...status.update, latest: '2.0.0' } };
  expect(nextThing(upgradable, drift)).toEqual({ kind: 'drift', text: 'Look at 1 finding' });
  const cosmetic = { ...drift, findings: drift.findings.map((finding) => ({ ...finding, severity: 'info' as const })) };
  expect(nextThing(upgradable, cosmetic).kind).toBe('upgrade');
});
