/**
 * Backups that a product makes by itself: read as its descriptor describes them, and believed only where the content says the same.
 * What such a backup says of its schema is not believed: the truth is in the ledger's row inside its dump.
 */
import { Failure, failureFrom, toFailureData } from '../../api/failure.ts';
import { followOrNull } from '../platform/files.ts';
import { valueAtPointer } from '../product/pointer.ts';
import type { Descriptor, OwnBackupSpec } from '../product/schema.ts';
import { namesInArchive, readArchiveFile, readArchiveLines } from '../slot/archive-file.ts';

export interface OwnBackup {
  path: string;
  /** The release that made it, as it says. */
  release: string | null;
  /** ISO time, as it says. */
  created: string | null;
  /** From the dump; null where it cannot be told. */
  schema: string | null;
  /** What it holds: a file, or a folder, for an item. */
  parts: OwnBackupSpec['parts'];
  dump: NonNullable<OwnBackupSpec['dump']> | null;
  /** Bytes of its content. */
  bytes: number;
}

/**
 * Null where the file is no such backup. Throws `newer-format` for one that is newer than the descriptor, `bad-backup` for one that is
 * cut off or has no dump. Nothing is written.
 */
export async function readOwnBackup(descriptor: Descriptor, path: string): Promise<OwnBackup | null> {
  const spec = descriptor.ownBackup;
  if (spec === undefined || !(await followOrNull(path))?.isFile()) return null;
  const text = await readArchiveFile(path, spec.manifest.member, 0).catch(() => null);
  if (text === null) return null;
  const manifest = parse(text, path);
  refuseNewer(spec, manifest, path, descriptor.title);
  const names = await namesInArchive(path).catch((error: unknown) => {
    throw new Failure('bad-backup', `${path} is damaged: ${toFailureData(error).message}`, {
      remedy: { action: 'restore-backup', text: 'Choose another backup.', command: 'moult backups' },
    });
  });
  if (spec.dump !== undefined && !names.has(spec.dump.member)) {
    throw new Failure('bad-backup', `${path} has no ${spec.dump.member}, so the datastore cannot be restored from it`, {
      remedy: { action: 'restore-backup', text: 'Choose another backup.', command: 'moult backups' },
    });
  }
  const has = (member: string) => names.has(member) || [...names.keys()].some((name) => name.startsWith(`${member}/`));
  return {
    path,
    release: textAt(manifest, spec.manifest.release),
    created: textAt(manifest, spec.manifest.created),
    schema: await schemaOf(descriptor, spec, path),
    parts: spec.parts.filter((part) => has(part.member)),
    dump: spec.dump ?? null,
    bytes: [...names.values()].reduce((sum, bytes) => sum + bytes, 0),
  };
}

/**
 * The product whose own command made a file, by what only that writes into its manifest: the number of the format and the release, or, where
 * only one product could have, the number alone. Null where none of them did.
 */
export async function makerOf(descriptors: readonly Descriptor[], path: string): Promise<Descriptor | null> {
  if (!(await followOrNull(path))?.isFile()) return null;
  const possible: Descriptor[] = [];
  for (const descriptor of descriptors) {
    const spec = descriptor.ownBackup?.manifest;
    if (spec === undefined) continue;
    const text = await readArchiveFile(path, spec.member, 0).catch(() => null);
    const manifest = text === null ? null : jsonOrNull(text);
    if (typeof valueAtPointer(manifest, spec.format) !== 'number') continue;
    if (textAt(manifest, spec.release) !== null) return descriptor;
    possible.push(descriptor);
  }
  return possible.length === 1 ? (possible[0] ?? null) : null;
}

/** The files of such a backup that belong to an item or are the dump, each with the place in it that it came from. */
export async function listOwn(
  own: OwnBackup,
): Promise<{ item: string; member: string; below: string; as: string | null; bytes: number }[]> {
  const sources = [
    ...own.parts.map(({ item, member, as }) => ({ item, member, as: as ?? null })),
    ...(own.dump === null ? [] : [{ item: own.dump.datastore, member: own.dump.member, as: null }]),
  ];
  return [...(await namesInArchive(own.path))].flatMap(([name, bytes]) => {
    const source = sources.find(({ member }) => name === member || name.startsWith(`${member}/`));
    return source === undefined ? [] : [{ ...source, below: name.slice(source.member.length), bytes }];
  });
}

/** The text of a config file in such a backup; null where it holds none. */
export async function readOwnConfig(own: OwnBackup, configPath: string): Promise<string | null> {
  const part = own.parts.find(({ as }) => as === configPath);
  return part === undefined ? null : readArchiveFile(own.path, part.member, 0);
}

/** The version in the row of the ledger's table, which a plain dump of PostgreSQL writes as `COPY <table> (…) FROM stdin;`. */
async function schemaOf(descriptor: Descriptor, spec: OwnBackupSpec, path: string): Promise<string | null> {
  const { ledger } = descriptor;
  if (spec.dump === undefined || ledger?.driver !== 'golang-migrate') return null;
  const head = new RegExp(`^COPY (?:\\w+\\.)?"?${ledger.table}"? \\(([^)]*)\\) FROM stdin;$`);
  let columns: string[] | null = null;
  let version: string | null = null;
  await readArchiveLines(path, spec.dump.member, 0, (line) => {
    if (columns === null)
      columns =
        head
          .exec(line)?.[1]
          ?.split(',')
          .map((name) => name.trim().replaceAll('"', '')) ?? null;
    else if (line === '\\.') return true;
    else version = line.split('\t')[columns.indexOf('version')] ?? null;
    return false;
  });
  return version;
}

function refuseNewer(spec: OwnBackupSpec, manifest: unknown, path: string, title: string): void {
  const format = valueAtPointer(manifest, spec.manifest.format);
  if (typeof format !== 'number' || format <= spec.manifest.known) return;
  throw failureFrom({
    code: 'newer-format',
    message: `${path} is a backup of ${title} in its format ${format}, and this Moult knows up to ${spec.manifest.known}`,
    remedy: { action: 'upgrade-moult', text: `Upgrade Moult, or restore it with ${title}'s own command.` },
    details: { format, known: spec.manifest.known },
  });
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Failure('bad-backup', `${path} is damaged: what it says of itself is not JSON`, { cause: error });
  }
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function textAt(manifest: unknown, pointer: string | undefined): string | null {
  const value = pointer === undefined ? undefined : valueAtPointer(manifest, pointer);
  return typeof value === 'string' && value !== '' ? value : null;
}
