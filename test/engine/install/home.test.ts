import { execFile } from 'node:child_process';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { checkHome, inspectHome, type HomePurpose } from '../../../electron/engine/install/home.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { writeFiles } from './make-install.ts';

const purposes: HomePurpose[] = ['set-up', 'adopt', 'purge'];

/** The message that a process without the superuser's rights gets: whether a folder is writable is asked for the real user, not the effective one. */
async function inspectAsNobody(home: string, purpose: HomePurpose): Promise<string> {
  const script = fileURLToPath(new URL('./inspect-as-nobody.ts', import.meta.url));
  return (await promisify(execFile)(process.execPath, [script, home, purpose])).stdout;
}

afterEach(() => vi.unstubAllEnvs());

describe.runIf(process.platform === 'linux')('homes that are more than one folder', () => {
  it.each([
    ['/', 'root of the whole system'],
    ['//', 'root of the whole system'],
    ['/usr/..', 'root of the whole system'],
    [homedir(), 'your whole personal folder'],
    [`${homedir()}/`, 'your whole personal folder'],
    [join(homedir(), 'Documents'), 'many programs and people'],
    [join(homedir(), '.ssh'), 'many programs and people'],
    [join(homedir(), '.local', 'share'), 'many programs and people'],
    ['/home', 'holds'],
    ['/home/somebody', "somebody's whole personal folder"],
    ['/etc', 'system'],
    ['/etc/jotter', 'inside a folder of the system'],
    ['/usr', 'system'],
    ['/usr/share/jotter', 'inside a folder of the system'],
    ['/usr/local', 'other things too'],
    ['/usr/local/bin', 'other things too'],
    ['/var', 'system'],
    ['/var/lib', 'other things too'],
    ['/opt', 'other things too'],
    ['/srv', 'other things too'],
    ['/tmp', 'other things too'],
    [tmpdir(), 'other things too'],
    ['/bin', 'system'],
    ['/boot/x', 'inside a folder of the system'],
    ['/proc/self', 'system'],
    ['/sys', 'system'],
    ['/dev/x', 'inside a folder of the system'],
  ])('%s is refused for every purpose', async (home, says) => {
    for (const purpose of purposes) {
      const result = await inspectHome(home, purpose);
      expect(result).toMatchObject({ status: 'fail', code: 'bad-home', remedy: { action: 'choose-folder' } });
      if (says !== 'holds') expect(result.message).toContain(says);
      await expect(checkHome(home, purpose)).rejects.toMatchObject({ code: 'bad-home', message: result.message });
    }
  });

  it('are refused through links as well', async () => {
    const folder = await temporaryFolder();
    await symlink('/etc', join(folder, 'link'));
    for (const name of ['link', 'link/jotter'])
      expect((await inspectHome(join(folder, name), 'set-up')).message).toContain('leads to /etc');
  });

  it.each([
    '/opt/jotter',
    '/srv/jotter',
    '/var/lib/jotter',
    '/usr/local/jotter',
    join(homedir(), '.jotter'),
    join(homedir(), '.config', 'jotter'),
  ])('%s is not among them', async (home) => {
    const result = await inspectHome(home, 'set-up');
    expect(result.message).not.toMatch(/cannot be a home/);
  });

  it('are told from mounted disks', async () => {
    expect((await inspectHome('/dev/pts', 'set-up')).status).toBe('fail');
    const { readFile } = await import('node:fs/promises');
    const mounted = (await readFile('/proc/self/mountinfo', 'utf8'))
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      .find((path) => /^\/(?:mnt|srv|opt|data|workspace|work)\/?[^/]*$/.test(path));
    if (mounted !== undefined) expect((await inspectHome(mounted, 'purge')).message).toMatch(/mount point|other things too/);
  });
});

