import { expect, test } from 'vitest';
import type { Result } from '../../../electron/api/result.ts';
import { createKeyed } from '../../../renderer/store/keyed.ts';

function asked() {
  const open: { input: string; answer: (result: Result<string>) => void }[] = [];
  const keyed = createKeyed<string, string>(
    (input) => input,
    (input) => new Promise((answer) => void open.push({ input, answer })),
  );
  return { open, keyed, entry: (key: string) => keyed.store.getState().entries[key] };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

test('asks once for what many look at', () => {
  const { open, keyed } = asked();
  keyed.want('a');
  keyed.want('a');
  keyed.want('b');
  expect(open.map((each) => each.input)).toEqual(['a', 'b']);
});

test('the later question wins, whichever answer comes last', async () => {
  const { open, keyed, entry } = asked();
  void keyed.load('a');
  void keyed.load('a');
  open[1]?.answer({ ok: true, result: 'new' });
  await settled();
  open[0]?.answer({ ok: true, result: 'old' });
  await settled();
  expect(entry('a')).toEqual({ value: 'new', error: null, loading: false });
});

test('an answer stays visible while a newer one is asked for and when that fails', async () => {
  const { open, keyed, entry } = asked();
  void keyed.load('a');
  open[0]?.answer({ ok: true, result: 'first' });
  await settled();
  void keyed.load('a');
  expect(entry('a')).toEqual({ value: 'first', error: null, loading: true });
  open[1]?.answer({ ok: false, error: { code: 'io', message: 'no' } });
  await settled();
  expect(entry('a')).toEqual({ value: 'first', error: { code: 'io', message: 'no' }, loading: false });
});

test('an answer to what was forgotten meanwhile is dropped', async () => {
  const { open, keyed, entry } = asked();
  void keyed.load('a');
  keyed.forget(() => true);
  open[0]?.answer({ ok: true, result: 'late' });
  await settled();
  expect(entry('a')).toBeUndefined();
});

test('refresh asks again for what fits, and for nothing that was never asked', () => {
  const { open, keyed } = asked();
  keyed.want('a');
  keyed.want('b');
  keyed.refresh((input) => input !== 'b');
  expect(open.map((each) => each.input)).toEqual(['a', 'b', 'a']);
});
