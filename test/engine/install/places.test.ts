import { link, mkdir, rename, symlink } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { checkPlaces } from '../../../electron/engine/install/places.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { descriptorWith, itemsAt, itemText, writeFiles } from './make-install.ts';

afterEach(() => vi.unstubAllEnvs());

const config = itemText('config', '{ path: jotter.json }');
const pages = itemText('pages', '{ setting: { config: main, key: pages }, default: pages }', 'mayLeaveHome: true');

/** The refusal of a setting that puts the pages there, or null. */
async function refusalFor(home: string, value: string, more: string[] = []): Promise<string | null> {
  await writeFiles(home, { 'jotter.json': JSON.stringify({ pages: value }) });
  const items = await itemsAt(home, await descriptorWith([pages, config, ...more].join('\n')));
  return checkPlaces(home, items).then(
    () => null,
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );
}

describe('places that are fine', () => {
  it('are inside the home folder, nested or not there yet', async () => {
    const home = await temporaryFolder();
    await writeFiles(home, { 'data/db': '', 'data/x': '' });
    expect(
      await refusalFor(home, 'notes', [
        itemText('data', '{ path: data }'),
        itemText('db', '{ path: data/db }', '', 'migrate keep remove'),
        itemText('none', '{ glob: "*.none" }'),
      ]),
    ).toBeNull();
  });

  it('are in a folder of their own elsewhere', async () => {
    const outside = await temporaryFolder('outside');
    const home = await temporaryFolder();
    for (const value of [outside, join(outside, 'new'), '/srv/notes/of/mine', join(homedir(), 'notes')])
      expect(await refusalFor(home, value)).toBeNull();
  });

  it('may be links inside the home folder to what another item owns, and the home folder may be a link', async () => {
    const folder = await temporaryFolder();
    const home = join(folder, 'home');
    await writeFiles(join(folder, 'real'), { 'versions/2.db': 'x' });
    await symlink(join(folder, 'real'), home);
    await symlink('versions/2.db', join(home, 'db'));
    expect(await refusalFor(home, 'notes', [itemText('db', '{ path: db }'), itemText('versions', '{ path: versions }')])).toBeNull();
    expect(await refusalFor(home, 'notes', [itemText('db', '{ path: db }')])).toContain('belongs to no item');
  });
});

describe('a setting', () => {
  it.each([
    ['/', 'holds the home folder'],
    ['.', 'is the whole home folder'],
    ['..', 'holds the home folder'],
    [tmpdir(), 'holds the home folder'],
    [homedir(), 'your whole personal folder'],
    [join(homedir(), 'Documents'), 'many programs and people'],
    ['/etc/jotter', 'inside a folder of the system'],
    ['/var/lib', 'other things too'],
    ['/home/somebody', "somebody's whole personal folder"],
    ['.moult/slots', "Moult's own folder"],
    ['jotter.json', 'also the place of "The config"'],
    ['logs/notes', 'is inside "The logs"'],
  ])('that says %s is refused', async (value, says) => {
    const home = await temporaryFolder();
    const refusal = await refusalFor(home, value, [itemText('logs', '{ path: logs }', '', 'keep remove remove')]);
    expect(refusal).toContain('outside-roots: the place of "The pages" is refused: ');
    expect(refusal).toContain(says);
  });

  it("that leads into Moult's own folder is refused", async () => {
    const home = await temporaryFolder();
    const moult = await temporaryFolder('moult');
    vi.stubEnv('MOULT_HOME', moult);
    expect(await refusalFor(home, join(moult, 'backups'))).toContain("inside Moult's own folder");
  });

  it('that leads to a mount point, or around one, is refused', async () => {
    const home = await temporaryFolder();
    expect(await refusalFor(home, '/dev/shm')).toContain('refused');
    expect(await refusalFor(home, '/dev/pts')).toContain('refused');
  });
});

describe('links', () => {
  it('that leave the home folder are refused, wherever they stand in the path', async () => {
    const [home, outside] = [await temporaryFolder(), await temporaryFolder('outside')];
    await writeFiles(outside, { db: '', 'deep/db': '' });
    await symlink(outside, join(home, 'out'));
    await symlink(join(outside, 'db'), join(home, 'db'));
    for (const at of [
      '{ path: out }',
      '{ path: out/db }',
      '{ path: out/deep/none/yet }',
      '{ path: db }',
      '{ glob: "d*" }',
      '{ glob: "o*" }',
    ]) {
      expect(await refusalFor(home, 'notes', [itemText('data', at)])).toContain(
        `a link that leaves the home folder: it leads to ${outside}`,
      );
    }
    expect(await refusalFor(home, 'out/notes')).toContain('a link that leaves the home folder');
  });

  it('that stand where a setting leads outside are refused by name, and links above it are not', async () => {
    const [home, outside] = [await temporaryFolder(), await temporaryFolder('outside')];
    await mkdir(join(outside, 'real'));
    await symlink(join(outside, 'real'), join(outside, 'link'));
    expect(await refusalFor(home, join(outside, 'link'))).toContain('name the folder itself');
    expect(await refusalFor(home, join(outside, 'link', 'notes'))).toBeNull();
    await symlink('/etc', join(outside, 'etc'));
    expect(await refusalFor(home, join(outside, 'etc', 'jotter'))).toContain('leads to /etc/jotter');
    await symlink(home, join(outside, 'home'));
    expect(await refusalFor(home, join(outside, 'home'))).toContain('is the whole home folder');
  });

  it('into .moult are refused', async () => {
    const home = await temporaryFolder();
    await mkdir(join(home, '.moult', 'trash'), { recursive: true });
    await symlink('.moult/trash', join(home, 'bin'));
    expect(await refusalFor(home, 'notes', [itemText('bin', '{ path: bin }')])).toContain('leads into .moult');
  });

  it('are looked at anew each time', async () => {
    const [home, outside] = [await temporaryFolder(), await temporaryFolder('outside')];
    await writeFiles(home, { 'data/x': '', 'jotter.json': '{}' });
    const items = await itemsAt(home, await descriptorWith(`${itemText('data', '{ path: data }')}\n${config}`));
    await expect(checkPlaces(home, items)).resolves.toBeUndefined();
    await rename(join(home, 'data'), join(outside, 'data'));
    await symlink(join(outside, 'data'), join(home, 'data'));
    await expect(checkPlaces(home, items)).rejects.toMatchObject({ code: 'outside-roots' });
  });

  it('of the hard kind are no concern', async () => {
    const [home, outside] = [await temporaryFolder(), await temporaryFolder('outside')];
    await writeFiles(outside, { file: 'x' });
    await link(join(outside, 'file'), join(home, 'db'));
    expect(await refusalFor(home, 'notes', [itemText('db', '{ path: db }')])).toBeNull();
  });
});
