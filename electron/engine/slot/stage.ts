/**
 * Slot: the folders below an install that each hold one unpacked release.
 * This room turns an artifact into a slot, remembers what the release shipped, and tells later what is no longer so.
 * It promises that a slot with its name is whole: it is unpacked aside, hashed, synced and renamed last.
 * It refuses archives that reach out of their folder, never runs anything that a release brings, and never touches the live data.
 */
import { join } from 'node:path';
import semver from 'semver';
import { Failure } from '../../api/failure.ts';
import {
  exists,
  list,
  makeFolder,
  makeFolderDurably,
  moveDurably,
  namesIn,
  remove,
  removeFolderIfEmpty,
  syncFolder,
  volumeOf,
} from '../platform/files.ts';
import type { RunOptions } from '../platform/processes.ts';
import { measureTrees } from '../platform/tree.ts';
import type { PayloadSpec } from '../product/schema.ts';
import { unpackArchive } from './archive.ts';
import { asFailure } from './disk-failure.ts';
import { compareShipped, readShipped, slotPlaces, writeShipped, type ShippedFile, type ShippedManifest } from './manifest.ts';
import { installPackage } from './npm.ts';
import { scanTree, syncTree } from './scan.ts';

export { compareShipped, readShipped, type ShippedComparison, type ShippedFile, type ShippedManifest } from './manifest.ts';

/** What this room must know of a release; the release room's `Release` fits. */
export interface StagedRelease {
  version: string;
  artifact:
    | { kind: 'file' | 'url'; sha256: string }
    | { kind: 'npm'; package: string; version: string; registry: string; integrity: string };
}

export interface StageProgress {
  /** 0 to 1, where it can be told. */
  fraction?: number;
  detail?: string;
  bytes?: number;
}

export interface StageOptions {
  payload: PayloadSpec;
  release: StagedRelease;
  /** The fetched file; null where npm fetches by itself. */
  artifact: string | null;
  /** `<home>/.moult/slots` */
  slots: string;
  /** A folder on the same file system, for what is not whole yet. */
  staging: string;
  /** Where npm keeps what it downloaded. */
  npmCache?: string;
  /** Where a slot goes that is there and was altered, so that nothing a person put into it is lost; beside the slots unless told. */
  setAside?: string;
  signal?: AbortSignal;
  onProgress?: (progress: StageProgress) => void;
  /** Told of the process of a command that fills the slot, as soon as it runs. */
  onStarted?: RunOptions['onStarted'];
}

export interface Staged {
  slot: string;
  manifest: string;
  files: number;
  bytes: number;
  /** True when the slot was there and whole. */
  kept: boolean;
  /** Where an altered slot of the same release was put. */
  setAside: string | null;
}

/**
 * Makes the slot of a release. One that is there and as shipped is kept; a broken one is put aside and made again.
 * Throws `bad-archive`, `wrong-checksum`, `no-space`, `feed-unreachable`, `command-failed` (npm), `unsupported`; no slot is there then that was not before.
 */
export async function stageRelease(options: StageOptions): Promise<Staged> {
  const { slots, release } = options;
  const { slot, manifest } = slotPlaces(slots, release.version);
  const kept = await wholeSlot(options);
  if (kept !== null) return { slot, manifest, ...sumOf(kept), kept: true, setAside: null };
  const work = join(options.staging, `unpack-${release.version}`);
  await remove(work);
  try {
    await makeFolderDurably(slots);
    await makeFolder(work);
    const files = await fillFolder(options, work);
    await syncTree(work, files, options.signal);
    const setAside = await clearPlace(options);
    await writeShipped(slots, { format: 1, release: release.version, artifact: checksumOf(release), files });
    await moveDurably(work, slot);
    return { slot, manifest, ...sumOf(files), kept: false, setAside };
  } catch (error) {
    await remove(work);
    throw named(asFailure(error, `stage release ${release.version} in ${slots}`), release.version);
  }
}

/** Versions that have a slot, oldest first. */
export async function listSlots(slots: string): Promise<string[]> {
  if (!(await exists(slots))) return [];
  const folders = (await list(slots)).filter((entry) => entry.isDirectory() && semver.valid(entry.name) !== null);
  return folders.map((entry) => entry.name).toSorted((one, other) => semver.compareBuild(one, other));
}

/** Removes a slot and its manifest. The name goes first, so that a slot with its name is never half there. Nothing there is fine. */
export async function removeSlot(slots: string, release: string): Promise<void> {
  const { slot, manifest } = slotPlaces(slots, release);
  if (!(await exists(slots))) return;
  const going = join(slots, `.removing-${release}`);
  await remove(going);
  if (await exists(slot)) await moveDurably(slot, going);
  await remove(manifest);
  // Also what a kill left of earlier removals.
  for (const name of await namesIn(slots)) if (name.startsWith('.removing-')) await remove(join(slots, name));
  await syncFolder(slots);
}

