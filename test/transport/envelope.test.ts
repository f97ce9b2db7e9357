import { expect, it } from 'vitest';
import { toLine } from '../../electron/transport/envelope.ts';

it('puts each value on one line, whatever it holds', () => {
  const line = toLine({ ok: true, result: 'a\nb\u2028c\u2029d\u001b[31m' });
  expect(line).toBe('{"ok":true,"result":"a\\nb\\u2028c\\u2029d\\u001b[31m"}\n');
});

it('never leaves the result out', () => {
  expect(toLine({ ok: true, result: undefined })).toBe('{"ok":true,"result":null}\n');
});
