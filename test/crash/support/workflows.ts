/** The workflows of the engine as cases: where each begins, how it is called, and the two ends that it may have. */
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from 'tar';
import type { ProgramName } from '../../../electron/engine/workflow/programs.ts';
import { killServices, modelOf, type Expected, type Model } from './audit.ts';
import type { Lab } from './lab.ts';
import { only } from './modes.ts';
import { canary, giveThings, type Recipes, type World } from './stub-world.ts';

export interface Workflow {
  action: ProgramName;
  /** Another way to begin the same workflow. */
  variant?: string;
  state: string;
  method: string;
  input: (world: World) => object;
  /** The input of the same once more, where it is another one. */
  inputAgain?: (world: World) => object;
  /** What was cut off is gone on with by the same once more, which leaves nothing lying about. */
  goesOn?: true;
  /** Whether the product is started before. */
  running: boolean;
  /** The state that the end is compared with. */
  end: string;
  /** Release and state afterwards; the rest follows from it. */
  after: (model: Model, running: boolean) => Expected;
}

export type Models = Record<string, Model>;

const byName = { install: 'stub' };
export const backupAt = (world: World): string => join(world.live, 'backups', 'kept.tar.zst');
const ownFile = (world: World) => join(world.live, 'backups', 'own.tar.gz');
export const active = (release: string): Model['record'] => ({ state: 'active', release });

/** As in a model, but for what is told. */
export function like(model: Model, more: Partial<Expected> & { running: boolean | null }): Expected {
  return { model, same: 'all', record: model.record, schema: model.schema, rows: model.rows, ...more };
}

