import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { root } from '../architecture/read-modules.ts';

const screens = join(root, 'dist', 'renderer');

/** Bytes over the wire. */
const most = 250_000;

/** A built script and everything that it imports before it runs; what a page fetches later stands in `import(…)`. */
async function withImports(path: string, seen: Map<string, number>): Promise<void> {
  if (seen.has(path)) return;
  const text = await readFile(path, 'utf8');
  seen.set(path, gzipSync(text).length);
  for (const [, imported] of text.matchAll(/(?:\bfrom|\bimport)\s*["'](\.[^"']+\.js)["']/g)) {
    if (imported !== undefined) await withImports(join(path, '..', imported), seen);
  }
}

it('home needs less than 250 kB of script, gzipped', async () => {
  const page = await readFile(join(screens, 'index.html'), 'utf8');
  const seen = new Map<string, number>();
  for (const [, source] of page.matchAll(/<(?:script|link)[^>]*(?:src|href)="(\.[^"]+\.js)"/g)) {
    if (source !== undefined) await withImports(join(screens, source), seen);
  }
  const bytes = [...seen.values()].reduce((sum, each) => sum + each, 0);
  expect(seen.size).toBeGreaterThan(0);
  // React alone has some 60 kB: less than that would mean that the wrong files were counted.
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(most);
});
