/** Steps for products that put programs on PATH. */
import { dirname, join } from 'node:path';
import { findPrograms, type Programs } from '../../install/programs.ts';
import type { InstallRecord } from '../../install/record.ts';
import type { Step } from '../../operation/step.ts';
import { exists, isWritable, realPathOrNull } from '../../platform/files.ts';
import { hashFile } from '../../platform/tree.ts';
import { keepCopies } from '../../slot/keep-copies.ts';
import { removeSlot } from '../../slot/stage.ts';
import type { OpenedInstall } from '../kit.ts';
import type { Scene } from '../program.ts';

/** Copies the programs in use into a slot of their own: the way back, when the publisher no longer offers their release. */
export function keepProgramsStep(scene: Scene, record: InstallRecord): Step {
  return {
    id: 'keep',
    title: `Keep a copy of the programs of ${record.release ?? 'the release'}`,
    weight: 4,
    run: async (tools) => {
      const programs = await findPrograms(scene.descriptor, scene.home);
      if (programs === null || record.release === null) return;
      const { release } = record;
      await tools.remember({ kept: !(await exists(join(scene.folder.slots, release))) });
      const files = Object.fromEntries(
        programs.copies.filter((copy) => copy.folder === programs.folder).map(({ name, path }) => [name, path]),
      );
      await keepCopies({ slots: scene.folder.slots, staging: scene.folder.staging, release, files, signal: tools.signal });
    },
    undo: async (tools) => {
      if (tools.memory['kept'] === true && record.release !== null) await removeSlot(scene.folder.slots, record.release);
    },
  };
}

/** What is shown of programs on PATH: where each is or will be. */
export function programPaths(programs: Programs | null): string[] {
  if (programs === null) return [];
  const owned = programs.copies.filter((copy) => copy.owned).map((copy) => copy.path);
  return owned.length > 0 ? owned : [programs.folder];
}

export interface ProgramsFacts {
  folder: string;
  onPath: boolean;
  /** Copies on PATH that are not the install's: a terminal may start one of them instead. */
  strange: string[];
  /** Folders of the install's copies that cannot be written to. */
  unwritable: string[];
  /** Copies of the install that are not what the active release brought; null where there is none to compare with. */
  stale: string[] | null;
}

/** Facts for the check and the finding. Only looks. */
export async function programsFacts(opened: OpenedInstall): Promise<ProgramsFacts | null> {
  const { programs, descriptor } = opened;
  if (programs === null) return null;
  const owned = programs.copies.filter((copy) => copy.owned);
  const reals = new Set(await Promise.all(owned.map(async (copy) => realPathOrNull(copy.path))));
  const strange: string[] = [];
  for (const copy of programs.copies.filter((one) => !one.owned)) {
    // A link to a copy of the install is that copy; what is inside a slot is Moult's own.
    const real = await realPathOrNull(copy.path);
    if (!reals.has(real) && real?.startsWith(`${opened.folder.root}/`) !== true) strange.push(copy.path);
  }
  const unwritable: string[] = [];
  for (const folder of new Set([programs.folder, ...owned.map((copy) => copy.folder)]))
    if (!(await canWrite(folder))) unwritable.push(folder);
  return { folder: programs.folder, onPath: programs.onPath, strange, unwritable, stale: await staleCopies(opened, owned, descriptor) };
}

async function staleCopies(
  opened: OpenedInstall,
  owned: Programs['copies'],
  descriptor: OpenedInstall['descriptor'],
): Promise<string[] | null> {
  if (opened.slot === null || descriptor.payload.driver !== 'files') return null;
  const stale: string[] = [];
  for (const { name, path } of owned) {
    const shipped = opened.fill(`{program:${name}}`);
    if (!(await exists(shipped)) || (await hashFile(path).catch(() => null)) !== (await hashFile(shipped).catch(() => null)))
      stale.push(path);
  }
  return stale;
}

async function canWrite(folder: string): Promise<boolean> {
  for (let above = folder; ; above = dirname(above)) {
    if (await exists(above)) return isWritable(above);
    if (above === dirname(above)) return false;
  }
}
