import { expect, test } from 'vitest';
import { placeOnLine, releaseSpans } from '../../../../renderer/pages/install/backups/timeline-places.ts';
import { backup, entry } from '../../../support/fake-world.ts';

const at = (time: string): number => Date.parse(time);

test('a release lasts until the next one', () => {
  const history = [
    { ...entry, to: '1.1.0', endedAt: '2026-03-03T00:00:00Z' },
    { ...entry, to: '1.0.0', endedAt: '2026-03-01T00:00:00Z' },
    { ...entry, to: '9.9.9', endedAt: '2026-03-02T00:00:00Z', outcome: 'rolled-back' as const },
  ];
  const backups = [{ ...backup, release: '1.0.0', at: '2026-03-02T00:00:00Z' }];
  expect(releaseSpans(history, backups, at('2026-03-04T00:00:00Z'))).toEqual([
    { release: '1.0.0', from: at('2026-03-01T00:00:00Z'), to: at('2026-03-03T00:00:00Z') },
    { release: '1.1.0', from: at('2026-03-03T00:00:00Z'), to: at('2026-03-04T00:00:00Z') },
  ]);
});

test('everything has a place on the line, also when the line has no length', () => {
  expect(placeOnLine(5, 0, 10)).toBe(0.5);
  expect(placeOnLine(-5, 0, 10)).toBe(0);
  expect(placeOnLine(50, 0, 10)).toBe(1);
  expect(placeOnLine(3, 3, 3)).toBe(1);
});
