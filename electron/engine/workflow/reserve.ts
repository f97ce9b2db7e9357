/**
 * The reserve: space that an operation holds so that going back has it, whatever fills the disk meanwhile. Two kinds, both given back when
 * going back begins and at the end.
 * - A small one for every transaction: the lines, records and folders that any undo writes.
 * - For a release that may change the data, the size of the data, on each volume where it would be put back.
 */
import { dirname, join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import type { MoultFolder } from '../install/moult-folder.ts';
import type { StepTools } from '../operation/step.ts';
import { isFullDisk, makeFolderDurably, remove, volumeOf } from '../platform/files.ts';
import { holdSpace } from '../platform/reserve.ts';
import { measureTrees } from '../platform/tree.ts';
import { heldItems, livePathsOf } from './capture.ts';
import type { OpenedInstall } from './kit.ts';
import type { Program, Scene } from './program.ts';

/** Bytes of the small reserve: some hundred blocks. */
const smallReserve = 512 * 1024;
/** The largest usual block: what a file takes on the disk beyond its length. */
const blockBytes = 4096;

/** Holds the small reserve. Only for a transaction: starting and stopping must not depend on free space. */
export async function holdSmallReserve(folder: MoultFolder, program: Program): Promise<void> {
  if (!program.steps.some((step) => step.commits)) return;
  await remove(folder.reserve);
  await holdSpace(folder.reserve, smallReserve).catch((error: unknown) => {
    throw noRoom(error, folder.root, smallReserve, 'Nothing was touched.');
  });
}

export async function giveBackSmallReserve(folder: MoultFolder): Promise<void> {
  await remove(folder.reserve);
}

/** Holds what putting the data of a backup back takes. What is held is remembered first, so that any process can give it back. */
export async function holdDataReserve(scene: Scene, opened: OpenedInstall, tools: StepTools): Promise<void> {
  const needs = await needsByVolume(scene, opened);
  await tools.remember({ reserves: needs.map((need) => need.path) });
  for (const { path, bytes } of needs) {
    tools.progress({ detail: 'holding space for the way back' });
    await makeFolderDurably(dirname(path));
    await remove(path);
    await holdSpace(path, bytes, tools.signal).catch((error: unknown) => {
      throw noRoom(error, dirname(path), bytes, 'The new release was not started.');
    });
  }
}

export async function giveBackDataReserve(tools: Pick<StepTools, 'memory'>): Promise<void> {
  for (const path of (tools.memory['reserves'] ?? []) as string[]) await remove(path);
}

async function needsByVolume(scene: Scene, opened: OpenedInstall): Promise<{ path: string; bytes: number }[]> {
  const home = (await volumeOf(scene.folder.staging)).device;
  const needs = new Map<number, { path: string; bytes: number }>();
  for (const item of heldItems(opened)) {
    for (const path of await livePathsOf(opened, item)) {
      const { device, folder } = await volumeOf(dirname(path));
      const name = `.moult-${scene.operation}-reserve`;
      const place = device === home ? join(scene.folder.staging, `${scene.operation}-reserve`) : join(folder, name);
      const need = needs.get(device) ?? { path: place, bytes: smallReserve };
      const { files, bytes } = await measureTrees([path]);
      need.bytes += bytes + files * blockBytes;
      needs.set(device, need);
    }
  }
  return [...needs.values()];
}

function noRoom(error: unknown, folder: string, bytes: number, then: string): unknown {
  if (!isFullDisk(error)) return error;
  const size = `${Math.ceil(bytes / 1024)} KiB`;
  return new Failure('no-space', `${folder} has no room left for the ${size} that going back may take. ${then}`, {
    remedy: { action: 'free-space', text: 'Free some space there, then try again.' },
    details: { path: folder, bytes },
    cause: error,
  });
}