describe('a home', () => {
  it.each([
    ['', 'no home folder is named'],
    ['relative/path', 'not an absolute path'],
    ['/srv/a\nb', 'control character'],
    ['/srv/a\0b', 'control character'],
    ['/srv/\u001b[31m', 'control character'],
    [`/srv/${'x'.repeat(300)}`, 'too long'],
  ])('named %j is refused', async (home, says) => {
    const { status, message } = await inspectHome(home, 'set-up');
    expect([status, message]).toEqual(['fail', expect.stringContaining(says)]);
    expect(message).not.toMatch(/[\u0000-\u001f]/);
  });

  it('can be made where there is none, parents too, and that makes nothing', async () => {
    const folder = await temporaryFolder();
    const home = join(folder, 'a', 'b', 'home');
    expect(await inspectHome(home, 'set-up')).toMatchObject({ status: 'pass' });
    expect((await inspectHome(home, 'adopt')).message).toBe(`${home} does not exist`);
    expect((await inspectHome(home, 'purge')).status).toBe('fail');
    const { readdir } = await import('node:fs/promises');
    expect(await readdir(folder)).toEqual([]);
  });

  it('that is not empty is told, and one that only Moult left is not', async () => {
    const home = await temporaryFolder();
    await mkdir(join(home, '.moult'));
    expect((await inspectHome(home, 'set-up')).status).toBe('pass');
    await writeFile(join(home, 'thesis.txt'), '');
    expect(await inspectHome(home, 'set-up')).toMatchObject({ status: 'warn', message: expect.stringContaining('1 entry') });
    expect((await inspectHome(home, 'adopt')).status).toBe('pass');
    await expect(checkHome(home, 'set-up')).resolves.toBeUndefined();
  });

  it('that is a file, below a file or a link to nowhere is refused', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), '');
    await symlink(join(folder, 'nowhere'), join(folder, 'dangling'));
    await symlink('circle', join(folder, 'circle'));
    expect((await inspectHome(join(folder, 'file'), 'set-up')).message).toContain('it is a file');
    expect((await inspectHome(join(folder, 'file', 'a', 'b'), 'set-up')).message).toContain(`${join(folder, 'file')} is not a folder`);
    expect((await inspectHome(join(folder, 'dangling'), 'set-up')).message).toContain('leads nowhere');
    expect((await inspectHome(join(folder, 'circle'), 'set-up')).message).toContain('circle');
  });

  it('that is read-only is refused', async () => {
    const folder = await temporaryFolder();
    // Outside the folder that only the superuser may enter.
    for (let above = folder; above.startsWith(`${tmpdir()}/`); above = dirname(above)) await chmod(above, 0o755);
    await mkdir(join(folder, 'home'), { mode: 0o555 });
    expect(await inspectAsNobody(join(folder, 'home'), 'adopt')).toContain('read-only for you');
    expect(await inspectAsNobody(join(folder, 'home', 'new', 'er'), 'set-up')).toContain(`${join(folder, 'home')} is read-only for you`);
  });

  it("that is in or around Moult's own folder, or inside another install, is refused", async () => {
    const folder = await temporaryFolder();
    vi.stubEnv('MOULT_HOME', join(folder, 'moult'));
    expect((await inspectHome(join(folder, 'moult', 'x'), 'set-up')).message).toContain("inside Moult's own folder");
    expect((await inspectHome(join(folder, 'moult'), 'set-up')).status).toBe('fail');
    expect((await inspectHome(folder, 'set-up')).message).toContain("holds Moult's own folder");
    await writeFiles(folder, { 'one/.moult/install.json': '{}' });
    expect((await inspectHome(join(folder, 'one', 'deep', 'two'), 'set-up')).message).toContain(
      `inside ${join(folder, 'one')}, the home of another install`,
    );
    expect((await inspectHome(join(folder, 'one', '.moult', 'slots', 'x'), 'set-up')).message).toContain('inside a .moult folder');
    expect((await inspectHome(join(folder, 'one'), 'set-up')).status).toBe('pass');
  });
});
