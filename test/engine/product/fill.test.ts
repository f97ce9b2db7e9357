import { describe, expect, it } from 'vitest';
import { makeFill, placeholdersIn } from '../../../electron/engine/product/fill.ts';

describe('placeholders', () => {
  it('are filled once, and their values never', () => {
    const fill = makeFill({ home: '/srv/{slot}', slot: '/x', 'item:data': '/srv/data', port: '80' });
    expect(fill('{home}/a {item:data} http://h:{port}/')).toBe('/srv/{slot}/a /srv/data http://h:80/');
  });

  it('leaves other braces alone', () => {
    const fill = makeFill({});
    for (const text of ['{"a": 1}', String.raw`\d{2,3}`, '{}', '{ home }']) expect(fill(text)).toBe(text);
    expect(placeholdersIn('{a} {"b"} {item:c} {2}')).toEqual(['a', 'item:c']);
  });

  it('refuses one without a value, own properties of objects included', () => {
    expect(() => makeFill({})('{home}')).toThrow(expect.objectContaining({ code: 'internal' }));
    expect(() => makeFill({})('{constructor}')).toThrow('{constructor}');
  });

  it('does not read $& in a value as a pattern', () => {
    expect(makeFill({ home: '$& $1' })('{home}')).toBe('$& $1');
  });
});
