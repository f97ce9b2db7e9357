import { describe, expect, test } from 'vitest';
import { tellingLine } from '../../../electron/engine/service/telling-line.ts';

describe('the line that says why a product ended', () => {
  test.each([
    [
      'Node',
      [
        'file:///x/serve.mjs:7',
        "  throw new Error('the index cannot be read');",
        '',
        'Error: the index cannot be read',
        '    at serve (file:///x/serve.mjs:7:9)',
        '',
        'Node.js v24.21.0',
      ],
      'Error: the index cannot be read',
    ],
    [
      'Node with particulars behind it',
      [
        'Error: no such table: colours',
        '    at migrate (x.mjs:1:1) {',
        "  code: 'ERR_SQLITE_ERROR',",
        "  errstr: 'SQL logic error'",
        '}',
        '',
        'Node.js v24.21.0',
      ],
      'Error: no such table: colours',
    ],
    [
      'Java',
      ['starting', 'Exception in thread "main" java.net.BindException: Address already in use', '\tat sun.nio.ch.Net.bind0(Native Method)'],
      'Exception in thread "main" java.net.BindException: Address already in use',
    ],
    [
      'a logger',
      ['level=info msg=starting', 'level=error msg="cannot reach the database"', 'level=info msg=bye'],
      'level=error msg="cannot reach the database"',
    ],
    [
      'Python',
      ['Traceback (most recent call last):', '  File "x.py", line 1, in <module>', 'ValueError: bad port'],
      'ValueError: bad port',
    ],
    ['Go', ['panic: cannot open ledger', '', 'goroutine 1 [running]:', 'main.main()', 'exit status 2'], 'panic: cannot open ledger'],
    ['nothing that looks like a fault', ['starting', 'bye', ''], 'bye'],
  ])('%s', (_, lines, told) => {
    expect(tellingLine(lines)).toBe(told);
  });

  test('an empty log says nothing', () => {
    expect(tellingLine([])).toBeUndefined();
    expect(tellingLine(['', '  '])).toBeUndefined();
  });
});
