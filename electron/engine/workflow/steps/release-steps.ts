/** Steps that bring releases onto the machine and make one of them the active one. */
import { join } from 'node:path';
import { Failure } from '../../../api/failure.ts';
import type { InstallRecord } from '../../install/record.ts';
import { slotPath, slotReference, writeRecord } from '../../install/record.ts';
import { commandNote, type Step, type StepTools } from '../../operation/step.ts';
import { findPrograms, programCopies } from '../../install/programs.ts';
import { remove, removeFolderIfEmpty } from '../../platform/files.ts';
import { fetchArtifact } from '../../release/download.ts';
import type { Release } from '../../release/feed.ts';
import { applyCopies, readCopyRecord, undoCopies } from '../../slot/copies.ts';
import { listSlots, putSlotBack, removeSlot, stageRelease } from '../../slot/stage.ts';
import type { Scene } from '../program.ts';
import { trashFolder } from '../trash.ts';

/** Downloads and verifies every release of the path. A partial download is kept, so that trying again goes on where it stopped. */
export function fetchStep(scene: Scene, releases: readonly Release[]): Step {
  return {
    id: 'fetch',
    title: releases.length === 1 ? `Download ${releases[0]?.version}` : 'Download the releases',
    weight: 10,
    run: async (tools) => {
      for (const [index, release] of releases.entries()) {
        if (release.artifact.kind === 'npm') continue;
        const fetched = await fetchArtifact(release.artifact, {
          folder: scene.folder.downloads,
          signal: tools.signal,
          onProgress: ({ bytes, total }) =>
            tools.progress({
              detail: release.version,
              bytes,
              ...(total !== null && { totalBytes: total }),
              fraction: (index + (total === null ? 0 : bytes / total)) / releases.length,
            }),
        });
        await tools.remember({ [`artifact:${release.version}`]: fetched.path });
      }
    },
  };
}

/** Unpacks the releases into slots beside the live one. Undone by removing the slots that were not there before, and by putting back the altered ones. */
export function stageStep(scene: Scene, releases: readonly Release[]): Step {
  return {
    id: 'stage',
    title: releases.length === 1 ? `Unpack ${releases[0]?.version}` : 'Unpack the releases',
    weight: 10,
    run: async (tools) => {
      const there = await listSlots(scene.folder.slots);
      await tools.remember({ newSlots: releases.map((release) => release.version).filter((version) => !there.includes(version)) });
      for (const [index, release] of releases.entries()) {
        const artifact = tools.memory[`artifact:${release.version}`];
        const staging = stageRelease({
          payload: scene.descriptor.payload,
          release,
          artifact: typeof artifact === 'string' ? artifact : null,
          slots: scene.folder.slots,
          staging: join(scene.folder.staging, scene.operation),
          setAside: join(trashFolder(scene.home, scene.operation), 'slots'),
          npmCache: join(scene.kit.moultHome, 'npm-cache'),
          signal: tools.signal,
          onStarted: commandNote(tools),
          onProgress: (progress) => tools.progress({ ...progress, fraction: (index + (progress.fraction ?? 0)) / releases.length }),
        });
        await staging.catch((error: unknown) => {
          throw naming(error, release.version);
        });
      }
    },
    undo: async (tools) => {
      const staging = join(scene.folder.staging, scene.operation);
      const trash = trashFolder(scene.home, scene.operation);
      for (const version of (tools.memory['newSlots'] ?? []) as string[]) await removeSlot(scene.folder.slots, version);
      for (const { version } of releases) await putSlotBack(scene.folder.slots, version, { setAside: join(trash, 'slots'), staging });
      await removeFolderIfEmpty(trash);
      await remove(staging);
    },
  };
}

/** Of several releases on a path the failure says which one it is about. */
function naming(error: unknown, release: string): unknown {
  if (!(error instanceof Failure)) return error;
  const { code, message, remedy, details } = error;
  return new Failure(code, message, { ...(remedy && { remedy }), details: { ...details, release }, cause: error });
}

/** Copies into the home folder what a payload of the kind `files` wants there; what stood there goes to the trash. */
export async function placeFiles(scene: Scene, id: string, next: InstallRecord, before: InstallRecord | null): Promise<void> {
  const payload = scene.descriptor.payload;
  if (payload.driver !== 'files' || next.slot === null) return;
  const previous = before?.slot === null || before === null || before.adopted ? null : slotPath(scene.home, before.slot);
  const slot = slotPath(scene.home, next.slot);
  const programs = await findPrograms(scene.descriptor, scene.home);
  const onPath = programs === null ? [] : await programCopies(scene.descriptor, slot, programs);
  // A release may have programs that another does not: under a new name, for instance.
  const wereOnPath = programs === null || previous === null ? [] : await programCopies(scene.descriptor, previous, programs);
  await applyCopies({
    slot,
    home: scene.home,
    copies: [...payload.copies, ...onPath],
    trash: copiesTrash(scene, id),
    previous,
    previousCopies: [...payload.copies, ...wereOnPath],
  });
}

/** Undoes `placeFiles`, also when it was cut off in the middle. */
export async function takeFilesBack(scene: Scene, id: string): Promise<void> {
  const record = await readCopyRecord(copiesTrash(scene, id));
  if (record !== null) await undoCopies(record, copiesTrash(scene, id));
}

function copiesTrash(scene: Scene, id: string): string {
  return join(trashFolder(scene.home, scene.operation), `files-${id}`);
}

/** Makes a release the active one with one atomic rename. Undone by writing the record of before. */
export function switchStep(
  scene: Scene,
  id: string,
  title: string,
  before: InstallRecord,
  next: (tools: StepTools) => InstallRecord,
): Step {
  return {
    id,
    title,
    weight: 1,
    touches: true,
    run: async (tools) => {
      const record = next(tools);
      await placeFiles(scene, id, record, before);
      await writeRecord(scene.home, record);
    },
    undo: async () => {
      await writeRecord(scene.home, before);
      await takeFilesBack(scene, id);
    },
  };
}

/** The record of the same install at another release. */
export function recordAt(scene: Scene, record: InstallRecord, release: string): InstallRecord {
  return { ...record, state: 'active', release, slot: slotReference(scene.home, join(scene.folder.slots, release)), adopted: false };
}

/**
 * Marks the point after which the operation is only finished, never undone. `run` does what has to be true with it; when the mark itself
 * cannot be written, `undo` takes that back.
 */
export function commitStep(run: (tools: StepTools) => Promise<void> = async () => {}, more: Pick<Step, 'undo'> = {}): Step {
  return { id: 'commit', title: 'Commit', weight: 1, commits: true, run, ...more };
}

/** A commit that enters the install into the registry as `record` says. */
export function registeringCommit(scene: Scene, record: InstallRecord, run: (tools: StepTools) => Promise<void> = async () => {}): Step {
  return commitStep(
    async (tools) => {
      await run(tools);
      registerAs(scene, record);
    },
    {
      undo: async () => {
        if (scene.before !== null) registerAs(scene, scene.before);
        else if (scene.kit.registry.installs.byName(record.name)?.home === scene.home) scene.kit.registry.installs.forget(record.name);
      },
    },
  );
}

/** Enters an install into the registry, or changes what stands there. */
export function registerAs(scene: Scene, { name, id, product, state, createdAt }: InstallRecord): void {
  scene.kit.registry.installs.put({ name, id, product, home: scene.home, state }, createdAt);
}
