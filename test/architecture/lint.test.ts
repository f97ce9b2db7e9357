import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve as resolvePath } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { root } from './read-modules.ts';

/** Bad examples, each with the rule that must catch it. They prove that the configuration reaches the places it means. */
const bad: [path: string, text: string, rule: string][] = [
  ['electron/engine/slot/electron.ts', `import { app } from 'electron';\napp.quit();`, 'no-restricted-imports'],
  ['electron/cli/electron.ts', `import { app } from 'electron';\napp.quit();`, 'no-restricted-imports'],
  ['electron/engine/slot/disk.ts', `import { rm } from 'node:fs/promises';\nawait rm('a');`, 'no-restricted-imports'],
  [
    'electron/engine/slot/database.ts',
    `import Database from 'better-sqlite3';\nexport const a = new Database('a');`,
    'no-restricted-imports',
  ],
  ['electron/engine/slot/environment.ts', `export const a = process.env['HOME'];`, 'no-restricted-globals'],
  ['electron/engine/slot/clock.ts', `export const a = Date.now();`, 'no-restricted-properties'],
  ['electron/engine/slot/talk.ts', `console.log('a');`, 'no-console'],
  ['electron/api/node.ts', `import { join } from 'node:path';\nexport const a = join('a');`, 'no-restricted-imports'],
  ['electron/api/climb.ts', `import { a } from '../engine/index.ts';\nexport const b = a;`, 'no-restricted-imports'],
  ['electron/cli/default.ts', `export default 1;`, 'no-default-export'],
  ['electron/cli/any.ts', `export const a: any = 1;`, 'no-explicit-any'],
  ['electron/cli/floating.ts', `export async function a() {}\na();`, 'no-floating-promises'],
  ['electron/cli/misused.ts', `export async function a() {}\n[1].forEach(async () => a());`, 'no-misused-promises'],
  ['test/engine/only.test.ts', `import { test } from 'vitest';\ntest.only('a', () => {});`, 'no-focused-tests'],
];

/** Allowed where they stand. */
const good: [path: string, text: string][] = [
  ['electron/shell/window.ts', `import { app } from 'electron';\napp.quit();`],
  ['electron/engine/platform/disk.ts', `import { rm } from 'node:fs/promises';\nawait rm(process.argv[2] ?? '');`],
  ['electron/engine/slot/path.ts', `import { join } from 'node:path';\nexport const a = join('a', 'b');`],
  ['electron/cli/talk.ts', `console.log('a');`],
];

test('the linter catches every bad example, and no good one', async () => {
  const folder = await temporaryFolder('lint');
  const tsconfig = { extends: join(root, 'tsconfig.json'), include: ['electron', 'test'] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
  for (const [path, text] of [...bad, ...good]) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `${text}\n`);
  }
  const found = await lint(folder);
  const missed = bad.filter(([path, , rule]) => !found.some((each) => each.path === path && each.rule.includes(rule)));
  expect(missed.map(([path, , rule]) => `${path}: ${rule}`)).toEqual([]);
  expect(found.filter((each) => good.some(([path]) => path === each.path))).toEqual([]);
});

async function lint(folder: string): Promise<{ path: string; rule: string }[]> {
  const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
  const settings = ['-c', join(root, '.ci/oxlint.json'), '--type-aware', '--format', 'json', folder];
  const text = await new Promise<string>((resolve) => {
    // It exits with 1 when it finds something, which is what it is asked to do here.
    execFile(process.execPath, [oxlint, ...settings], { cwd: root, maxBuffer: 1 << 24 }, (_, output) => resolve(output));
  });
  const report = JSON.parse(text) as { diagnostics: { filename: string; code: string }[] };
  return report.diagnostics.map((each) => ({ path: relative(folder, resolvePath(root, each.filename)), rule: each.code }));
}
