import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { barLine } from '../../electron/cli/progress.ts';
import { paint, widthOf } from '../../electron/cli/page.ts';
import { Screen } from '../../electron/cli/screen.ts';

function screenWith(columns: number | undefined) {
  const output = Object.assign(new PassThrough(), { isTTY: true, ...(columns !== undefined && { columns }) });
  const read: string[] = [];
  output.setEncoding('utf8').on('data', (text: string) => read.push(text));
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const screen = new Screen({ input, output, errors: new PassThrough() }, { json: false, colour: false, redraw: true });
  return { screen, input, text: () => read.join('') };
}

it.each([
  [undefined, 80],
  [0, 80],
  [20, 40],
  [100, 100],
  [500, 160],
])('takes %s columns as %i', (columns, width) => {
  expect(screenWith(columns).screen.width).toBe(width);
});

describe('ask', () => {
  it('gives the line that was typed, and leaves the next one alone', async () => {
    const { screen, input, text } = screenWith(80);
    const answer = screen.ask(['Go on?'], new AbortController().signal);
    await vi.waitFor(() => expect(text()).toBe('Go on? '));
    input.write(' yes \nmore\n');
    expect(await answer).toBe('yes');
    expect(text()).toBe('Go on? ');
  });

  it('forgets what was typed before it was asked', async () => {
    const { screen, input, text } = screenWith(80);
    input.write('yes\n');
    const answer = screen.ask(['Go on?'], new AbortController().signal);
    await vi.waitFor(() => expect(text()).toBe('Go on? '));
    input.write('no\n');
    expect(await answer).toBe('no');
  });

  it('is not asked when the wish to stop came before', async () => {
    const { screen, text } = screenWith(80);
    expect(await screen.ask(['Go on?'], AbortSignal.abort())).toBeNull();
    expect(text()).toBe('');
  });

  it('ends its line when nothing was typed', async () => {
    const { screen, input, text } = screenWith(80);
    input.end();
    expect(await screen.ask(['Go on?'], new AbortController().signal)).toBeNull();
    expect(text()).toBe('Go on? \n');
  });

  it('ends with the signal', async () => {
    const { screen, text } = screenWith(80);
    const stop = new AbortController();
    const answer = screen.ask(['Go on?'], stop.signal);
    await vi.waitFor(() => expect(text()).toBe('Go on? '));
    stop.abort();
    expect(await answer).toBeNull();
    expect(text()).toBe('Go on? \n');
  });
});

it('keeps what is printed above what is redrawn', () => {
  const { screen, text } = screenWith(80);
  screen.draw([['one'], ['two']]);
  screen.print([['stays']]);
  screen.settle();
  expect(text()).toBe('one\ntwo\n\u001B[2F\u001B[Jstays\none\ntwo\n\u001B[2F\u001B[J');
});

describe('barLine', () => {
  const progress = { fraction: 0.5, step: 's', bytes: 1024, totalBytes: 2048, rate: 512, left: 2, detail: 'notes/a-rather-long-name.md' };

  it('says how far, how fast and how long', () => {
    expect(paint(barLine(progress, 100), false)).toBe(
      '  ██████████████░░░░░░░░░░░░░░ 50 %  1 KiB of 2 KiB  512 B/s  2 s left  notes/a-rather-long-name.md',
    );
  });

  it.each([36, 60, 76, 156])('fits into %i columns', (width) => {
    expect(widthOf(barLine(progress, width))).toBeLessThanOrEqual(width);
  });

  it.each([-1, 0, 1, 7])('stays a bar at %d', (fraction) => {
    expect(paint(barLine({ fraction, step: 's' }, 100), false)).toMatch(/^ {2}[█░]{28} (0|100) %$/);
  });
});
