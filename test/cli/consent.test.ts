import { describe, expect, it } from 'vitest';
import { Failure } from '../../electron/api/failure.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { plan } from '../support/fake-world.ts';
import { moult } from './terminal.ts';

const destructive = ['upgrade', 'restore --input b-1', 'rollback', 'uninstall', 'uninstall --purge', 'fresh-start'];
const byName = new Set(['uninstall --purge', 'fresh-start']);

describe.each(destructive)('moult %s', (line) => {
  const consent = byName.has(line) ? 'sprig\n' : 'y\n';

  it('is refused without a terminal and without --yes; nothing was touched', async () => {
    const { code, engine, errors } = await moult(line);
    expect(code).toBe(3);
    expect(engine.calls.map((call) => call.method)).toEqual(['plan']);
    expect(errors).toContain('Nothing was touched.');
    expect(errors).toContain(`moult ${line} --yes`);
  });

  it('is refused when only the input is not a terminal', async () => {
    const { json } = await moult(`${line} --json`, { types: consent });
    expect(json.at(-1)).toMatchObject({ ok: false, error: { code: 'not-confirmed' } });
  });

  it('shows paths and sizes, asks, and hands the digest on with the consent', async () => {
    const { code, engine, output } = await moult(line, { isTerminal: true, types: consent });
    expect(code).toBe(0);
    expect(output).toContain('/home/ann/.sprig/data/sprig.db');
    expect(output).toContain('1 file, 1 MiB');
    expect(output).toContain(byName.has(line) ? 'Type sprig to go on:' : '[y/N]');
    expect(output.indexOf('sprig.db')).toBeLessThan(output.indexOf(byName.has(line) ? 'to go on:' : '[y/N]'));
    expect(engine.calls[1]?.input).toMatchObject({ install: 'sprig', digest: 'digest-1' });
  });

  it.each(['\n', 'n\n', 'no\n', 'yep\n', '', byName.has(line) ? 'y\n' : 'sprig\n', byName.has(line) ? 'Sprig\n' : 'o\n'])(
    'takes %j as a no',
    async (types) => {
      const { code, engine, errors } = await moult(line, { isTerminal: true, types });
      expect(code).toBe(3);
      expect(errors).toContain('Nothing was touched.');
      expect(engine.calls.map((call) => call.method)).toEqual(['plan']);
    },
  );

  it('does not ask about what would be refused', async () => {
    const engine = fakeEngine();
    const remedy = { action: 'free-space', text: 'Free 3 GiB on /home.' } as const;
    engine.answer('plan', {
      ...plan,
      checks: [{ check: 'disk-space', title: 'Disk space', status: 'fail', code: 'no-space', message: '3 GiB are missing', remedy }],
    });
    const { code, output, errors } = await moult(`${line} --yes`, { isTerminal: true, types: consent, engine });
    expect(code).toBe(3);
    expect(output).not.toContain('[y/N]');
    expect(errors).toContain('3 GiB are missing');
    expect(errors).toContain('Free 3 GiB on /home.');
    expect(engine.calls.map((call) => call.method)).toEqual(['plan']);
  });

  it('does nothing when the plan fails', async () => {
    const engine = fakeEngine();
    engine.answer('plan', () => {
      throw new Failure('interrupted', 'an upgrade was interrupted', {
        remedy: { action: 'recover', text: 'Recover first.', command: 'moult recover sprig' },
      });
    });
    const { code, errors } = await moult(`${line} --yes`, { engine });
    expect(code).toBe(6);
    expect(errors).toContain('moult recover sprig');
    expect(engine.calls.length).toBe(1);
  });
});

it.each(['Y\n', 'yes\n', ' YES \n', 'y'])('takes %j as a yes', async (types) => {
  expect((await moult('upgrade', { isTerminal: true, types })).code).toBe(0);
});

it('takes nothing that was typed before the question was there for an answer', async () => {
  const { code, engine } = await moult('upgrade', { isTerminal: true, typesAhead: 'y\ny\n', types: 'n\n' });
  expect(code).toBe(3);
  expect(engine.calls.map((call) => call.method)).toEqual(['plan']);
});

it('keeps to the install that the plan named', async () => {
  const engine = fakeEngine();
  engine.answer('plan', { ...plan, install: 'sprig-2' });
  await moult('uninstall --yes', { engine });
  expect(engine.calls[1]?.input).toEqual({ install: 'sprig-2', digest: 'digest-1' });
});
