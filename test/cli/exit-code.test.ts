import { describe, expect, it } from 'vitest';
import { Failure, type FailureCode, failureGroups, type FailureGroup, groupOf } from '../../electron/api/failure.ts';
import type { EndState } from '../../electron/api/models.ts';
import { exitCodeOf } from '../../electron/cli/exit-code.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { checks, drift, finding, outcomeOf, plan, verification } from '../support/fake-world.ts';
import { moult } from './terminal.ts';

const expected: Record<FailureGroup, number> = { usage: 2, refused: 3, failed: 1, 'rolled-back': 5, interrupted: 6, cancelled: 130 };
const codes = Object.values(failureGroups).flat();

it.each(codes)('%s has the exit code of its group', (code) => {
  expect(exitCodeOf(code)).toBe(expected[groupOf(code)]);
});

it.each<[FailureCode, number]>([
  ['rolled-back', 5],
  ['interrupted', 6],
  ['undo-failed', 6],
  ['health-failed', 1],
  ['locked', 3],
  ['cancelled', 130],
])('an operation that ends with %s exits with %i', async (failure, code) => {
  const engine = fakeEngine();
  engine.play('start', { end: () => Promise.reject(new Failure(failure, 'it happened')) });
  const session = await moult('start', { engine });
  expect(session.code).toBe(code);
  expect(session.errors).toContain('it happened');
});

it.each([
  ['', 0],
  ['--help', 0],
  ['upgrade --help', 0],
  ['help upgrade', 0],
  ['--version', 0],
  ['nonsense', 2],
  ['--nonsense', 2],
  ['list too-much', 2],
  ['restore sprig', 2],
  ['set-up sprig --port 0', 2],
])('moult %s exits with %i', async (line, code) => {
  expect((await moult(line)).code).toBe(code);
});

describe('drift', () => {
  it.each([
    ['problem', 4],
    ['warning', 4],
    ['info', 0],
  ] as const)('a finding of severity %s exits with %i', async (severity, code) => {
    const engine = fakeEngine();
    engine.answer('drift', { ...drift, findings: [{ ...finding, severity }] });
    expect((await moult('drift', { engine })).code).toBe(code);
  });

  it('exits with 0 without findings, and does not hide what it could not look at', async () => {
    const engine = fakeEngine();
    engine.answer('drift', { ...drift, findings: [] });
    const { code, output } = await moult('drift', { engine });
    expect(code).toBe(0);
    expect(output).toContain('Could not look at runtime: no VERSION file');
    expect(output).toContain('where Moult could look');
  });
});

it('check exits with 3 when a check fails', async () => {
  const engine = fakeEngine();
  engine.answer('check', { checks: [...checks, { check: 'port', title: 'Port', status: 'fail', message: 'port 8377 is taken' }] });
  const { code, output } = await moult('check', { engine });
  expect(code).toBe(3);
  expect(output).toContain('1 check failed');
});

it('plan exits with 0 when a check fails: it was only asked what would happen', async () => {
  const engine = fakeEngine();
  engine.answer('plan', { ...plan, checks: [{ check: 'port', title: 'Port', status: 'fail', message: 'port 8377 is taken' }] });
  expect((await moult('plan', { engine })).code).toBe(0);
});

describe('nothing to do', () => {
  const details = { install: 'sprig', product: 'sprig', home: '/home/ann/.sprig', release: '2.0.0' };
  const nothing =
    (heldBack: string[] = []) =>
    () => {
      throw new Failure('nothing-to-do', 'sprig is on 2.0.0, the newest release of its channel.', { details: { ...details, heldBack } });
    };

  it.each(['upgrade', 'upgrade --yes', 'plan'])('ends %s with 0: it is as it should be, and nothing was asked', async (line) => {
    const engine = fakeEngine();
    engine.answer('plan', nothing());
    const { code, output, errors } = await moult(line, { engine });
    expect([code, errors]).toEqual([0, '']);
    expect(output).toContain('sprig is on 2.0.0, the newest release of its channel.');
  });

  it('gives a result in the shape of the others', async () => {
    const engine = fakeEngine();
    engine.answer('plan', nothing());
    const upgrade = JSON.parse((await moult('upgrade --json', { engine })).output) as unknown;
    const result = { operation: null, action: 'upgrade', install: 'sprig', from: '2.0.0', to: '2.0.0', endState: 'done', receipt: null };
    expect(upgrade).toEqual({ ok: true, result });
    const planned = JSON.parse((await moult('plan --json', { engine })).output) as { result: object };
    expect(Object.keys(planned.result).sort()).toEqual(Object.keys(plan).sort());
    expect(planned.result).toMatchObject({ from: '2.0.0', to: '2.0.0', path: [], steps: [] });
  });

  it('ends recover with 0, so that it can run at every start of the machine', async () => {
    const engine = fakeEngine();
    engine.play('recover', { end: () => Promise.reject(new Failure('nothing-to-do', 'Nothing was interrupted.')) });
    expect(await moult('recover', { engine })).toMatchObject({ code: 0, errors: '' });
  });

  it('is refused with 3 where a release is held back because it failed here', async () => {
    const engine = fakeEngine();
    engine.answer('plan', nothing(['2.1.0']));
    for (const line of ['upgrade --yes', 'plan']) expect((await moult(line, { engine })).code).toBe(3);
  });
});

it('a bad backup is no success', async () => {
  const engine = fakeEngine();
  engine.play('verify', {
    outcome: {
      ...outcomeOf('verify'),
      verification: { ...verification, verdict: 'bad', problems: ['notes/a.md: wrong hash', 'the end is missing'] },
    },
  });
  const { code, errors } = await moult('verify b-1', { engine });
  expect(code).toBe(3);
  expect(errors).toContain('notes/a.md: wrong hash');
  expect(errors).toContain('the end is missing');
});

it.each<[EndState, number]>([
  ['new-and-healthy', 0],
  ['old-and-healthy', 5],
  ['old-and-stopped', 5],
  ['stopped-and-kept', 1],
])('an upgrade that ends %s exits with %i', async (endState, code) => {
  const engine = fakeEngine();
  engine.play('upgrade', { outcome: { ...outcomeOf('upgrade'), endState } });
  expect((await moult('upgrade --yes', { engine })).code).toBe(code);
});

it('a bug is told as a failure, not as a stack', async () => {
  const engine = fakeEngine();
  engine.answer('installs', () => {
    throw new TypeError('x is not a function');
  });
  const { code, errors } = await moult('list', { engine });
  expect(code).toBe(1);
  expect(errors).toContain('x is not a function');
  expect(errors).toContain('a mistake in Moult itself');
  expect(errors).not.toContain('at ');
});