const all: readonly Workflow[] = [
  {
    action: 'set-up',
    state: 'bare-products',
    method: 'setUp',
    running: false,
    input: (world) => ({ product: 'stub', release: '1.0.0', home: world.home, name: 'stub', port: world.port }),
    end: 'one',
    after: (model) => like(model, { same: 'nothing', record: active('1.0.0'), schema: 1, rows: [], running: true }),
  },
  {
    action: 'set-up',
    variant: 'over what was kept',
    state: 'uninstalled',
    method: 'setUp',
    running: false,
    input: (world) => ({ product: 'stub', release: '1.1.0', home: world.home, name: 'stub' }),
    end: 'one',
    after: (model) => like(model, { same: 'kept', record: active('1.1.0'), schema: 2, running: true }),
  },
  {
    action: 'adopt',
    state: 'hand-made',
    method: 'adopt',
    running: false,
    input: (world) => ({ product: 'stub', home: world.home, name: 'stub' }),
    end: 'hand-made',
    after: (model) => like(model, { record: active('1.0.0'), running: false }),
  },
  {
    action: 'upgrade',
    state: 'one',
    method: 'upgrade',
    running: true,
    input: () => ({ ...byName, to: '1.1.0' }),
    end: 'one',
    after: (model, running) => like(model, { record: active('1.1.0'), schema: 2, running }),
  },
  {
    action: 'upgrade',
    variant: 'again',
    state: 'one-altered',
    method: 'upgrade',
    running: false,
    input: () => ({ ...byName, to: '1.0.0' }),
    end: 'one',
    after: (model, running) => like(model, { running }),
  },
  {
    action: 'roll-back',
    state: 'upgraded',
    method: 'rollBack',
    running: true,
    input: () => byName,
    end: 'one',
    after: (model, running) => like(model, { record: active('1.0.0'), running }),
  },
  {
    action: 'run',
    state: 'one',
    method: 'runAction',
    running: true,
    input: () => ({ ...byName, action: 'say' }),
    end: 'one',
    after: (model, running) => like(model, { running }),
  },
  {
    action: 'back-up',
    state: 'one',
    method: 'backUp',
    running: true,
    input: (world) => ({ ...byName, output: join(world.live, 'backups', 'new.tar.zst') }),
    // A backup that was finished before the operation failed stays, and no backup is ever written over.
    inputAgain: (world) => ({ ...byName, output: join(world.live, 'backups', 'newer.tar.zst') }),
    end: 'one',
    after: (model, running) => like(model, { running }),
  },
  {
    action: 'restore',
    state: 'changed',
    method: 'restore',
    running: true,
    input: (world) => ({ ...byName, input: backupAt(world) }),
    end: 'one',
    after: (model, running) => like(model, { running }),
  },
  {
    action: 'restore',
    variant: 'of an older schema',
    state: 'upgraded-with-backup',
    method: 'restore',
    running: false,
    input: (world) => ({ ...byName, input: backupAt(world) }),
    end: 'one',
    after: (model, running) => like(model, { record: active('1.1.0'), schema: 2, running }),
  },
  {
    action: 'restore',
    variant: 'of a file, a folder that is gone and an option',
    state: 'part-changed',
    method: 'restore',
    running: true,
    input: (world) => ({ ...byName, input: backupAt(world), items: ['secret'], files: ['notes/one.md', 'notes/deep'] }),
    end: 'part-restored',
    after: (model, running) => like(model, { running }),
  },
  {
    action: 'restore',
    variant: 'of an item',
    state: 'changed',
    method: 'restore',
    running: false,
    input: (world) => ({ ...byName, input: backupAt(world), items: ['workspace'] }),
    end: 'notes-restored',
    after: (model, running) => like(model, { running }),
  },
  {
    action: 'restore',
    variant: 'onto a machine without the product',
    state: 'nothing-but-the-backup',
    method: 'restore',
    running: false,
    input: (world) => ({ input: backupAt(world), home: world.home }),
    end: 'made-anew',
    after: (model) => like(model, { running: true }),
  },
  {
    action: 'restore',
    variant: 'of what the product made itself, onto a machine without it',
    state: 'nothing-but-its-own-file',
    method: 'restore',
    running: false,
    input: (world) => ({ input: ownFile(world), home: world.home }),
    end: 'made-anew-of-its-own',
    after: (model) => like(model, { running: true }),
  },
  {
    action: 'undo',
    variant: 'of a restore that made the install',
    state: 'restored-anew',
    method: 'undo',
    running: false,
    input: () => byName,
    end: 'restored-anew',
    after: (model) =>
      like(model, {
        same: 'nothing',
        record: { state: 'purged', release: null },
        schema: null,
        rows: [],
        running: false,
        gone: ['notes', 'config.json', 'data/stub.db'],
      }),
  },
  {
    action: 'restore',
    variant: 'beside the install',
    state: 'changed',
    method: 'restore',
    running: true,
    input: (world) => ({ input: backupAt(world), files: ['notes'], output: join(world.live, 'backups', 'out') }),
    end: 'changed',
    after: (model, running) => like(model, { running }),
  },
  {
    action: 'export',
    state: 'changed',
    method: 'export',
    running: true,
    input: (world) => ({ ...byName, input: backupAt(world), output: join(world.live, 'backups', 'since') }),
    end: 'changed',
    after: (model, running) => like(model, { running }),
  },
  {
    action: 'uninstall',
    state: 'one',
    method: 'uninstall',
    running: true,
    input: () => byName,
    end: 'one',
    after: (model) => like(model, { record: { state: 'uninstalled', release: null }, running: false }),
  },
  {
    action: 'purge',
    state: 'one',
    method: 'uninstall',
    running: true,
    input: () => ({ ...byName, purge: true }),
    end: 'one',
    after: (model) =>
      like(model, {
        same: 'nothing',
        record: { state: 'purged', release: null },
        schema: null,
        rows: [],
        running: false,
        gone: ['notes', 'config.json', 'data/stub.db'],
      }),
  },
  {
    action: 'fresh-start',
    state: 'one',
    method: 'freshStart',
    running: true,
    input: () => byName,
    end: 'one',
    after: (model) => like(model, { same: 'nothing', record: active('1.0.0'), schema: 1, rows: [], running: true, gone: ['notes/one.md'] }),
  },
  {
    action: 'undo',
    state: 'purged',
    method: 'undo',
    running: false,
    input: () => byName,
    end: 'one',
    after: (model) => like(model, { running: false }),
  },
  {
    action: 'undo',
    variant: 'of a restore',
    state: 'restored',
    method: 'undo',
    running: false,
    input: () => byName,
    end: 'changed',
    after: (model) => like(model, { running: false }),
  },
  {
    action: 'start',
    state: 'one',
    method: 'start',
    running: false,
    input: () => byName,
    end: 'one',
    after: (model) => like(model, { running: true }),
  },
  {
    action: 'stop',
    state: 'one',
    method: 'stop',
    running: true,
    input: () => byName,
    end: 'one',
    after: (model) => like(model, { running: false }),
  },
  {
    action: 'restart',
    state: 'one',
    method: 'restart',
    running: true,
    input: () => byName,
    end: 'one',
    after: (model) => like(model, { running: true }),
  },
  {
    action: 'verify',
    state: 'changed',
    method: 'verify',
    running: false,
    input: (world) => ({ input: backupAt(world) }),
    end: 'changed',
    after: (model) => like(model, { running: false }),
  },
  {
    action: 'drill',
    state: 'changed',
    method: 'drill',
    running: true,
    input: (world) => ({ ...byName, backup: backupAt(world) }),
    end: 'changed',
    after: (model, running) => like(model, { running }),
  },
  {
    action: 'rehearse',
    state: 'changed',
    method: 'rehearse',
    running: true,
    input: (world) => ({ ...byName, to: '1.1.0', backup: backupAt(world) }),
    end: 'changed',
    after: (model, running) => like(model, { running }),
  },
  {
    action: 'copy',
    state: 'with-destination',
    method: 'copy',
    goesOn: true,
    running: true,
    input: () => byName,
    end: 'with-destination',
    after: (model, running) => like(model, { running }),
  },
  {
    action: 'rescan',
    state: 'changed',
    method: 'rescan',
    running: false,
    input: (world) => ({ ...byName, folder: join(world.live, 'backups') }),
    end: 'changed',
    after: (model, running) => like(model, { running }),
  },
];

