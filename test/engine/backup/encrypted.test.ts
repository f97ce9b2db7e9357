import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { newIdentity } from '../../../electron/engine/backup/age-header.ts';
import type { Lock } from '../../../electron/engine/backup/age-outside.ts';
import { plainLength, SealingStream, openChunks, stretchOf } from '../../../electron/engine/backup/age-payload.ts';
import { isSigned, labelPath, readLabel } from '../../../electron/engine/backup/backup-label.ts';
import { openBackup } from '../../../electron/engine/backup/open-backup.ts';
import { openBackupFile, listMembers, readManifest } from '../../../electron/engine/backup/read-backup.ts';
import { unlockBackup, sealOf } from '../../../electron/engine/backup/unlock-backup.ts';
import { unpackBackup } from '../../../electron/engine/backup/unpack-backup.ts';
import { verifyBackup } from '../../../electron/engine/backup/verify-backup.ts';
import { knownKey } from '../../../electron/engine/backup/known-keys.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { inItsOwnProcess } from './encrypted-elsewhere.ts';
import { describeTree, header, makeTree, program, workspace } from './samples.ts';

/** Scrypt, and processes that begin anew: on a busy machine each takes its time. */
vi.setConfig({ testTimeout: 180_000 });

/** Backs up in two passes, read back in between, as an upgrade does. */
async function backUpLocked(to: string, tree: string, lock: Lock) {
  const writer = await openBackup({ to, lock });
  try {
    await writer.addFirstPass([workspace(tree)]);
    await writer.verifyWritten();
    await writeFile(join(tree, 'late.md'), 'written between the passes\n');
    await writer.addChanges([workspace(tree)]);
    return await writer.seal(header);
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

async function treeIn(folder: string): Promise<string> {
  const tree = join(folder, 'tree');
  await makeTree(tree);
  await writeFile(join(tree, 'random.bin'), randomBytes(7 * 1024 * 1024 + 3));
  await rm(join(tree, 'empty'), { recursive: true });
  return tree;
}

const below = (root: string) => (entry: { as: string }) => (entry.as === '' ? root : join(root, entry.as));

describe.each(['tar.zst', 'tar.gz'])('an encrypted .%s', (ending) => {
  it('is opened by age and tar alone, and holds what was there', async () => {
    const folder = await temporaryFolder('encrypted');
    const tree = await treeIn(folder);
    const { identity, recipient } = await newIdentity();
    const path = join(folder, `b.${ending}.age`);
    const sealed = await backUpLocked(path, tree, { recipients: [recipient] });
    const bytes = await readFile(path);
    expect(sealed).toMatchObject({
      encrypted: true,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    await writeFile(join(folder, 'key.txt'), `# a key\n${identity}\n`, { mode: 0o600 });
    await mkdir(join(folder, 'out'));
    const flag = ending === 'tar.zst' ? '--zstd' : '-z';
    await program('sh', '-c', `age -d -i "$1/key.txt" "$2" | tar ${flag} -xpf - -C "$1/out"`, 'sh', folder, path);
    const whole = (lines: string[]) => lines.map((line) => line.replace(/(:\d+ )(-?\d+)/, '$1'));
    expect(whole(await describeTree(join(folder, 'out', 'items', 'workspace')))).toEqual(whole(await describeTree(tree)));
  });

  it('is listed, verified and unpacked with its key, in a process that did not make it', async () => {
    const folder = await temporaryFolder('encrypted');
    const tree = await treeIn(folder);
    const { identity, recipient } = await newIdentity();
    const stranger = await newIdentity();
    const path = join(folder, `b.${ending}.age`);
    await backUpLocked(path, tree, { recipients: [stranger.recipient, recipient] });
    const seen = await inItsOwnProcess({ path, identities: [identity], passphrases: [], out: join(folder, 'out') });
    expect(seen.without).toBe('needs-key');
    expect(seen.wrong).toBe(false);
    expect(seen.verdict).toEqual({ verdict: 'unproven', problems: [] });
    expect(seen.product).toBe('sprig');
    expect(await describeTree(join(folder, 'out'))).toEqual(await describeTree(tree));
  });
});

describe('a passphrase', () => {
  it('locks a backup that age opens with it, and nothing else does', async () => {
    const folder = await temporaryFolder('encrypted');
    const tree = join(folder, 'tree');
    await mkdir(tree);
    await writeFile(join(tree, 'note.md'), 'a note');
    const path = join(folder, 'b.tar.zst.age');
    await backUpLocked(path, tree, { passphrase: 'correct horse battery staple' });
    const seen = await inItsOwnProcess({ path, identities: [], passphrases: ['correct horse battery staple'], out: join(folder, 'out') });
    expect(seen).toMatchObject({ without: 'needs-key', wrong: false, verdict: { verdict: 'unproven', problems: [] } });
    expect(await readFile(join(folder, 'out', 'note.md'), 'utf8')).toBe('a note');
    // age reads a passphrase from a terminal only; `script` is one.
    const command = `age -d -o ${join(folder, 'plain.tar.zst')} ${path}`;
    await program(
      'sh',
      '-c',
      `{ sleep 2; echo 'correct horse battery staple'; until [ -e "$2" ]; do sleep 0.2; done; } | script -qec "$1; touch $2" /dev/null >/dev/null`,
      'sh',
      command,
      join(folder, 'done'),
    );
    expect((await program('tar', '--zstd', '-tf', join(folder, 'plain.tar.zst'))).split('\n')).toContain('items/workspace/note.md');
  });
});

describe('what an encrypted backup tells without a key', () => {
  it('is a label without names of files, that follows the file and cannot be changed unnoticed', async () => {
    const folder = await temporaryFolder('encrypted');
    const tree = await treeIn(folder);
    const { recipient } = await newIdentity();
    const path = join(folder, 'b.tar.zst.age');
    const sealed = await backUpLocked(path, tree, { recipients: [recipient] });
    const text = await readFile(labelPath(path), 'utf8');
    expect(text).not.toMatch(/note\.md|large\.bin|workspace|JWT|home\/me|aaaa/);
    expect((await stat(labelPath(path))).mode & 0o777).toBe(0o600);
    const seal = (await sealOf(path))?.sealId ?? '';
    const read = await readLabel(path, seal);
    expect(read?.label).toMatchObject({ id: sealed.id, product: 'sprig', release: '1.2.0', bytes: sealed.bytes, sha256: sealed.sha256 });
    const key = knownKey(seal) ?? new Uint8Array();
    expect(read !== null && isSigned(read, key)).toBe(true);
    await writeFile(labelPath(path), text.replace('"release": "1.2.0"', '"release": "9.9.9"'));
    const changed = await readLabel(path, seal);
    expect(changed?.label.release).toBe('9.9.9');
    expect(changed !== null && isSigned(changed, key)).toBe(false);
    expect(await verifyBackup(path)).toMatchObject({ verdict: 'unproven', problems: [expect.stringContaining('label') as string] });
    // A label that was put beside another file is none.
    expect(await readLabel(path, 'f'.repeat(64))).toBeNull();
  });

  it('hides every name and content in the file itself', async () => {
    const folder = await temporaryFolder('encrypted');
    const tree = await treeIn(folder);
    const { recipient } = await newIdentity();
    const path = join(folder, 'b.tar.zst.age');
    await backUpLocked(path, tree, { recipients: [recipient] });
    const bytes = (await readFile(path)).toString('latin1');
    for (const word of ['note.md', 'sprig', 'manifest.json', 'MOULTEND', 'moult-backup', recipient]) expect(bytes).not.toContain(word);
  });
});

describe('damage', () => {
  it('of any chunk, a cut at any place and chunks that changed places are found', async () => {
    const folder = await temporaryFolder('encrypted');
    const tree = await treeIn(folder);
    const { recipient } = await newIdentity();
    const path = join(folder, 'b.tar.zst.age');
    await backUpLocked(path, tree, { recipients: [recipient] });
    const whole = await readFile(path);
    const seal = await sealOf(path);
    const from = (seal?.header.length ?? 0) + 16;
    const judge = async () => {
      const { verdict, problems } = await verifyBackup(path);
      return verdict === 'bad' && problems.length > 0;
    };
    expect(await judge()).toBe(false);
    for (const at of [from, from + 65_551, from + 70_000, Math.floor(whole.length / 2), whole.length - 20, whole.length - 1]) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      await writeFile(path, damaged);
      expect(await judge(), `byte ${at}`).toBe(true);
    }
    await writeFile(path, whole);
    for (const length of [from + 65_552, from + 10 * 65_552, whole.length - 1, whole.length - 65_552]) {
      await truncate(path, length);
      expect(await judge(), `cut at ${length}`).toBe(true);
      await writeFile(path, whole);
    }
    const swapped = Buffer.from(whole);
    whole.copy(swapped, from, from + 65_552, from + 2 * 65_552);
    whole.copy(swapped, from + 65_552, from, from + 65_552);
    await writeFile(path, swapped);
    expect(await judge()).toBe(true);
  });

  it('of the header is told from a wrong key', async () => {
    const folder = await temporaryFolder('encrypted');
    const tree = join(folder, 'tree');
    await mkdir(tree);
    const { identity, recipient } = await newIdentity();
    const path = join(folder, 'b.tar.zst.age');
    await backUpLocked(path, tree, { recipients: [recipient] });
    await expect(openBackupFile(path, undefined, randomBytes(16))).rejects.toMatchObject({ code: 'wrong-key' });
    const file = await open(path, 'r+');
    await file.write(Buffer.from('-> X25519 Z'), 0, 11, 22);
    await file.close();
    expect(await unlockBackup(path, { identities: [identity], passphrases: [] })).toBe(false);
    await expect(readManifest(path)).rejects.toMatchObject({ code: 'needs-key' });
  });
});

describe('asking for encryption', () => {
  it('is refused by a name that does not fit, and leaves nothing behind', async () => {
    const folder = await temporaryFolder('encrypted');
    const { recipient } = await newIdentity();
    await expect(openBackup({ to: join(folder, 'b.tar.zst'), lock: { recipients: [recipient] } })).rejects.toMatchObject({
      code: 'bad-input',
    });
    await expect(openBackup({ to: join(folder, 'b.tar.zst.age') })).rejects.toMatchObject({ code: 'bad-input' });
    await expect(openBackup({ to: join(folder, 'b.tar.zst.age'), lock: { recipients: ['age1nonsense'] } })).rejects.toMatchObject({
      code: 'bad-input',
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('never quotes a secret key that was mistaken for a public one', async () => {
    const folder = await temporaryFolder('encrypted');
    const { identity } = await newIdentity();
    const failed: unknown = await openBackup({ to: join(folder, 'b.tar.zst.age'), lock: { recipients: [identity] } }).catch(
      (error: unknown) => error,
    );
    expect(JSON.stringify(failed, Object.getOwnPropertyNames(failed))).not.toContain(identity.slice(20));
  });

  it('fails and leaves no file when the disk changed what was written', async () => {
    const folder = await temporaryFolder('encrypted');
    const tree = await treeIn(folder);
    const { recipient } = await newIdentity();
    const path = join(folder, 'b.tar.zst.age');
    const writer = await openBackup({ to: path, lock: { recipients: [recipient] } });
    await writer.addFirstPass([workspace(tree)]);
    const [partial = ''] = await readdir(folder).then((names) => names.filter((name) => name.includes('partial')));
    const file = await open(join(folder, partial), 'r+');
    await file.write(Buffer.from('age-encryption.org/v2'), 0, 21, 0);
    await file.close();
    await expect(writer.seal(header)).rejects.toMatchObject({ code: 'bad-backup' });
    await writer.abandon();
    expect(await readdir(folder)).toEqual(['tree']);
  });

  it('survives being renamed together with its label', async () => {
    const folder = await temporaryFolder('encrypted');
    const tree = join(folder, 'tree');
    await mkdir(tree);
    const { recipient } = await newIdentity();
    const path = join(folder, 'b.tar.zst.age');
    const { id } = await backUpLocked(path, tree, { recipients: [recipient] });
    const moved = join(folder, 'c.tar.zst.age');
    await rename(path, moved);
    await rename(labelPath(path), labelPath(moved));
    expect((await readLabel(moved, (await sealOf(moved))?.sealId ?? ''))?.label.id).toBe(id);
    const names: string[] = [];
    for await (const entry of listMembers(moved)) names.push(entry.path);
    expect(names).toContain('items/workspace/late.md');
    await unpackBackup(moved, { into: below(join(folder, 'out')) });
  });
});

describe('the payload', () => {
  it('is read at random as it was written in any pieces', () => {
    const key = randomBytes(32);
    for (const length of [0, 1, 65_535, 65_536, 65_537, 131_072, 131_073, 400_001]) {
      const content = randomBytes(length);
      const stream = new SealingStream(key);
      const stored: Buffer[] = [];
      for (let at = 0, step = 1; at < length; at += step, step = (step * 7 + 3) % 150_000)
        stored.push(stream.add(content.subarray(at, at + step)));
      stored.push(stream.end());
      const file = Buffer.concat(stored);
      expect(plainLength(file.length)).toBe(length);
      const seal = { key, from: 0, bytes: length };
      for (let at = 0; at < length; at += 9_973) {
        const bytes = Math.min(70_000, length - at);
        const stretch = stretchOf(seal, at, bytes);
        const plain = openChunks(seal, stretch.first, file.subarray(stretch.at, stretch.at + stretch.bytes));
        expect(plain.subarray(stretch.skip, stretch.skip + bytes).equals(content.subarray(at, at + bytes))).toBe(true);
      }
    }
    expect([16, 15, 65_552, 65_553, 65_568, 65_569].map(plainLength)).toEqual([0, null, 65_536, null, null, 65_537]);
  });
});
