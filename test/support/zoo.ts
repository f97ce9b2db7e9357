/**
 * The zoo of bad releases. Each member is a folder feed of Sprig with the good releases 1.0.0 and 1.1.0 and a bad 1.3.0, made from 1.1.0
 * by one change. The code that misbehaves is in `zoo/NAME.mjs`; it stands in the place of `lib/serve.mjs`, and the good one is beside it
 * as `lib/serve-well.mjs`.
 *
 * What is damaged after the publisher made its checksum (`wrong-checksum`, `bit-flipped`) does not fit the checksum in releases.json.
 * What a publisher packed badly (`truncated-archive`, `not-a-tarball`, the hostile archives) does fit: only looking into it tells.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArchiveEntry } from '../../resources/sample/archive.ts';
import { type BuiltRelease, type ReleaseFiles, buildRelease, describe, writeFeed } from '../../resources/sample/build.ts';
import { type ReleaseDefinition, releases } from '../../resources/sample/releases.ts';

const misbehaving = [
  'crashes-at-start',
  'hangs',
  'dies-after-3s',
  'migrates-then-fails',
  'leaves-ledger-dirty',
  'rewrites-config',
  'fills-disk',
] as const;

export const zooNames = [
  ...misbehaving,
  'reports-old-build',
  'wrong-checksum',
  'archive-dotdot',
  'archive-absolute',
  'archive-link-outside',
  'truncated-archive',
  'bit-flipped',
  'not-a-tarball',
] as const;

export type ZooName = (typeof zooNames)[number];

/** The release that is bad in every feed of the zoo. */
export const badVersion = '1.3.0';

/** The file that hostile archives try to write, outside the folder they are unpacked into. */
export const escapeName = 'sprig-was-here.txt';

/** Where the absolute entry of `archive-absolute` points to. */
export const absoluteEscape = `/tmp/${escapeName}`;

const good = ['1.0.0', '1.1.0'];

const proof = Buffer.from('This file is outside the folder that the archive belongs in.\n');
const top = `sprig-${badVersion}`;

/** What is added to an archive that is otherwise whole and good. */
const hostileEntries: Partial<Record<ZooName, readonly ArchiveEntry[]>> = {
  'archive-dotdot': [{ path: `${top}/../../${escapeName}`, type: 'File', content: proof }],
  'archive-absolute': [{ path: absoluteEscape, type: 'File', content: proof }],
  'archive-link-outside': [
    { path: `${top}/attic`, type: 'SymbolicLink', linkpath: '../../..' },
    { path: `${top}/attic/${escapeName}`, type: 'File', content: proof },
  ],
};

/** What the bad migrations 4 run: real, and harmful. */
const badMigrations: Partial<Record<ZooName, { name: string; sql: string }>> = {
  'migrates-then-fails': {
    name: '0004_forget_tags',
    sql: "UPDATE notes SET tags = '';\nALTER TABLE notes RENAME COLUMN title TO heading;\nDELETE FROM revisions;\n",
  },
  'leaves-ledger-dirty': {
    name: '0004_colours',
    sql: "ALTER TABLE notes ADD COLUMN colour TEXT;\nUPDATE notes SET tags = 'lost';\nINSERT INTO colours VALUES ('green');\n",
  },
};

/** Builds every member below `out`; the answer tells each feed's folder and the version that is bad. */
export async function buildZoo(out: string): Promise<Record<ZooName, { feed: string; version: string }>> {
  const sound = await Promise.all(releases.filter(({ version }) => good.includes(version)).map((definition) => buildRelease(definition)));
  const built = await Promise.all(
    zooNames.map(async (name) => {
      const feed = join(out, name);
      await writeFeed(feed, [...sound, await buildMember(name)]);
      return [name, { feed, version: badVersion }] as const;
    }),
  );
  return Object.fromEntries(built) as Record<ZooName, { feed: string; version: string }>;
}

/** The descriptor `sprig` with its feed replaced by a folder: to be written into a folder that `moult products --from` takes. */
export async function descriptorWithFeed(feed: string): Promise<string> {
  const bundled = await readFile(new URL('../../resources/products/sprig.yaml', import.meta.url), 'utf8');
  const changed = bundled.replace(/^feed: .*$/m, `feed: { driver: folder, path: ${JSON.stringify(feed)} }`);
  if (changed === bundled) throw new Error('sprig.yaml has no line that begins with "feed:"');
  return changed;
}

/** One bad release, before it is put into a feed. */
export async function buildMember(name: ZooName): Promise<BuiltRelease> {
  const definition = definitionOf(name);
  const release = await buildRelease(definition, await changeOf(name), hostileEntries[name]);
  const damage: Partial<Record<ZooName, () => BuiltRelease>> = {
    'wrong-checksum': () => ({ ...release, entry: { ...release.entry, sha256: '0'.repeat(64) } }),
    'bit-flipped': () => ({ ...release, archive: withFlippedBit(release.archive) }),
    'truncated-archive': () => describe(definition, '3', release.archive.subarray(0, Math.floor(release.archive.length / 2))),
    'not-a-tarball': () => describe(definition, '3', Buffer.from('<!doctype html><title>Not found</title><p>There is no such file.\n')),
  };
  return damage[name]?.() ?? release;
}

function definitionOf(name: ZooName): ReleaseDefinition {
  const base = releases.find(({ version }) => version === '1.1.0');
  if (!base) throw new Error('the sample has no release 1.1.0');
  return { ...base, version: badVersion, published: '2025-12-01T09:00:00.000Z', notes: `A release of the zoo: ${name}.`, breaking: [] };
}

async function changeOf(name: ZooName): Promise<(files: ReleaseFiles) => void> {
  const replaced = name === 'reports-old-build' ? 'lib/release.mjs' : 'lib/serve.mjs';
  const isCode = name === 'reports-old-build' || (misbehaving as readonly string[]).includes(name);
  const code = isCode ? await readFile(fileURLToPath(new URL(`zoo/${name}.mjs`, import.meta.url))) : null;
  const migration = badMigrations[name];
  return (files) => {
    const well = files.get('lib/serve.mjs');
    if (code && well) files.set('lib/serve-well.mjs', well).set(replaced, code);
    if (migration) files.set(`migrations/${migration.name}.sql`, Buffer.from(migration.sql));
  };
}

function withFlippedBit(archive: Buffer): Buffer {
  const flipped = Buffer.from(archive);
  const middle = Math.floor(flipped.length / 2);
  flipped.writeUInt8(flipped.readUInt8(middle) ^ 1, middle);
  return flipped;
}
