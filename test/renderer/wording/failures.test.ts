import { expect, test } from 'vitest';
import { failureGroups } from '../../../electron/api/failure.ts';
import { failureTitle, remedyAddress, stateAfter } from '../../../renderer/wording/failures.ts';
import { outcomeOf } from '../../support/fake-world.ts';

test('every code has a title that a person can read', () => {
  for (const code of Object.values(failureGroups).flat()) expect(failureTitle({ code, message: '' }).length).toBeGreaterThan(5);
});

test('how things are now: the end state, else what the code alone can tell', () => {
  const outcome = { ...outcomeOf('upgrade'), endState: 'stopped-and-kept' as const };
  expect(stateAfter({ code: 'undo-failed', message: '' }, outcome, true)).toContain('Every byte');
  expect(stateAfter({ code: 'rolled-back', message: '' }, null, true)).toContain('as it was before');
  expect(stateAfter({ code: 'no-space', message: '' }, null, false)).toBe('Nothing was touched.');
  expect(stateAfter({ code: 'io', message: '' }, null, false)).toBe('Nothing was touched.');
  // Something may have been touched, and nobody said how it ended: no comfort is made up.
  expect(stateAfter({ code: 'io', message: '' }, null, true)).toBe('');
  expect(stateAfter({ code: 'io', message: '', details: { endState: 'old-and-healthy' } }, null, true)).toContain('healthy');
  expect(stateAfter({ code: 'io', message: '', details: { endState: 'toString' } }, null, true)).toBe('');
});

test('remedies lead to where they are done', () => {
  expect(remedyAddress({ action: 'restore-backup', text: '' }, 'sprig')?.address).toBe('#/install/sprig/backups');
  expect(remedyAddress({ action: 'reinstall-release', text: '' }, 'sprig', '1.1.0')?.address).toBe('#/install/sprig/upgrade?to=1.1.0');
  expect(remedyAddress({ action: 'set-up', text: '' }, null)?.address).toBe('#/add');
  expect(remedyAddress({ action: 'free-space', text: '' }, 'sprig')).toBeNull();
});
