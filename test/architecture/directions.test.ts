import { builtinModules } from 'node:module';
import { describe, expect, test } from 'vitest';
import { parseModule, readModules, type Module } from './read-modules.ts';
import * as walls from './walls.ts';

const modules = await readModules('electron', 'renderer', 'resources', 'test');
const sources = modules.filter((module) => /^(electron|renderer)\//.test(module.path));

/** A wall, the house that must keep it, and bad examples (path, text) that it must notice. */
interface Wall {
  rule: (modules: readonly Module[]) => string[];
  house: readonly Module[];
  bad: [path: string, text: string][][];
}

const table: Record<string, Wall> = {
  'buildings import only what their row allows': {
    rule: walls.crossedBuildings,
    house: modules,
    bad: [
      [['electron/api/x.ts', `import { a } from '../engine/index.ts';`]],
      [['electron/api/x.ts', `import { join } from 'node:path';`]],
      [['electron/cli/x.ts', `import type { A } from '../engine/product/schema.ts';`]],
      [['electron/cli/x.ts', `const a = await import('../engine/index.ts');`]],
      [['electron/cli.ts', `import { a } from './engine/workflow/upgrade.ts';`]],
      [['electron/engine/index.ts', `import { a } from '../cli/a.ts';`]],
      [['electron/engine/slot/x.ts', `import express from 'express';`]],
      [['electron/preload.ts', `import { a } from './transport/call.ts';`]],
      [['renderer/x.tsx', `export type A = import('../electron/engine/index.ts').A;`]],
      [['test/e2e/x.test.ts', `import { a } from '../../electron/engine/index.ts';`]],
      [['elsewhere/x.ts', `import { a } from './a.ts';`]],
    ],
  },
  'rooms import rooms of lower floors': {
    rule: walls.climbedFloors,
    house: modules,
    bad: [
      [['electron/engine/backup/x.ts', `import { a } from '../service/a.ts';`]],
      [['electron/engine/platform/x.ts', `import type { A } from '../journal/journal.ts';`]],
      [['electron/engine/product/x.ts', `export { a } from '../install/a.ts';`]],
      [['electron/engine/workflow/x.ts', `import { a } from '../index.ts';`]],
      [['electron/engine/unheard-of/x.ts', `import { a } from '../platform/a.ts';`]],
      [['electron/engine/workflow/x.ts', `import { a } from '../unheard-of/a.ts';`]],
    ],
  },
  'there are no circles': {
    rule: walls.circles,
    house: modules,
    bad: [
      [['electron/a.ts', `import './a.ts';`]],
      [
        ['electron/a.ts', `import { b } from './b.ts';`],
        ['electron/b.ts', `import { c } from './c.ts';`],
        ['electron/c.ts', `export { a } from './a.ts';`],
      ],
    ],
  },
  'Electron stays in its folder': {
    rule: walls.escapedElectron,
    // This file's bad examples are texts, not imports.
    house: modules.filter((module) => module.path !== 'test/architecture/directions.test.ts'),
    bad: [
      [['electron/engine/platform/x.ts', `import { app } from 'electron';`]],
      [['electron/cli/x.ts', `import { app } from 'electron/main';`]],
      [['test/x.ts', `const { app } = await import('electron');`]],
    ],
  },
  'only platform/ touches the machine': {
    rule: walls.leakedPlatform,
    house: modules,
    bad: [
      [['electron/engine/slot/x.ts', `import { rm } from 'node:fs/promises';`]],
      [['electron/engine/slot/x.ts', `import Database from 'better-sqlite3';`]],
      [['electron/engine/slot/x.ts', `export const a = () => new Date();`]],
      [['electron/engine/slot/x.ts', `export const a = process.env['HOME'];`]],
      [['electron/engine/index.ts', `const { hostname } = await import('node:os');`]],
    ],
  },
  'imports say exactly what they mean': {
    rule: (all) => walls.looseSpecifiers(all, builtinModules),
    house: modules,
    bad: [[['electron/cli/x.ts', `import { join } from 'path';`]], [['electron/cli/x.ts', `import { a } from './a';`]]],
  },
  'faces never import one another': {
    rule: walls.entangledFaces,
    house: modules,
    bad: [[['electron/web/x.ts', `import { a } from '../cli/a.ts';`]]],
  },
  'there are no default exports': {
    rule: walls.defaultExports,
    house: modules,
    bad: [[['electron/cli/x.ts', `export default function a() {}`]], [['electron/cli/x.ts', `const a = 1; export { a as default };`]]],
  },
  'there are no barrels': {
    rule: walls.barrels,
    house: modules,
    bad: [
      [['electron/engine/slot/index.ts', `export { a } from './a.ts';\nexport type { B } from './b.ts';`]],
      [['electron/engine/slot/x.ts', `export const a = 1;\nexport * from './b.ts';`]],
    ],
  },
  'the file system never makes the engine wait': {
    rule: walls.synchronousFiles,
    house: modules,
    bad: [
      [['electron/engine/platform/x.ts', `import { readFileSync } from 'node:fs';`]],
      [['electron/cli/x.ts', `import * as fs from 'node:fs';\nfs.rmSync('a');`]],
      [
        ['electron/engine/backup/pack-worker.ts', `import { pack } from './pack.ts';`],
        ['electron/engine/backup/pack.ts', `import { read } from '../platform/blocking-files.ts';`],
        ['electron/engine/workflow/x.ts', `import { pack } from '../backup/pack.ts';`],
      ],
    ],
  },
  'long files give their reason': {
    rule: walls.longFiles,
    house: sources,
    bad: [[['electron/cli/x.ts', 'export const a = [\n' + '  1,\n'.repeat(300) + '];\n']]],
  },
};

describe.each(Object.keys(table))('%s', (name) => {
  const wall = table[name] as Wall;

  test('the house keeps it', () => {
    expect(wall.house.length).toBeGreaterThan(0);
    expect(wall.rule(wall.house)).toEqual([]);
  });

  test.each(wall.bad.map((files) => [files.map(([path, text]) => `${path}: ${text.slice(0, 60)}`).join(' | '), files] as const))(
    'it would notice %s',
    (_, files) => {
      expect(wall.rule(files.map(([path, text]) => parseModule(path, text)))).toHaveLength(1);
    },
  );
});

test('good examples break no wall', () => {
  const good = [
    parseModule(
      'electron/engine/backup/x.ts',
      `import { a } from './a.ts';\nimport { b } from '../platform/files.ts';\nexport const c = new Date(0);`,
    ),
    parseModule('electron/engine/workflow/x.ts', `import { a } from '../backup/a.ts';\nimport { z } from 'zod';`),
    parseModule('electron/engine/backup/y-worker.ts', `import { read } from '../platform/blocking-files.ts';`),
    parseModule('electron/engine/backup/z.ts', `import type { B } from '../platform/blocking-files.ts';`),
    parseModule('electron/cli.ts', `import { createEngine } from './engine/index.ts';\nimport { main } from './cli/main.ts';`),
  ];
  for (const { rule } of Object.values(table)) expect(rule(good)).toEqual([]);
});

test('what does not parse is not passed over', () => {
  expect(() => parseModule('electron/x.ts', 'import {')).toThrow('electron/x.ts');
});

test('every room of the engine is on a floor', () => {
  const rooms = new Set(modules.flatMap((module) => /^electron\/engine\/([^/]+)\//.exec(module.path)?.[1] ?? []));
  expect([...rooms].filter((room) => !walls.floors.flat().includes(room))).toEqual([]);
});
