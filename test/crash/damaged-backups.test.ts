/**
 * Damaged backups: golden ones with a bit flipped at seeded places and cut off anywhere; forged ones whose checksums are right and whose
 * manifest has one field wrong, each field in each way. Verify must find every one. (`test/engine/backup/` has the forgeries with a name.)
 */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBackupWorkers } from '../../electron/engine/backup/backup-workers.ts';
import { readManifest } from '../../electron/engine/backup/read-backup.ts';
import { verifyAll } from '../../electron/engine/backup/verify-members.ts';
import { forge, type ForgedEntry } from '../engine/backup/forge.ts';
import { suiteFolder } from '../support/temporary-folder.ts';
import { amount, seed, tellCases } from './support/modes.ts';
import { randomFrom } from './support/random.ts';

const long = { timeout: 2 * 3600_000 };
const golden = fileURLToPath(new URL('../engine/backup/golden/', import.meta.url));
const files = readdirSync(golden).filter((name) => /\.tar\.(?:zst|gz)$/.test(name));
const folder = await suiteFolder('damaged');
const hurt = join(folder, 'hurt');
mkdirSync(folder, { recursive: true });

let pool: ReturnType<typeof startBackupWorkers>;
beforeAll(() => void (pool = startBackupWorkers()));
afterAll(() => pool.end());

/** What verify says: the verdict, or the code of the failure. */
async function verdictOf(path: string): Promise<string> {
  return verifyAll(path, { signal: new AbortController().signal, progress: () => {}, pool }).then(
    ({ verdict }) => verdict,
    (error: { code?: string }) => error.code ?? 'not a failure',
  );
}

test.each(files)('a bit flipped anywhere in %s', long, async (file) => {
  const bytes = readFileSync(join(golden, file));
  const random = randomFrom(seed);
  const missed: string[] = [];
  const flips = amount(30, 1000, 1000, 20_000);
  for (let flip = 0; flip < flips; flip += 1) {
    const at = Math.floor(random() * bytes.length);
    const bit = 1 << Math.floor(random() * 8);
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ bit;
    writeFileSync(hurt, changed);
    const verdict = await verdictOf(hurt);
    // A flip can make the format's number a larger one.
    if (verdict !== 'bad' && verdict !== 'newer-format') missed.push(`bit ${bit} of byte ${at}: ${verdict}`);
  }
  tellCases(`flipped bits of ${file}`, flips);
  expect(missed).toEqual([]);
});

test.each(files)('%s cut off anywhere', long, async (file) => {
  const bytes = readFileSync(join(golden, file));
  const missed: string[] = [];
  const stride = amount(997, 7, 1);
  let cases = 0;
  for (let length = seed % stride; length < bytes.length; length += stride) {
    cases += 1;
    writeFileSync(hurt, bytes.subarray(0, length));
    const verdict = await verdictOf(hurt);
    if (verdict !== 'bad') missed.push(`cut to ${length} of ${bytes.length}: ${verdict}`);
  }
  tellCases(`cut off ${file}`, cases);
  expect(missed).toEqual([]);
});

const entries: ForgedEntry[] = [
  { path: 'items/workspace', kind: 'folder' },
  { path: 'items/workspace/a', content: 'content of a' },
  { path: 'items/workspace/b', content: 'and that of b' },
  { path: 'items/workspace/link', kind: 'link', target: 'a' },
];

/** Every field of the manifest, by its way to it. */
function fieldsOf(value: unknown, way: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [way];
  return [...(way.length > 0 ? [way] : []), ...Object.entries(value).flatMap(([key, inner]) => fieldsOf(inner, [...way, key]))];
}

const gone = Symbol('gone');
const wrongs: readonly unknown[] = [gone, -1, 0.5, 1e300, true, {}, [[]], ['x'], { x: 1 }];

function withWrong(manifest: object, way: readonly string[], wrong: unknown): object {
  const changed = structuredClone(manifest);
  const last = way.at(-1) ?? '';
  const holder = way.slice(0, -1).reduce((inner, key) => inner[key] as Record<string, unknown>, changed as Record<string, unknown>);
  if (wrong === gone) delete holder[last];
  else holder[last] = wrong;
  return changed;
}

test('every field of the manifest wrong, in each way', long, async () => {
  let manifest: object = {};
  await forge(hurt, { entries, manifest: (right) => (manifest = right) });
  expect(await verdictOf(hurt)).toBe('unproven');
  const fields = fieldsOf(manifest);
  expect(fields.length).toBeGreaterThan(35);
  const missed: string[] = [];
  let cases = 0;
  for (const way of fields) {
    for (const wrong of wrongs) {
      cases += 1;
      await forge(hurt, { entries, manifest: (right) => withWrong(right, way, wrong) });
      const verdict = await verdictOf(hurt);
      if (verdict !== 'bad' && verdict !== 'newer-format') missed.push(`${way.join('.')} as ${String(wrong)}: ${verdict}`);
      const read = await readManifest(hurt).then(
        () => 'read',
        (error: { code?: string }) => error.code,
      );
      if (!['bad-backup', 'bad-archive', 'newer-format', 'read'].includes(read ?? ''))
        missed.push(`${way.join('.')}: reading says ${read}`);
    }
  }
  tellCases('manifests with a wrong field', cases);
  expect(missed).toEqual([]);
});

const [root, a, b, link] = entries as [ForgedEntry, ForgedEntry, ForgedEntry, ForgedEntry];
const swapped: [string, ForgedEntry[], Buffer?][] = [
  [
    'two files in each other’s place',
    [root, { ...a, facts: { path: 'items/workspace/b' } }, { ...b, facts: { path: 'items/workspace/a' } }, link],
  ],
  ['a file twice', [root, a, a, b, link]],
  ['a file that is in no list', [root, a, { ...b, rawLine: '' }, link]],
  ['a file whose line is gone', [root, a, { ...b, rawLine: '{}' }, link]],
  ['a line without its file', [root, a, { ...b, facts: { path: 'items/workspace/c' } }, link]],
  ['contents of another length', [root, { ...a, facts: { bytes: 11 } }, b, link]],
  ['another hash', [root, { ...a, line: { sha256: 'ab'.repeat(32) } }, b, link]],
  ['another mode in the list', [root, { ...a, line: { mode: 0o4755 } }, b, link]],
  ['another time in the list', [root, { ...a, line: { mtime: 1 } }, b, link]],
  ['another owner in the list', [root, { ...a, line: { uid: 1 } }, b, link]],
  ['another target of a link', [root, a, b, { ...link, line: { target: '/etc/passwd' } }]],
  ['a link told as a file', [root, a, b, { ...link, line: { kind: 'file' } }]],
  ['an item that the manifest does not know', [root, a, b, link, { path: 'items/stranger/x', content: 'x' }]],
  ['something between the files', entries, Buffer.alloc(1024, 'x')],
];

test.each(swapped)('%s', long, async (_, changed, stray) => {
  await forge(hurt, { entries: changed, ...(stray && { stray }) });
  expect(await verdictOf(hurt)).toBe('bad');
});
