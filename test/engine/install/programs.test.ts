import { chmod, lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findPrograms, foldersOf, programCopies, programsIn } from '../../../electron/engine/install/programs.ts';
import type { Descriptor, ProgramsSpec } from '../../../electron/engine/product/schema.ts';
import { applyCopies, undoCopies } from '../../../electron/engine/slot/copies.ts';
import { keepCopies } from '../../../electron/engine/slot/keep-copies.ts';
import { compareShipped, readShipped } from '../../../electron/engine/slot/stage.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const path = process.env['PATH'];
let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder('programs');
});
afterEach(() => {
  process.env['PATH'] = path;
  delete process.env['TOOL_DIR'];
});

describe('programs on PATH', () => {
  test('are found in every folder of the installer and on PATH; the first of its own is in use', async () => {
    await put('own/tool', 'own/tool-server', 'late/tool', 'strange/tool');
    const found = await search(['strange', 'late', 'own']);
    expect(found?.folder).toBe(join(folder, 'late'));
    expect(found?.copies.map((copy) => [copy.path.slice(folder.length + 1), copy.owned])).toEqual([
      ['strange/tool', false],
      ['late/tool', true],
      ['own/tool', true],
      ['own/tool-server', true],
    ]);
  });

  test('in two names of one folder are one copy', async () => {
    await put('own/tool');
    await symlink('own', join(folder, 'alias'));
    expect((await search(['alias', 'own']))?.copies).toHaveLength(1);
  });

  test('that are nowhere yet go where the installer would put them', async () => {
    await mkdir(join(folder, 'own'));
    expect(await search(['own'])).toEqual({ folder: join(folder, 'own'), copies: [], onPath: true });
    expect(await search([])).toMatchObject({ folder: join(folder, 'home/bin'), onPath: false });
  });

  test('go where a variable says, when it is set', () => {
    const spec = { files: [], folders: ['$TOOL_DIR', '{home}/bin'] } as unknown as ProgramsSpec;
    expect(foldersOf(spec, '/h')).toEqual(['/h/bin']);
    process.env['TOOL_DIR'] = '/opt/tools';
    expect(foldersOf(spec, '/h')).toEqual(['/opt/tools', '/h/bin']);
  });

  test('have the newest of their names in a release', async () => {
    await put('slot/new-tool', 'slot/tool', 'slot/tool-server');
    expect(await programsIn(descriptor(), join(folder, 'slot'))).toEqual({
      tool: join(folder, 'slot/new-tool'),
      'tool-server': join(folder, 'slot/tool-server'),
    });
  });

  test('are replaced in every folder of the installer, and the old ones come back', async () => {
    await put('own/tool', 'own/tool-server', 'late/tool', 'slot/new-tool', 'slot/tool-server');
    const programs = await search(['own', 'late']);
    if (programs === null) throw new Error('nothing found');
    const copies = await programCopies(descriptor(), join(folder, 'slot'), programs);
    const trash = join(folder, 'trash');
    const record = await applyCopies({ slot: join(folder, 'slot'), home: join(folder, 'home'), copies, trash });
    expect(await content('own/tool', 'own/tool-server', 'late/tool')).toEqual(['slot/new-tool', 'slot/tool-server', 'slot/new-tool']);
    await undoCopies(record, trash);
    expect(await content('own/tool', 'own/tool-server', 'late/tool')).toEqual(['own/tool', 'own/tool-server', 'late/tool']);
  });

  test('whose older name is a link to the new one leave the link; where the new one goes, the link is replaced and comes back', async () => {
    await put('own/new-tool', 'slot/new-tool', 'slot/tool-server', 'old/tool');
    await symlink('new-tool', join(folder, 'own/tool'));
    const both: Descriptor = withFiles([
      { name: 'tool', from: ['new-tool', 'tool'] },
      { name: 'new-tool', from: ['new-tool'] },
    ]);
    process.env['PATH'] = join(folder, 'own');
    const programs = await findPrograms(both, join(folder, 'home'));
    if (programs === null) throw new Error('nothing found');
    const copies = await programCopies(both, join(folder, 'slot'), programs);
    expect(copies.map((copy) => copy.to)).toEqual(['new-tool']);
    await applyCopies({ slot: join(folder, 'slot'), home: join(folder, 'home'), copies, trash: join(folder, 'trash-1') });
    expect(await content('own/tool')).toEqual(['slot/new-tool']);
    expect((await lstat(join(folder, 'own/tool'))).isSymbolicLink()).toBe(true);
    const back = await programCopies(both, join(folder, 'old'), programs);
    const trash = join(folder, 'trash-2');
    const record = await applyCopies({ slot: join(folder, 'old'), home: join(folder, 'home'), copies: back, trash });
    expect(await content('own/tool')).toEqual(['old/tool']);
    expect((await lstat(join(folder, 'own/tool'))).isFile()).toBe(true);
    await undoCopies(record, trash);
    expect(await readlink(join(folder, 'own/tool'))).toBe('new-tool');
  });

  test('that only the release of before had go with it', async () => {
    await put('own/tool', 'own/extra', 'new/tool', 'new/extra', 'old/tool');
    const both = withFiles([
      { name: 'tool', from: ['tool'] },
      { name: 'extra', from: ['extra'] },
    ]);
    process.env['PATH'] = join(folder, 'own');
    const programs = await findPrograms(both, join(folder, 'home'));
    if (programs === null) throw new Error('nothing found');
    const [slot, previous] = [join(folder, 'old'), join(folder, 'new')];
    const [copies, previousCopies] = [await programCopies(both, slot, programs), await programCopies(both, previous, programs)];
    const trash = join(folder, 'trash');
    const record = await applyCopies({ slot, home: join(folder, 'home'), copies, trash, previous, previousCopies });
    expect(await readdir(join(folder, 'own'))).toEqual(['tool']);
    await undoCopies(record, trash);
    expect(await content('own/tool', 'own/extra')).toEqual(['own/tool', 'own/extra']);
  });

  test('of a release that nobody offers any more are kept as a slot', async () => {
    await put('own/tool', 'own/tool-server');
    const slots = join(folder, 'slots');
    const files = { tool: join(folder, 'own/tool'), 'tool-server': join(folder, 'own/tool-server') };
    const slot = await keepCopies({ slots, staging: join(folder, 'staging'), release: '1.0.0-alpha.1', files });
    const shipped = await readShipped(slots, '1.0.0-alpha.1');
    if (shipped === null) throw new Error('nothing was written down');
    expect(await compareShipped(slot, shipped)).toEqual({ changed: [], missing: [], foreign: [] });
    expect(await readFile(join(slot, 'tool'), 'utf8')).toBe('own/tool');
  });
});

function descriptor(): Descriptor {
  return withFiles([
    { name: 'tool', from: ['new-tool', 'tool'] },
    { name: 'tool-server', from: ['tool-server'] },
  ]);
}

function withFiles(files: { name: string; from: string[] }[]): Descriptor {
  const folders = [join(folder, 'own'), join(folder, 'late'), '{home}/bin'];
  return { payload: { driver: 'files', strip: 0, copies: [], programs: { files, folders } } } as unknown as Descriptor;
}

function search(onPath: readonly string[]) {
  process.env['PATH'] = onPath.map((name) => join(folder, name)).join(':');
  return findPrograms(descriptor(), join(folder, 'home'));
}

/** Programs whose content is their own name. */
async function put(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), name);
    await chmod(join(folder, name), 0o755);
  }
}

function content(...names: string[]): Promise<string[]> {
  return Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
}
