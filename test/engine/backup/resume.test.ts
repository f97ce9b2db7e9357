/** An unpacking that was cut off and goes on: what is whole stays, everything else is made anew. */
import { lstat, readFile, truncate, utimes, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBackup } from '../../../electron/engine/backup/open-backup.ts';
import { unpackBackup } from '../../../electron/engine/backup/unpack-backup.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { treeState } from '../../support/tree-state.ts';
import { mkdir, symlink } from 'node:fs/promises';

test('goes on with whole files, and with no others', async () => {
  const folder = await temporaryFolder('resume');
  const source = join(folder, 'source');
  await mkdir(join(source, 'deep'), { recursive: true });
  for (const name of ['whole.bin', 'short.bin', 'altered.bin', 'deep/gone.bin']) await writeFile(join(source, name), randomBytes(300_000));
  await writeFile(join(source, 'large.bin'), randomBytes(9_000_000));
  await symlink('whole.bin', join(source, 'link'));
  const to = join(folder, 'one.tar.zst');
  const writer = await openBackup({ to });
  await writer.addFirstPass([{ item: 'things', path: source, as: 'source' }]);
  await writer.seal({
    product: 'test',
    install: 'test',
    release: null,
    schema: { version: null, ledger: null, known: null },
    reason: 'asked',
    items: [{ item: 'things', title: 'Things', fate: 'preserve', kind: 'files', places: [] }],
    secretsFingerprint: null,
  });
  const out = join(folder, 'out');
  const into = (entry: { as: string }) => join(out, entry.as);
  await unpackBackup(to, { into });
  const at = (name: string) => join(out, 'source', name);
  const before = await lstat(at('whole.bin'));
  await truncate(at('short.bin'), 100_000);
  await truncate(at('large.bin'), 5_000_000);
  const { mtime } = await lstat(at('altered.bin'));
  await writeFile(at('altered.bin'), randomBytes(300_000));
  await utimes(at('altered.bin'), mtime, mtime);
  await expect(unpackBackup(to, { into })).rejects.toMatchObject({ code: 'bad-archive' });
  await unpackBackup(to, { into, resume: true });
  expect(await treeState(out)).toEqual({ ...(await treeState(out)), ...prefixed(await treeState(source)) });
  expect((await lstat(at('whole.bin'))).ino).toBe(before.ino);
  expect(await readFile(at('large.bin'))).toEqual(await readFile(join(source, 'large.bin')));
});

function prefixed(state: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(state).map(([path, line]) => [join('source', path), line]));
}
