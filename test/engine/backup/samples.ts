/** What the tests of this room share: a header, a tree with every kind of entry, a look at a tree, and other programs. */
import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, readdir, readFile, readlink, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BackupHeader, BackupSource, SealedBackup } from '../../../electron/engine/backup/backup-format.ts';
import { openBackup } from '../../../electron/engine/backup/open-backup.ts';

export const header: BackupHeader = {
  product: 'sprig',
  install: 'sprig',
  release: '1.2.0',
  schema: { version: '7', ledger: 'plain-table', known: '7' },
  reason: 'asked',
  items: [
    {
      item: 'workspace',
      title: 'Workspace',
      fate: 'preserve',
      kind: 'files',
      places: [{ as: '', path: '/home/me/notes', relativeToHome: null }],
    },
    ...['data', 'config', 'store', 'absent'].map((item) => ({
      item,
      title: item,
      fate: 'preserve' as const,
      kind: 'files' as const,
      places: [{ as: item, path: `/home/me/${item}`, relativeToHome: null }],
    })),
    { item: 'signing-secret', title: 'JWT signing secret', fate: 'preserve', kind: 'keys', places: [] },
  ],
  secretsFingerprint: 'a'.repeat(64),
};

export function workspace(path: string): BackupSource {
  return { item: 'workspace', path, as: '' };
}

/** Backs up in one pass. */
export async function backUp(to: string, sources: readonly BackupSource[]): Promise<SealedBackup> {
  const writer = await openBackup({ to });
  try {
    await writer.addFirstPass(sources);
    return await writer.seal(header);
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** A tree with an entry of every kind that a backup keeps. */
export async function makeTree(root: string): Promise<void> {
  await mkdir(join(root, 'deep', 'er', 'x'.repeat(120), 'y'.repeat(120)), { recursive: true });
  await mkdir(join(root, 'empty'), { mode: 0o700 });
  await writeFile(join(root, 'note.md'), '# A note\n', { mode: 0o640 });
  await writeFile(join(root, 'nothing'), '');
  await writeFile(join(root, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  await writeFile(join(root, 'deep', 'er', 'x'.repeat(120), 'y'.repeat(120), 'z'.repeat(255)), 'long names');
  await writeFile(join(root, 'süß 🌱 "quoted"\nnew line'), 'names beyond ASCII');
  await writeFile(Buffer.concat([Buffer.from(`${root}/not-utf8-`), Buffer.from([0xff, 0xc3, 0x28])]), 'a name that is no text');
  await writeFile(join(root, 'large.bin'), Buffer.alloc(9 * 1024 * 1024 + 17, 'numbers that go on and on '));
  await writeFile(join(root, 'sparse'), 'begin');
  await truncate(join(root, 'sparse'), 6 * 1024 * 1024);
  await symlink('note.md', join(root, 'link'));
  await symlink('/etc/hostname', join(root, 'link-out'));
  await symlink('nowhere/at/all', join(root, 'dangling'));
  for (let number = 0; number < 300; number += 1) {
    const path = join(root, 'empty', `many-${number}.json`);
    await writeFile(path, JSON.stringify({ number }).repeat(number));
    // Away from the end of a second: other programs cut times where a comparison rounds them.
    await utimes(path, 1_650_000_000.25 + number, 1_650_000_000.25 + number);
  }
  await chmod(join(root, 'empty'), 0o500);
  await utimes(join(root, 'note.md'), 1_600_000_000.25, 1_600_000_000.25);
  await utimes(join(root, 'run.sh'), -1000, -1000);
}

/** Everything that a restore must bring back of a tree, one line an entry. */
export async function describeTree(root: string): Promise<string[]> {
  const lines: string[] = [];
  const look = async (path: Buffer, name: string): Promise<void> => {
    const stats = await lstat(path);
    const facts = `${name} ${(stats.mode & 0o7777).toString(8)} ${stats.uid}:${stats.gid} ${Math.round(stats.mtimeMs)}`;
    if (stats.isSymbolicLink()) lines.push(`${facts} -> ${await readlink(path)}`);
    else if (stats.isFile()) lines.push(`${facts} ${stats.size} ${(await readFile(path)).toString('base64').slice(0, 200)}`);
    else {
      lines.push(`${facts}/`);
      for (const below of (await readdir(path, { encoding: 'buffer' })).sort((one, other) => one.compare(other))) {
        await look(Buffer.concat([path, Buffer.from('/'), below]), `${name}/${below.toString('latin1')}`);
      }
    }
  };
  await look(Buffer.from(root), '');
  return lines;
}

const exec = promisify(execFile);

/** Runs a program of the system; its output, or an error with it. */
export async function program(file: string, ...args: string[]): Promise<string> {
  const { stdout } = await exec(file, args, { maxBuffer: 1 << 28, env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  return stdout;
}
