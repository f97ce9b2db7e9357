import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { MethodName } from '../../electron/api/methods.ts';
import { commands as all } from '../../electron/cli/program.ts';
import { moult } from './terminal.ts';

/** `serve` stays until it is told to end: serve.test.ts. */
const commands = all.filter((command) => command.name !== 'serve');

type Call = [MethodName, Record<string, unknown>];

/** Every command line, and what it asks of the engine. */
const lines: [string, Call[]][] = [
  ['products', [['products', {}]]],
  ['products --from descriptors', [['addProducts', { from: '/home/ann/descriptors' }]]],
  ['list', [['installs', {}]]],
  ['set-up sprig', [['setUp', { product: 'sprig' }]]],
  [
    'set-up sprig --home notes --release 1.0.0 --channel next --name mine --port 9000 --no-start',
    [['setUp', { product: 'sprig', home: '/home/ann/notes', release: '1.0.0', channel: 'next', name: 'mine', port: 9000, start: false }]],
  ],
  ['adopt node-red --home /srv/red --name red', [['adopt', { product: 'node-red', home: '/srv/red', name: 'red' }]]],
  ['status', [['status', {}]]],
  ['status sprig-2 --offline', [['status', { install: 'sprig-2', offline: true }]]],
  ['start sprig', [['start', { install: 'sprig' }]]],
  ['stop sprig', [['stop', { install: 'sprig' }]]],
  ['restart', [['restart', {}]]],
  ['run', [['actions', {}]]],
  ['run sprig', [['actions', { install: 'sprig' }]]],
  ['run sprig reset-password', [['runAction', { install: 'sprig', action: 'reset-password' }]]],
  ['logs sprig', [['logs', { install: 'sprig', lines: 50 }]]],
  ['logs -n 7', [['logs', { lines: 7 }]]],
  ['report sprig', [['report', { install: 'sprig' }]]],
  ['check sprig --to 2.0.0', [['check', { install: 'sprig', to: '2.0.0' }]]],
  ['plan', [['plan', {}]]],
  ['plan sprig --to 2.0.0', [['plan', { install: 'sprig', to: '2.0.0' }]]],
  ['plan sprig --action purge', [['plan', { install: 'sprig', action: 'purge' }]]],
  ['plan --action restore --input b.tar.zst', [['plan', { action: 'restore', input: '/home/ann/b.tar.zst' }]]],
  [
    'upgrade --yes',
    [
      ['plan', { action: 'upgrade' }],
      ['upgrade', { install: 'sprig', digest: 'digest-1' }],
    ],
  ],
  [
    'upgrade sprig --to 2.0.0 --yes',
    [
      ['plan', { action: 'upgrade', install: 'sprig', to: '2.0.0' }],
      ['upgrade', { install: 'sprig', to: '2.0.0', digest: 'digest-1' }],
    ],
  ],
  [
    'rollback sprig --yes',
    [
      ['plan', { action: 'roll-back', install: 'sprig' }],
      ['rollBack', { install: 'sprig', digest: 'digest-1' }],
    ],
  ],
  ['backup', [['backUp', {}]]],
  ['backup sprig --output ../b.tar.zst', [['backUp', { install: 'sprig', output: '/home/b.tar.zst' }]]],
  ['backup sprig --recipient age1a,age1b --limit 2M', [['backUp', { install: 'sprig', recipients: ['age1a', 'age1b'], limit: 2_097_152 }]]],
  ['encryption sprig', [['encryption', { install: 'sprig' }]]],
  ['encryption sprig --kept-elsewhere', [['setEncryption', { install: 'sprig', keptElsewhere: true }]]],
  [
    'encryption --new-key key.txt --recipient age1a',
    [
      ['makeKey', { path: '/home/ann/key.txt' }],
      ['setEncryption', { recipients: ['age1a'], identityFiles: ['/home/ann/key.txt'] }],
    ],
  ],
  ['encryption --passphrase-file ~/p', [['setEncryption', { passphraseFile: `${homedir()}/p` }]]],
  ['copies sprig', [['destinations', { install: 'sprig' }]]],
  [
    'copies --add usb',
    [
      ['addDestination', { folder: '/home/ann/usb' }],
      ['destinations', {}],
    ],
  ],
  [
    'copies sprig --remove usb',
    [
      ['removeDestination', { install: 'sprig', folder: '/home/ann/usb' }],
      ['destinations', { install: 'sprig' }],
    ],
  ],
  ['copy sprig --limit 512K', [['copy', { install: 'sprig', limit: 524_288 }]]],
  ['limit', [['limits', {}]]],
  ['limit 1.5G', [['setLimits', { bytesPerSecond: 1_610_612_736 }]]],
  ['limit off', [['setLimits', { bytesPerSecond: null }]]],
  ['backups sprig', [['backups', { install: 'sprig' }]]],
  ['backups --rescan ./disk', [['rescan', { folder: '/home/ann/disk' }]]],
  ['backups sprig --rescan /mnt', [['rescan', { install: 'sprig', folder: '/mnt' }]]],
  ['rehearse sprig', [['rehearse', { install: 'sprig' }]]],
  ['rehearse sprig --to 2.0.0 --backup ../b.tar.zst', [['rehearse', { install: 'sprig', to: '2.0.0', backup: '/home/b.tar.zst' }]]],
  ['drill', [['drill', {}]]],
  ['drill sprig --backup ../b.tar.zst', [['drill', { install: 'sprig', backup: '/home/b.tar.zst' }]]],
  ['drill --backup b-1', [['drill', { backup: 'b-1' }]]],
  ['schedule', [['schedule', {}]]],
  ['schedule sprig', [['schedule', { install: 'sprig' }]]],
  [
    'schedule sprig --every week --window 23:30-1:00 --weekday sat --keep 2,0,8,12 --drill each --read-back 500MiB --reserve 0',
    [
      [
        'setSchedule',
        {
          install: 'sprig',
          schedule: {
            every: 'week',
            window: { from: '23:30', to: '01:00' },
            weekday: 6,
            keep: { last: 2, daily: 0, weekly: 8, monthly: 12 },
            drill: 'each',
            readBack: 500 * 1024 ** 2,
            reserve: 0,
          },
        },
      ],
    ],
  ],
  ['schedule sprig --off', [['setSchedule', { install: 'sprig', schedule: null }]]],
  ['schedule sprig --run', [['runSchedule', { install: 'sprig' }]]],
  ['schedule run', [['runSchedule', {}]]],
  ['prune sprig --dry-run', [['prune', { install: 'sprig', dry: true }]]],
  ['verify some-id', [['verify', { input: 'some-id' }]]],
  ['verify ./b.tar.gz', [['verify', { input: '/home/ann/b.tar.gz' }]]],
  [
    'restore sprig --input b-1 --yes',
    [
      ['plan', { action: 'restore', install: 'sprig', input: 'b-1' }],
      ['restore', { install: 'sprig', input: 'b-1', digest: 'digest-1' }],
    ],
  ],
  [
    'restore sprig --input b-1 --item workspace --file notes/a.md --file notes/b.md --yes',
    [
      ['plan', { action: 'restore', install: 'sprig', input: 'b-1', items: ['workspace'], files: ['notes/a.md', 'notes/b.md'] }],
      ['restore', { install: 'sprig', input: 'b-1', items: ['workspace'], files: ['notes/a.md', 'notes/b.md'], digest: 'digest-1' }],
    ],
  ],
  ['restore --input b-1 --file notes/a.md --output out', [['restore', { input: 'b-1', files: ['notes/a.md'], output: '/home/ann/out' }]]],
  [
    'restore --input b.tar.zst --anew --home sprig --yes',
    [
      ['plan', { action: 'restore', input: '/home/ann/b.tar.zst', anew: true, home: '/home/ann/sprig' }],
      ['restore', { install: 'sprig', input: '/home/ann/b.tar.zst', anew: true, home: '/home/ann/sprig', digest: 'digest-1' }],
    ],
  ],
  ['compare sprig --input b-1', [['compare', { install: 'sprig', input: 'b-1', limit: 100, rows: true }]]],
  ['compare --search first --limit 5 --no-rows', [['compare', { search: 'first', limit: 5, rows: false }]]],
  ['export sprig', [['export', { install: 'sprig' }]]],
  ['export --input b-1 --output since', [['export', { input: 'b-1', output: '/home/ann/since' }]]],
  ['drift --to 2.0.0', [['drift', { to: '2.0.0' }]]],
  [
    'uninstall --yes',
    [
      ['plan', { action: 'uninstall' }],
      ['uninstall', { install: 'sprig', digest: 'digest-1' }],
    ],
  ],
  [
    'uninstall sprig --purge -y',
    [
      ['plan', { action: 'purge', install: 'sprig' }],
      ['uninstall', { install: 'sprig', purge: true, digest: 'digest-1' }],
    ],
  ],
  [
    'fresh-start sprig --release 1.2.0 --yes',
    [
      ['plan', { action: 'fresh-start', install: 'sprig', to: '1.2.0' }],
      ['freshStart', { install: 'sprig', release: '1.2.0', digest: 'digest-1' }],
    ],
  ],
  ['undo sprig --operation op-7', [['undo', { install: 'sprig', operation: 'op-7' }]]],
  ['history sprig --limit 3', [['history', { install: 'sprig', limit: 3 }]]],
  ['recover', [['recover', {}]]],
  [
    'channel sprig',
    [
      ['status', { install: 'sprig', offline: true }],
      ['products', {}],
    ],
  ],
  ['channel --to next', [['setChannel', { channel: 'next' }]]],
  [
    'pin',
    [
      ['status', { offline: true }],
      ['setPin', { install: 'sprig', pin: '1.0.0' }],
    ],
  ],
  ['pin sprig --to 1.2.0', [['setPin', { install: 'sprig', pin: '1.2.0' }]]],
  ['unpin sprig', [['setPin', { install: 'sprig', pin: null }]]],
];