/**
 * Puts a slot back that `stageRelease` set aside, in the place of the one that was made instead. Nothing to do where none was set aside.
 * May be repeated after a kill at any point; what was made instead is left in `staging`, which its caller removes.
 */
export async function putSlotBack(slots: string, release: string, folders: { setAside: string; staging: string }): Promise<void> {
  const aside = join(folders.setAside, release);
  if (!(await exists(aside))) return;
  const { slot } = slotPlaces(slots, release);
  const instead = join(folders.staging, `instead-${release}`);
  await remove(instead);
  if (await exists(slot)) {
    await makeFolderDurably(folders.staging);
    await moveDurably(slot, instead);
  }
  await moveDurably(aside, slot);
  await removeFolderIfEmpty(folders.setAside);
}

/** Bytes that a slot takes; 0 where there is none. */
export async function slotBytes(slots: string, release: string): Promise<number> {
  return (await measureTrees([slotPlaces(slots, release).slot])).bytes;
}

async function fillFolder(options: StageOptions, work: string): Promise<ShippedFile[]> {
  const { payload, release, artifact, signal, onProgress } = options;
  if (payload.driver === 'npm') {
    if (release.artifact.kind !== 'npm') throw unsupported(options, 'an npm payload needs an npm feed');
    await installPackage({
      into: work,
      source: release.artifact,
      cache: options.npmCache ?? join(options.staging, 'npm-cache'),
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
      ...(options.onStarted && { onStarted: options.onStarted }),
    });
    return scanTree(work, signal);
  }
  if (artifact === null) throw unsupported(options, 'there is no archive to unpack');
  return unpackArchive(artifact, {
    into: work,
    strip: payload.strip,
    free: (await volumeOf(work)).free,
    ...(release.artifact.kind !== 'npm' && { expected: { algorithm: 'sha256', allowed: [release.artifact.sha256.toLowerCase()] } }),
    ...(signal && { signal }),
    ...(onProgress && { onProgress: ({ fraction, bytes, detail }) => onProgress({ fraction, bytes, detail }) }),
  });
}

/** The files of a slot that is there, belongs to this very artifact and is as shipped; else null. */
async function wholeSlot(options: StageOptions): Promise<ShippedFile[] | null> {
  const { slots, release, signal } = options;
  const { slot } = slotPlaces(slots, release.version);
  if (!(await exists(slot))) return null;
  const manifest = await readable(slots, release.version);
  if (manifest === null || manifest.artifact !== checksumOf(release)) return null;
  const { changed, missing } = await compareShipped(slot, manifest, signal ? { signal } : {});
  return changed.length === 0 && missing.length === 0 ? manifest.files : null;
}

/** Makes room for the new slot. Whatever is in its place is moved, never removed. */
async function clearPlace(options: StageOptions): Promise<string | null> {
  const { slots, release } = options;
  const { slot } = slotPlaces(slots, release.version);
  if (!(await exists(slot))) return null;
  const folder = options.setAside ?? join(slots, '.set-aside');
  await makeFolderDurably(folder);
  const taken = new Set(await namesIn(folder));
  let name = release.version;
  for (let copy = 2; taken.has(name); copy += 1) name = `${release.version}_${copy}`;
  await moveDurably(slot, join(folder, name));
  return join(folder, name);
}

async function readable(slots: string, release: string): Promise<ShippedManifest | null> {
  return readShipped(slots, release).catch((error: unknown) => {
    if (error instanceof Failure && error.code === 'io') return null;
    throw error;
  });
}

function checksumOf(release: StagedRelease): string {
  return release.artifact.kind === 'npm' ? release.artifact.integrity : release.artifact.sha256.toLowerCase();
}

function sumOf(files: readonly ShippedFile[]): { files: number; bytes: number } {
  const counted = files.filter((file) => file.kind !== 'folder');
  return { files: counted.length, bytes: counted.reduce((sum, file) => sum + file.bytes, 0) };
}

/** Several archives may be unpacked in one go: a refusal of what is in one says which. */
function named(error: unknown, version: string): unknown {
  if (!(error instanceof Failure) || error.code !== 'bad-archive' || error.message.includes(version)) return error;
  return new Failure(error.code, `Release ${version} cannot be unpacked: ${error.message}`, {
    ...(error.remedy && { remedy: error.remedy }),
    details: { ...error.details, release: version },
    cause: error.cause,
  });
}

function unsupported(options: StageOptions, problem: string): Failure {
  return new Failure(
    'unsupported',
    `release ${options.release.version} cannot be staged with the payload driver "${options.payload.driver}": ${problem}`,
    {
      remedy: { action: 'edit-descriptor', text: 'Correct the payload or the feed in the descriptor of the product.' },
    },
  );
}
