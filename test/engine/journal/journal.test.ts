import { appendFile, mkdir, readFile, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../../electron/api/failure.ts';
import {
  beginJournal,
  findJournals,
  journalFormat,
  readJournal,
  reopenJournal,
  type JournalHead,
} from '../../../electron/engine/journal/journal.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const at = '2026-03-04T05:06:07.000Z';
const head: JournalHead = { operation: 'op1', action: 'upgrade', install: 'sprig', home: '/srv/sprig', data: { hops: ['1.1.0'] } };
const first = JSON.stringify({ type: 'begin', format: journalFormat, at, ...head });
const line = (entry: object) => JSON.stringify({ ...entry, at });
const step = (id: string, state: string) => line({ type: 'step', id, state });

describe('a journal on disk', () => {
  test('tells what was written, in a new process too', async () => {
    const folder = join(await temporaryFolder(), 'deep', 'journal');
    const journal = await beginJournal(folder, head);
    await journal.append({ type: 'step', id: 'stop', state: 'run', at });
    await journal.append({ type: 'remember', data: { wasRunning: true }, at });
    await journal.append({ type: 'step', id: 'stop', state: 'done', at });
    await journal.leave();
    const [found, ...others] = await findJournals(folder);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ ...head, steps: [{ id: 'stop', state: 'done' }], memory: { wasRunning: true }, committed: false });
    const again = await reopenJournal(found?.path ?? '');
    await again.append({ type: 'commit', at });
    await again.leave();
    expect((await findJournals(folder))[0]?.committed).toBe(true);
  });

  test('is on the disk before append returns', async () => {
    const folder = await temporaryFolder();
    const journal = await beginJournal(folder, head);
    const text = async () => readFile(journal.path, 'utf8');
    expect((await text()).split('\n')).toHaveLength(2);
    await journal.append({ type: 'step', id: 'stop', state: 'run', at });
    expect((await text()).endsWith(`${step('stop', 'run')}\n`)).toBe(true);
    await journal.close();
  });

  test('can be read by its owner alone, whatever the umask', async () => {
    const folder = join(await temporaryFolder(), 'journal');
    const before = process.umask(0);
    try {
      const journal = await beginJournal(folder, head);
      expect((await stat(journal.path)).mode & 0o777).toBe(0o600);
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
      await journal.close();
    } finally {
      process.umask(before);
    }
  });

  test('is gone when the operation is over, and closing twice is harmless', async () => {
    const folder = await temporaryFolder();
    const journal = await beginJournal(folder, head);
    await journal.close();
    await journal.close();
    expect(await readdir(folder)).toEqual([]);
  });

  test('that two operations would share is refused', async () => {
    const folder = await temporaryFolder();
    const journal = await beginJournal(folder, head);
    await expect(beginJournal(folder, head)).rejects.toMatchObject({ code: 'EEXIST' });
    await journal.close();
  });

  test('is cut by a kill in the middle of a line, and goes on after it', async () => {
    const folder = await temporaryFolder();
    const journal = await beginJournal(folder, head);
    await journal.append({ type: 'step', id: 'stop', state: 'run', at });
    await journal.append({ type: 'remember', data: { wasRunning: true }, at });
    await journal.leave();
    await truncate(journal.path, (await stat(journal.path)).size - 9);
    const again = await reopenJournal(journal.path);
    await again.append({ type: 'remember', data: { swap: 1 }, at });
    await again.leave();
    expect((await findJournals(folder))[0]).toMatchObject({ steps: [{ id: 'stop', state: 'run' }], memory: { swap: 1 } });
  });
});

