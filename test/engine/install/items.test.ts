import { mkdir, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configValue } from '../../../electron/engine/install/items.ts';
import { ownedRoots } from '../../../electron/engine/install/places.ts';
import { resourcesFolder } from '../../../electron/engine/platform/environment.ts';
import { loadDescriptor } from '../../../electron/engine/product/load.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { descriptorWith, itemsAt, itemText, named, writeFiles } from './make-install.ts';

const config = itemText('config', '{ path: jotter.json }');

describe('places', () => {
  it('are the first candidate that exists, else the first', async () => {
    const home = await temporaryFolder();
    const descriptor = await descriptorWith(itemText('data', '{ path: a.db }, { glob: "old/*.db" }, { path: b.db }'));
    expect(named(await itemsAt(home, descriptor), 'data')).toMatchObject({
      paths: [join(home, 'a.db')],
      names: ['a.db'],
      exists: false,
      outsideHome: false,
    });
    await writeFiles(home, { 'b.db': '' });
    expect(named(await itemsAt(home, descriptor), 'data').names).toEqual(['b.db']);
    await writeFiles(home, { 'old/2.db': '', 'old/1.db': '', 'old/.x.db': '' });
    expect(named(await itemsAt(home, descriptor), 'data')).toMatchObject({ names: ['old/1.db', 'old/2.db'], exists: true });
    await writeFiles(home, { 'a.db': '' });
    expect(named(await itemsAt(home, descriptor), 'data').names).toEqual(['a.db']);
  });

  it('count when they are links that lead nowhere', async () => {
    const home = await temporaryFolder();
    await symlink('/nowhere/at/all', join(home, 'a.db'));
    expect(named(await itemsAt(home, await descriptorWith(itemText('data', '{ path: a.db }'))), 'data').exists).toBe(true);
  });

  it('that settings name are relative to the home folder, or outside where that is allowed', async () => {
    const home = await temporaryFolder();
    const outside = await temporaryFolder('outside');
    const setting = (more: string) =>
      descriptorWith(`${itemText('pages', '{ setting: { config: main, key: pages.folder }, default: pages }', more)}\n${config}`);
    const [free, bound] = [await setting('mayLeaveHome: true'), await setting('')];
    const placeFor = async (value: string, descriptor = free) => {
      await writeFiles(home, { 'jotter.json': JSON.stringify({ pages: { folder: value } }) });
      return named(await itemsAt(home, descriptor), 'pages');
    };
    expect(named(await itemsAt(home, free), 'pages').paths).toEqual([join(home, 'pages')]);
    expect((await placeFor('texts/')).paths).toEqual([join(home, 'texts')]);
    expect((await placeFor('')).paths).toEqual([join(home, 'pages')]);
    expect(await placeFor(`${outside}/notes/`)).toMatchObject({
      paths: [`${outside}/notes`],
      names: ['notes'],
      outsideHome: true,
      exists: false,
    });
    expect((await placeFor('~/x')).paths).toEqual([join(homedir(), 'x')]);
    expect((await placeFor(join(home, 'in'), bound)).names).toEqual(['in']);
    const items = await itemsAt(home, free);
    expect(ownedRoots(home, items)).toEqual([home]);
    for (const value of [outside, '../x', 'a/../../x', '~/x', '/']) {
      await expect(placeFor(value, bound)).rejects.toMatchObject({ code: 'outside-roots', details: { item: 'pages' } });
    }
    expect(ownedRoots(home, [await placeFor(outside)])).toEqual([home, outside]);
    for (const value of [5, ['a'], { a: 1 }, 'a\0b', 'a\nb']) {
      await writeFiles(home, { 'jotter.json': JSON.stringify({ pages: { folder: value } }) });
      await expect(itemsAt(home, free)).rejects.toMatchObject({ code: 'bad-config' });
    }
  });

  it('of keys are there when one of the keys is', async () => {
    const home = await temporaryFolder();
    const descriptor = await descriptorWith(
      `${itemText('login', '{ keys: { config: main, keys: [admin.name, admin.hash] } }')}\n${config}`,
    );
    expect(named(await itemsAt(home, descriptor), 'login')).toMatchObject({
      kind: 'keys',
      exists: false,
      paths: [join(home, 'jotter.json')],
      keys: { format: 'json', keys: ['admin.name', 'admin.hash'] },
    });
    await writeFiles(home, { 'jotter.json': '{"admin":{"hash":"x"}}' });
    expect(named(await itemsAt(home, descriptor), 'login').exists).toBe(true);
    expect(await configValue(descriptor, home, { config: 'main', key: 'admin.hash' })).toBe('x');
    expect(await configValue(descriptor, `${home}/none`, { config: 'main', key: 'admin.hash' })).toBeUndefined();
    await writeFiles(home, { 'jotter.json': '{' });
    await expect(itemsAt(home, descriptor)).rejects.toMatchObject({ code: 'bad-config' });
  });

  it('of a release are in the slot, or nowhere', async () => {
    const [home, slot] = [await temporaryFolder(), await temporaryFolder('slot')];
    const descriptor = await descriptorWith(
      `${itemText('program', '{ slot: . }', '', 'replace remove remove')}\n${itemText('tools', '{ slot: bin }', '', 'replace remove remove')}`,
    );
    await mkdir(join(slot, 'bin'));
    expect((await itemsAt(home, descriptor, slot)).map(({ kind, paths, exists }) => [kind, paths, exists])).toEqual([
      ['slot', [slot], true],
      ['slot', [join(slot, 'bin')], true],
    ]);
    expect((await itemsAt(home, descriptor)).map(({ paths, exists }) => [paths, exists])).toEqual([
      [[], false],
      [[], false],
    ]);
  });
});

