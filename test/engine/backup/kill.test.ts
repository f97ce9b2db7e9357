import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readManifest } from '../../../electron/engine/backup/read-backup.ts';
import { verifyBackup } from '../../../electron/engine/backup/verify-backup.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { backUp, workspace } from './samples.ts';

const script = fileURLToPath(new URL('./back-up-slowly.ts', import.meta.url));

it('leaves only what nothing takes for a backup when it is killed, and is not in the way of the next', async () => {
  const folder = await temporaryFolder('kill');
  const tree = join(folder, 'tree');
  const backups = join(folder, 'backups');
  await mkdir(tree);
  await mkdir(backups);
  for (let number = 0; number < 20; number += 1)
    await writeFile(join(tree, `file-${number}`), Buffer.alloc(3_000_000, `content ${number} `));
  for (const phase of ['first', 'verify', 'changes']) {
    const path = join(backups, `${phase}.tar.zst`);
    const child = spawn(process.execPath, [script, tree, path, phase], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const [left = '', ...more] = await readdir(backups);
    expect(more).toEqual([]);
    expect(left).toMatch(new RegExp(`^\\.${phase}\\.tar\\.zst\\.[0-9a-f]{8}\\.partial$`));
    await expect(readManifest(join(backups, left))).rejects.toMatchObject({ code: 'bad-backup' });
    expect(await verifyBackup(join(backups, left))).toMatchObject({ verdict: 'bad', id: null });
    const sealed = await backUp(path, [workspace(tree)]);
    expect(sealed.files).toBe(20);
    expect((await readdir(backups)).sort()).toEqual([left, `${phase}.tar.zst`].sort());
    for (const name of await readdir(backups)) await rm(join(backups, name));
  }
});
