/**
 * The step that brings a datastore over to another major version of its server, where a release brings one. What it makes is made beside the
 * live datastore and takes its place by renames; a failure leaves the old one as it was.
 */
import { basename, dirname, join } from 'node:path';
import { datastoreDriver, type Store } from '../../datastore/driver.ts';
import { slotPath, type InstallRecord } from '../../install/record.ts';
import type { Step } from '../../operation/step.ts';
import { remove, rename } from '../../platform/files.ts';
import type { Fill } from '../../product/fill.ts';
import { listSlots } from '../../slot/stage.ts';
import { datastoreItems, openAt, type OpenedInstall, type OpenOptions } from '../kit.ts';
import { applyMoves, asideOf, pinned, revertMoves, type Move } from '../moves.ts';
import type { Scene } from '../program.ts';
import { trashFolder } from '../trash.ts';

/** None for a product whose datastores no release can bring another version of. */
export function carrySteps(scene: Scene, before: InstallRecord, next: InstallRecord, id: string, options: OpenOptions = {}): Step[] {
  if (!scene.descriptor.datastores.some((spec) => datastoreDriver(spec.driver).carryOver !== undefined)) return [];
  return [
    {
      id,
      title: `Bring the datastore over, if ${next.release} has another version of its server`,
      weight: 3,
      touches: true,
      run: async (tools) => {
        const opened = await openAt(scene.descriptor, scene.home, next, options);
        for (const { driver, item, store } of datastoreItems(opened)) {
          const live = item.paths[0];
          if (!item.exists || live === undefined) continue;
          const into = await stagedPlace(scene, live, id);
          await remove(into);
          tools.progress({ detail: `bringing ${item.item.title} over` });
          const wide = { ...store, otherFills: await otherFills(scene, opened, before) };
          if ((await datastoreDriver(driver).carryOver?.(wide, live, into, tools.signal)) !== true) continue;
          const to = await asideOf(live, trashFolder(scene.home, scene.operation), `${scene.operation}-${id}`);
          const both: Move[] = [
            { from: live, to, away: true },
            { from: into, to: live },
          ];
          const moves = await pinned(both, scene.home);
          await tools.remember({ [memoryOf(id)]: moves });
          await applyMoves(moves);
          tools.note(`${item.item.title} was brought over to the PostgreSQL of ${next.release}; what it was before waits in the trash`);
        }
      },
      undo: async (tools) => {
        const moves = (tools.memory[memoryOf(id)] ?? []) as Move[];
        await revertMoves(moves);
        for (const move of moves) if (move.away !== true) await remove(move.from);
      },
    },
  ];
}

/** The same for a datastore that was unpacked beside the live one: it is replaced by what the programs of this release can read. */
export async function carryStaged(store: Store, staged: string, signal: AbortSignal): Promise<void> {
  const into = `${staged}.carried`;
  await remove(into);
  if ((await datastoreDriver(store.spec.driver).carryOver?.(store, staged, into, signal)) !== true) return;
  await remove(staged);
  await rename(into, staged);
}

/** Fillers for the other releases on this machine, and for the one that is left. */
export async function otherFills(scene: Scene, opened: OpenedInstall, before: InstallRecord | null): Promise<Fill[]> {
  const others = new Map((await listSlots(scene.folder.slots)).map((version) => [join(scene.folder.slots, version), version]));
  if (before?.slot !== null && before?.slot !== undefined) others.set(slotPath(scene.home, before.slot), before.release ?? '');
  return [...others]
    .filter(([slot]) => slot !== opened.slot)
    .map(
      ([slot, version]) =>
        (text) =>
          opened.fill(text.replaceAll('{slot}', slot).replaceAll('{release}', version)),
    );
}

async function stagedPlace(scene: Scene, live: string, id: string): Promise<string> {
  const parent = await asideOf(
    join(dirname(live), 'x'),
    join(scene.folder.staging, `${scene.operation}-carry`),
    `${scene.operation}-staged-${id}`,
  );
  return join(parent, basename(live));
}

function memoryOf(id: string): string {
  return `carried:${id}`;
}