describe.each(lines)('moult %s', (line, calls) => {
  it('asks that of the engine, and lets go of it', async () => {
    const { engine } = await moult(`${line} --json`);
    expect(engine.calls).toEqual(calls.map(([method, input]) => ({ method, input })));
    expect(engine.closed).toBe(true);
  });

  it('prints for a person, on the output alone', async () => {
    const { output, errors } = await moult(line);
    expect(output.length).toBeGreaterThan(3);
    expect(output).not.toContain('undefined');
    expect(output).not.toContain('[object');
    expect(output).not.toMatch(/[\u001B\u0007]/);
    expect(errors).toBe('');
  });

  it('prints nothing but JSON Lines with --json, the last of them a result', async () => {
    const { json, errors } = await moult(`--json ${line}`);
    expect(json.at(-1)).toMatchObject({ ok: true });
    for (const event of json.slice(0, -1)) expect(event).toHaveProperty('event');
    expect(errors).toBe('');
  });
});

it('has a line above for every command', () => {
  const named = new Set(lines.map(([line]) => line.split(' ')[0]));
  expect(commands.map((command) => command.name).filter((name) => !named.has(name))).toEqual([]);
});

it.each(commands.map((command) => [command.name, command] as const))(
  'moult %s --help has examples that it understands',
  async (name, command) => {
    const help = await moult(`${name} --help`);
    expect(help.code).toBe(0);
    expect(help.output).toContain('Examples:');
    expect(help.output).toContain('--json');
    expect(command.examples.length).toBeGreaterThan(0);
    for (const [example] of command.examples) {
      const { code, engine } = await moult(`${example.replace(/^moult /, '').replace(' -f', '')} --yes --json`);
      expect([0, 4]).toContain(code);
      expect(engine.calls.length).toBeGreaterThan(0);
    }
  },
);

it('reaches the engine only for commands that need it', async () => {
  for (const line of ['', '--help', '--version', 'help upgrade', 'nonsense']) {
    expect((await moult(line)).engine.closed).toBe(false);
  }
});