describe('globs', () => {
  it('take folders whole, enter no link and never see .moult', async () => {
    const home = await temporaryFolder();
    await writeFiles(home, { 'a/x.txt': '', 'a/b/y.txt': '', 'c.txt': '', '.d/z.txt': '', '.moult/m.txt': '', 'lib/deep/er/w.txt': '' });
    await symlink(join(home, 'lib'), join(home, 'a', 'link'));
    const namesOf = async (glob: string) =>
      named(await itemsAt(home, await descriptorWith(itemText('data', `{ glob: "${glob}" }`))), 'data').names;
    expect(await namesOf('*')).toEqual(['a', 'c.txt', 'lib']);
    expect(await namesOf('{*,.*}')).toEqual(['.d', 'a', 'c.txt', 'lib']);
    expect(await namesOf('**/*.txt')).toEqual(['a/b/y.txt', 'a/x.txt', 'c.txt', 'lib/deep/er/w.txt']);
    expect(await namesOf('a/*')).toEqual(['a/b', 'a/link', 'a/x.txt']);
    expect(await namesOf('**/{a,b}')).toEqual(['a']);
    expect(await namesOf('lib/**')).toEqual(['lib/deep']);
    expect(await namesOf('c.txt/*')).toEqual(['c.txt/*']);
  });

  it('leave a path to the item that names it more precisely', async () => {
    const home = await temporaryFolder();
    await writeFiles(home, { 'flows.json': '', 'flows_cred.json': '', 'flows_x_cred.json': '', 'same.txt': '' });
    const descriptor = await descriptorWith(
      [
        itemText('all', '{ glob: "{flows*.json,*.txt}" }'),
        itemText('cred', '{ glob: "flows*_cred.json" }'),
        itemText('one', '{ path: flows_x_cred.json }'),
        itemText('late', '{ glob: "*.txt" }'),
      ].join('\n'),
    );
    const items = await itemsAt(home, descriptor);
    expect(items.map(({ item, names, exists }) => [item.id, names, exists])).toEqual([
      ['all', ['flows.json', 'same.txt'], true],
      ['cred', ['flows_cred.json'], true],
      ['one', ['flows_x_cred.json'], true],
      ['late', ['*.txt'], false],
    ]);
  });

  it("give each of Node-RED's files to one item", async () => {
    const home = await temporaryFolder();
    // What Node-RED 4.1 and 5.0 leave in a user folder after two deployments.
    const files = [
      '.config.nodes.json',
      '.config.nodes.json.backup',
      '.config.runtime.json',
      '.config.runtime.json.backup',
      '.config.users.json',
      '.flows.json.backup',
      '.flows_cred.json.backup',
      '.sessions.json',
      'flows.json',
      'flows_cred.json',
      'settings.js',
      'package.json',
      'node_modules/x/package.json',
      'lib/flows/a.json',
      'projects/p/flows.json',
      'context/global.json',
      'logs/node-red.log',
    ];
    await writeFiles(home, Object.fromEntries(files.map((file) => [file, '{"_credentialSecret":"x"}'])));
    const items = await itemsAt(home, await loadDescriptor(join(resourcesFolder(), 'products', 'node-red.yaml')));
    const owned = Object.fromEntries(items.filter((one) => one.kind === 'files').map((one) => [one.item.id, one.names]));
    expect(owned).toEqual({
      workspace: ['.flows.json.backup', 'flows.json'],
      credentials: ['.flows_cred.json.backup', 'flows_cred.json'],
      settings: ['.config.runtime.json', '.config.runtime.json.backup', '.config.users.json', 'settings.js'],
      'node-list': ['.config.nodes.json', '.config.nodes.json.backup'],
      sessions: ['.sessions.json'],
      nodes: ['node_modules', 'package.json'],
      library: ['lib'],
      projects: ['projects'],
      context: ['context'],
      logs: ['logs'],
    });
    expect(named(items, 'credential-secret').exists).toBe(true);
  });
});
