import { describe, expect, it } from 'vitest';
import { textWidth } from '../../electron/cli/page.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { backup, configProblem, drift, entry, finding, install, plan, status } from '../support/fake-world.ts';
import { moult } from './terminal.ts';

const hostile = '\u001B[2Jgone\u0007\rfake\u202E';

describe.each([60, 80, 120])('at %i columns', (columns) => {
  it.each(['--help', 'plan', 'status', 'drift', 'list', 'backups', 'history', 'products', 'check', 'upgrade --yes'])(
    'moult %s stays within',
    async (line) => {
      const { output } = await moult(line, { columns });
      // The help's own paragraphs are written for 80 columns.
      const most = line === '--help' ? Math.max(80, columns) : columns;
      for (const text of output.split('\n')) expect(textWidth(text)).toBeLessThanOrEqual(most);
      expect(output).toMatchSnapshot();
    },
  );
});

it('stands Stays and Changes side by side on a wide terminal, one above the other on a narrow one', async () => {
  const wide = (await moult('plan', { columns: 120 })).output.split('\n');
  expect(wide.some((line) => /^Stays .* Changes/.test(line))).toBe(true);
  const narrow = (await moult('plan', { columns: 80 })).output.split('\n');
  expect(narrow.findIndex((line) => line.startsWith('Stays'))).toBeLessThan(narrow.findIndex((line) => line.startsWith('Changes')));
});

it('lists the files of each item when asked', async () => {
  expect((await moult('plan --files')).output).toContain('same  /home/ann/.sprig/notes/first.md  2 KiB');
});

it('obeys no text from outside', async () => {
  const engine = fakeEngine();
  engine.answer('installs', [{ ...install, install: hostile, home: `/home/${hostile}` }]);
  engine.answer('status', { ...status, title: hostile, healthDetail: hostile, home: hostile });
  engine.answer('plan', {
    ...plan,
    strays: [{ path: hostile, bytes: 1, change: 'kept' }],
    warnings: [hostile],
    items: plan.items.map((item) => ({ ...item, paths: [hostile], note: hostile, before: hostile, title: hostile })),
  });
  engine.answer('drift', { ...drift, findings: [{ ...finding, subject: hostile, found: hostile, message: hostile }] });
  engine.answer('backups', [{ ...backup, path: hostile, problem: hostile }]);
  engine.answer('history', [{ ...entry, message: hostile }]);
  engine.answer('logs', { path: '/log', text: `${hostile}\n\u001B[31mred\u001B[0m\n`, end: 1 });
  engine.play('backUp', { events: [{ event: 'note', operation: 'op-1', level: 'info', text: hostile }] });
  for (const line of ['list', 'status', 'plan --files', 'drift', 'backups', 'history', 'logs', 'backup', 'upgrade']) {
    const { output, errors } = await moult(line, { engine, isTerminal: true, columns: 100 });
    // Colour of the command line itself is off (NO_COLOR): the only sequences left are those that redraw the bar.
    expect((output + errors).replaceAll(/\u001B\[\d+F\u001B\[J/g, '')).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202E]/);
  }
});

describe('colour', () => {
  const isColoured = async (environment: Record<string, string>, line = 'status', isTerminal = true) =>
    (await moult(line, { isTerminal, environment })).output.includes('\u001B[');

  it('is there on a terminal', async () => expect(await isColoured({})).toBe(true));
  it('is not there in a pipe', async () => expect(await isColoured({}, 'status', false)).toBe(false));
  it('is switched off by NO_COLOR', async () => expect(await isColoured({ NO_COLOR: '1' })).toBe(false));
  it('is switched off by --no-color', async () => expect(await isColoured({}, 'status --no-color')).toBe(false));
  it('is switched off on a dumb terminal', async () => expect(await isColoured({ TERM: 'dumb' })).toBe(false));
  it('is not switched off by an empty NO_COLOR', async () => expect(await isColoured({ NO_COLOR: '' })).toBe(true));
});

describe('the one thing to do next', () => {
  const next = async (changes: Partial<typeof status>) => {
    const engine = fakeEngine();
    engine.answer('status', { ...status, ...changes });
    return (await moult('status', { engine })).output.trimEnd().split('\n').at(-1);
  };
  const interrupted = {
    operation: 'o',
    kind: 'upgrade',
    step: 'Switch',
    startedAt: status.lastBackup?.at ?? '',
    recovery: 'undo' as const,
  };

  it('is recovery', async () => expect(await next({ interrupted })).toContain('moult recover sprig'));
  it('is the configuration, with the file, the line and the way out', async () => {
    const engine = fakeEngine();
    engine.answer('status', { ...status, configProblem });
    const { output } = await moult('status', { engine, columns: 160 });
    expect(output).toContain(
      '✗ /home/ann/.sprig/config.yaml:4:1 cannot be read: a quote is not closed. Correct the file, or restore it from a backup.',
    );
    expect(output.trimEnd().split('\n').at(-1)).toContain('moult backups sprig');
  });
  it('is the log', async () => expect(await next({ health: 'unhealthy' })).toContain('moult logs sprig'));
  it('is a backup', async () => expect(await next({ lastBackup: null })).toContain('moult backup sprig'));
  it('is the upgrade', async () => expect(await next({})).toContain('moult upgrade sprig'));
  it('is nothing', async () => expect(await next({ update: { ...status.update, latest: null } })).toBe('Nothing needs you.'));
});

describe('a running operation', () => {
  it('draws its bar in place on a terminal, and takes it away', async () => {
    const { output } = await moult('backup', { isTerminal: true, columns: 100 });
    expect(output).toContain('\u001B[1F\u001B[J');
    expect(output).toContain('First step (1 of 2)');
    const shown = replay(output);
    expect(shown.some((line) => line.includes('█') || line.includes('▸'))).toBe(false);
    expect(shown[0]).toBe('✓ First step  2.5 s');
  });

  it('prints plain lines in a pipe', async () => {
    const { output } = await moult('backup');
    expect(output.split('\n').slice(0, 3)).toEqual(['✓ First step  2.5 s', '· the second step is short', '✓ Second step']);
  });
});

/** What stands on the screen in the end: knows only "up N lines" and "clear from here". */
function replay(output: string): string[] {
  const lines: string[] = [];
  for (const part of output.split(/(?=\u001B\[\d+F\u001B\[J)/)) {
    const erase = /^\u001B\[(\d+)F\u001B\[J/.exec(part);
    if (erase) lines.splice(lines.length - Number(erase[1]));
    const rest = part.slice(erase?.[0].length ?? 0);
    lines.push(...rest.split('\n').slice(0, -1));
  }
  return lines;
}
