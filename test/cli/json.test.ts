import { describe, expect, it } from 'vitest';
import { Failure } from '../../electron/api/failure.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { moult } from './terminal.ts';

/** The fields that scripts may rely on. */
const shapes: [string, object][] = [
  [
    'status',
    {
      install: 'sprig',
      product: 'sprig',
      release: '1.0.0',
      channel: 'stable',
      home: expect.any(String),
      schema: { version: '2', known: '2' },
      service: expect.any(Object),
      health: 'healthy',
      update: expect.any(Object),
      lastBackup: { id: 'b-1', at: expect.any(String), verdict: 'proven' },
      interrupted: null,
    },
  ],
  [
    'plan',
    {
      from: '1.0.0',
      to: '2.0.0',
      path: [
        { release: '1.2.0', kind: 'minor' },
        { release: '2.0.0', kind: 'major' },
      ],
      space: { needed: 5000, free: 6000, volumes: expect.any(Array) },
      downtime: 6.2,
    },
  ],
  [
    'backup',
    {
      id: 'b-1',
      path: '/mnt/disk/sprig.tar.zst',
      bytes: 500_000,
      files: 15,
      sha256: expect.any(String),
      seconds: 1.25,
      downtimeSeconds: 0,
    },
  ],
  [
    'drift',
    {
      findings: [
        {
          kind: 'schema-ahead',
          severity: 'problem',
          subject: 'datastore',
          expected: 'at most 15',
          found: '18',
          remedy: expect.any(Object),
        },
      ],
    },
  ],
  ['upgrade --yes', { from: '1.0.0', to: '2.0.0', endState: 'new-and-healthy', receipt: { items: expect.any(Array) } }],
  ['restore --input b-1 --yes', { from: '1.0.0', to: '2.0.0', endState: 'new-and-healthy', receipt: expect.any(Object) }],
  ['set-up sprig', { action: 'set-up', install: 'sprig', endState: 'done', receipt: null }],
  ['verify b-1', { id: 'b-1', verdict: 'unproven', problems: [] }],
  ['check', { checks: [{ check: 'disk-space', status: 'pass', message: expect.any(String) }, { status: 'warn' }] }],
  ['logs', { path: '/home/ann/.sprig/logs/sprig.log', text: 'one\ntwo\n' }],
];

it.each(shapes)('moult %s --json holds at least what is promised', async (line, shape) => {
  const { json } = await moult(`${line} --json`);
  expect(json.at(-1)).toMatchObject({ ok: true, result: shape });
});

it.each(['list', 'products', 'backups', 'history'])('moult %s --json is a list', async (line) => {
  expect((await moult(`${line} --json`)).json).toEqual([{ ok: true, result: [expect.any(Object)] }]);
});

it('prints the events of the operation while it runs', async () => {
  const { json } = await moult('upgrade --yes --json');
  expect(json.map((line) => line['event'])).toEqual(['started', 'step', 'progress', 'step', 'note', 'step', 'step', 'ended', undefined]);
});

it('prints a failure as the last line, with code, message and remedy', async () => {
  const engine = fakeEngine();
  engine.answer('status', () => {
    throw new Failure('unknown-install', 'there is no install "x"', {
      remedy: { action: 'set-up', text: 'Set one up.', command: 'moult set-up sprig' },
    });
  });
  const { json, errors, code } = await moult('status x --json', { engine });
  expect(json).toEqual([
    {
      ok: false,
      error: {
        code: 'unknown-install',
        message: 'there is no install "x"',
        remedy: { action: 'set-up', text: 'Set one up.', command: 'moult set-up sprig' },
      },
    },
  ]);
  expect(errors).toBe('');
  expect(code).toBe(2);
});

it.each(['--json nonsense', 'set-up --json', 'logs -n x --json', 'upgrade --json --bogus'])(
  'tells a usage error in JSON too: moult %s',
  async (line) => {
    const { json, errors, code } = await moult(line);
    expect(json).toEqual([
      { ok: false, error: expect.objectContaining({ code: 'bad-input', message: expect.any(String), remedy: expect.any(Object) }) },
    ]);
    expect(errors).toBe('');
    expect(code).toBe(2);
  },
);

describe('a terminal', () => {
  it('changes nothing with --json: no question, no colour, no drawing', async () => {
    const { json, output, code } = await moult('upgrade --json', { isTerminal: true, types: 'y\n', environment: {} });
    expect(code).toBe(3);
    expect(json.at(-1)).toMatchObject({ ok: false, error: { code: 'not-confirmed' } });
    expect(output).not.toContain('\u001B');
  });
});

it('gives help as a result', async () => {
  const { json, code } = await moult('--help --json');
  expect(code).toBe(0);
  expect(json).toEqual([{ ok: true, result: { text: expect.stringContaining('Usage: moult') } }]);
});