export const workflows: readonly Workflow[] = all.filter((workflow) => only.test(nameOf(workflow)));

export function nameOf(workflow: Workflow): string {
  return workflow.variant === undefined ? workflow.action : `${workflow.action} ${workflow.variant}`;
}

const recipes: Recipes = {
  'bare-products': { from: 'bare', make: async (world, call) => call('addProducts', { from: join(world.folder, 'products') }) },
  one: {
    from: 'bare-products',
    make: async (world, call) => {
      await call('setUp', { product: 'stub', release: '1.0.0', home: world.home, name: 'stub', port: world.port });
      await call('stop', byName);
      giveThings(world, 'one');
    },
  },
  'one-altered': {
    from: 'one',
    make: async (world) => writeFileSync(join(world.home, '.moult', 'slots', '1.0.0', 'lib', 'a.txt'), 'altered\n'),
  },
  upgraded: {
    from: 'one',
    make: async (world, call) => {
      await call('upgrade', { ...byName, to: '1.1.0' });
      giveThings(world, 'later');
    },
  },
  'with-backup': { from: 'one', make: async (world, call) => call('backUp', { ...byName, output: backupAt(world) }) },
  'with-destination': {
    from: 'with-backup',
    make: async (world, call) => {
      const folder = join(world.live, 'backups', 'second');
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await call('addDestination', { ...byName, folder });
    },
  },
  changed: {
    from: 'with-backup',
    make: async (world) => {
      giveThings(world, 'changed');
      rmSync(join(world.home, 'notes', 'one.md'));
    },
  },
  'part-changed': {
    from: 'with-backup',
    make: async (world) => {
      giveThings(world, 'changed');
      for (const name of ['one.md', 'deep']) rmSync(join(world.home, 'notes', name), { recursive: true });
      setSecret(world, 'another');
    },
  },
  'part-restored': {
    from: 'with-backup',
    make: async (world) => {
      const deep = join(world.home, 'notes', 'deep');
      cpSync(deep, join(world.folder, 'deep'), { recursive: true, preserveTimestamps: true });
      giveThings(world, 'changed');
      rmSync(deep, { recursive: true });
      cpSync(join(world.folder, 'deep'), deep, { recursive: true, preserveTimestamps: true });
    },
  },
  'notes-restored': {
    from: 'with-backup',
    make: async (world) => {
      const notes = join(world.home, 'notes');
      cpSync(notes, join(world.folder, 'notes'), { recursive: true, preserveTimestamps: true });
      giveThings(world, 'changed');
      rmSync(notes, { recursive: true });
      cpSync(join(world.folder, 'notes'), notes, { recursive: true, preserveTimestamps: true });
    },
  },
  // What no backup tells of, the folder around the datastore, is as private as Moult makes folders.
  'made-anew': { from: 'with-backup', make: async (world) => chmodSync(join(world.home, 'data'), 0o700) },
  'nothing-but-the-backup': { from: 'with-backup', make: onlyFiles },
  // An archive of the product's has no modes but those of programs and of everybody's files.
  'made-anew-of-its-own': { from: 'made-anew', make: async (world) => chmodSync(join(world.home, 'notes', 'one.md'), 0o644) },
  'nothing-but-its-own-file': {
    from: 'with-backup',
    make: async (world, call) => {
      const folder = join(world.folder, 'own');
      rmSync(folder, { recursive: true, force: true });
      cpSync(world.home, folder, { recursive: true });
      writeFileSync(join(folder, 'MANIFEST.json'), JSON.stringify({ format: 1, stub: '1.0.0' }));
      const members = ['MANIFEST.json', 'config.json', 'data/stub.db', 'notes'];
      await create({ cwd: folder, file: ownFile(world), gzip: true, portable: true }, members);
      await onlyFiles(world, call);
    },
  },
  'restored-anew': {
    from: 'nothing-but-the-backup',
    make: async (world, call) => {
      await call('restore', { input: backupAt(world), home: world.home });
      await call('stop', byName);
    },
  },
  restored: { from: 'changed', make: async (world, call) => call('restore', { ...byName, input: backupAt(world) }) },
  'upgraded-with-backup': {
    from: 'with-backup',
    make: async (world, call) => {
      await call('upgrade', { ...byName, to: '1.1.0' });
      giveThings(world, 'later');
    },
  },
  uninstalled: { from: 'one', make: async (_, call) => call('uninstall', byName) },
  purged: { from: 'one', make: async (_, call) => call('uninstall', { ...byName, purge: true }) },
  'hand-made': { from: 'one', make: makeByHand },
};