describe('looking for journals', () => {
  test('finds none where there is no folder', async () => {
    expect(await findJournals(join(await temporaryFolder(), 'nothing'))).toEqual([]);
  });

  test('leaves one alone that is just being begun, and the next operation takes it away', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'empty.jsonl'), '');
    await writeFile(join(folder, 'torn.jsonl'), first.slice(0, 40));
    expect(await findJournals(folder)).toEqual([]);
    expect(await readdir(folder)).toEqual(['empty.jsonl', 'torn.jsonl']);
    const journal = await beginJournal(folder, head);
    await journal.leave();
    expect(await readdir(folder)).toEqual(['op1.jsonl']);
  });

  test('gives the oldest first and does not look at other files', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'sub'));
    await writeFile(join(folder, 'notes.txt'), 'not a journal');
    for (const [name, when] of [
      ['b', '2026-01-02'],
      ['a', '2026-01-03'],
      ['c', '2026-01-01'],
    ] as const) {
      const text = JSON.stringify({ type: 'begin', format: 1, at: `${when}T00:00:00.000Z`, ...head, operation: name });
      await writeFile(join(folder, `${name}.jsonl`), `${text}\n`);
    }
    expect((await findJournals(folder)).map((journal) => journal.operation)).toEqual(['c', 'b', 'a']);
  });
});

describe('reading a journal', () => {
  test('of a newer Moult is refused with what to upgrade', () => {
    const text = `${JSON.stringify({ type: 'begin', format: journalFormat + 1, at, ...head })}\n`;
    const failure = failureOf(() => readJournal(text, '/j'));
    expect(failure).toMatchObject({ code: 'newer-format', remedy: { action: 'upgrade-moult' } });
    expect(failure?.message).toContain(String(journalFormat + 1));
  });

  test('whose first line is damaged is neither believed nor forgotten', () => {
    const failure = failureOf(() => readJournal(`garbage\n${step('stop', 'run')}\n`, '/j'));
    expect(failure).toMatchObject({ code: 'interrupted' });
    expect(failure?.remedy).toBeDefined();
  });

  test('passes over garbage in the middle', () => {
    const garbage = [
      '\0\0\0\0',
      '{"type":"st',
      '7',
      'null',
      '[]',
      '{}',
      '{"type":"step"}',
      '{"type":"remember","data":null}',
      '{"type":"what"}',
    ];
    const text = [first, step('stop', 'run'), ...garbage, step('stop', 'done'), ''].join('\n');
    expect(readJournal(text, '/j')).toMatchObject({ steps: [{ id: 'stop', state: 'done' }], memory: {}, committed: false });
  });

  test('where undoing follows a commit takes the commit for not made', () => {
    const text = [first, step('commit', 'done'), line({ type: 'commit' }), step('commit', 'undo')].join('\n');
    expect(readJournal(text, '/j')?.committed).toBe(false);
  });

  test('cut at any byte tells no more than the whole, and nothing else', () => {
    const entries = [
      first,
      step('fetch', 'run'),
      step('fetch', 'done'),
      line({ type: 'remember', data: { a: 1 } }),
      step('stop', 'run'),
      line({ type: 'commit' }),
    ];
    const text = `${entries.join('\n')}\n`;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Buffer.byteLength(text) }), (bytes) => {
        const cut = Buffer.from(text).subarray(0, bytes).toString('utf8');
        const whole = entries.filter((_, index) => Buffer.byteLength(entries.slice(0, index + 1).join('\n')) <= bytes);
        const state = readJournal(cut, '/j');
        if (whole.length === 0) return state === null;
        return (
          state?.committed === whole.length > 5 &&
          (state.memory['a'] === 1) === whole.length > 3 &&
          state.steps.length === (whole.length > 4 ? 2 : whole.length > 1 ? 1 : 0)
        );
      }),
    );
  });
});

test('a line that could not be written whole does not spoil the next one', async () => {
  const folder = await temporaryFolder();
  const journal = await beginJournal(folder, head);
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  await expect(journal.append({ type: 'remember', data: circular, at })).rejects.toThrow();
  await appendFile(journal.path, '{"type":"remem');
  await journal.append({ type: 'remember', data: { putBack: [] }, at }).catch(() => undefined);
  await journal.leave();
  expect((await findJournals(folder))[0]?.memory).toEqual({ putBack: [] });
});

function failureOf(act: () => unknown): Failure | null {
  try {
    act();
    return null;
  } catch (error) {
    return error instanceof Failure ? error : null;
  }
}