/** Models of the states that a workflow begins and ends with, each built when it is first asked for. */
export async function modelFor(state: string, world: World, lab: Lab, models: Models): Promise<Model> {
  const known = models[state];
  if (known !== undefined) return known;
  const recipe = (world.recipes ?? recipes)[state];
  if (recipe === undefined) throw new Error(`nobody knows how to make the state ${state}`);
  if (recipe.from !== 'bare') await modelFor(recipe.from, world, lab, models);
  world.reset(recipe.from);
  await recipe.make(world, async (method, input) => {
    const answer = await lab.must({ calls: [{ method, input }] });
    if (!answer.ok) throw new Error(`making the state ${state}: ${method} ${JSON.stringify(answer.error)}`);
  });
  await killServices(world);
  world.save(state);
  const made = modelOf(world);
  models[state] = made;
  return made;
}

function setSecret(world: World, secret: string): void {
  const path = join(world.home, 'config.json');
  writeFileSync(path, `${JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), secret }, null, 2)}\n`);
}

/** A new machine: of the product and of what Moult knew nothing is left but what lies in the folder of backups. */
async function onlyFiles(world: World, call: (method: string, input: object) => Promise<void>): Promise<void> {
  await call('uninstall', { ...byName, purge: true });
  rmSync(world.home, { recursive: true, force: true });
  rmSync(world.moultHome, { recursive: true });
  mkdirSync(world.moultHome, { mode: 0o700 });
  await call('addProducts', { from: join(world.folder, 'products') });
}

/** An install that was there before Moult. */
async function makeByHand(world: World): Promise<void> {
  const before = join(world.folder, 'before');
  rmSync(before, { recursive: true, force: true });
  for (const name of ['notes', 'data']) cpSync(join(world.home, name), join(before, name), { recursive: true });
  world.reset('bare-products');
  cpSync(before, world.home, { recursive: true });
  cpSync(join(world.folder, 'build', 'stub-1.0.0'), join(world.home, 'app'), { recursive: true });
  writeFileSync(join(world.home, 'config.json'), JSON.stringify({ port: world.port, secret: canary }), { mode: 0o600 });
}
