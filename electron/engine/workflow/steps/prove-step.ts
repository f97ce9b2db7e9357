/** The step that fills the receipt: hashes from before, as the backup holds them, against hashes of the live tree now. */
import type { ReceiptItem } from '../../../api/models.ts';
import type { InstallRecord } from '../../install/record.ts';
import type { Step } from '../../operation/step.ts';
import { toFailureData } from '../../../api/failure.ts';
import { openAt } from '../kit.ts';
import type { Scene } from '../program.ts';
import { proofOfLive, proofsFromBackup } from '../receipt-proof.ts';

/** Remembers the hashes of options inside config files, which no backup lists by themselves. To be put before the first switch. */
export function noteKeysStep(scene: Scene, before: InstallRecord): Step {
  return {
    id: 'note',
    title: 'Note what must stay the same',
    weight: 1,
    run: async (tools) => {
      const opened = await openAt(scene.descriptor, scene.home, before);
      const hashes: Record<string, string | null> = {};
      for (const item of opened.items) if (item.kind === 'keys') hashes[item.item.id] = (await proofOfLive(scene.kit, opened, item)).hash;
      await tools.remember({ keyHashes: hashes });
    },
  };
}

/**
 * Compares with `source`, or else with the backup of this operation, and tells. A preserved item that changed is said, loudly; the product runs already, and a person may be writing notes in it.
 * `replaced`: the items of which something was put back; all others stayed.
 */
export function proveStep(
  scene: Scene,
  before: InstallRecord,
  after: () => Promise<InstallRecord>,
  source?: string,
  replaced?: readonly string[],
): Step {
  return {
    id: 'prove',
    title: 'Prove that nothing was lost',
    weight: 6,
    run: async (tools) => {
      const backup = source ?? tools.memory['backupPath'];
      if (typeof backup !== 'string') return;
      try {
        const [held, old, now] = [
          await proofsFromBackup(backup, tools.signal),
          await openAt(scene.descriptor, scene.home, before),
          await openAt(scene.descriptor, scene.home, await after()),
        ];
        const keys = (tools.memory['keyHashes'] ?? {}) as Record<string, string | null>;
        const items: ReceiptItem[] = [];
        for (const item of now.items) {
          const { id, title, fate } = item.item;
          if (item.kind === 'slot') {
            items.push({
              item: id,
              fate: fate.upgrade,
              before: old.record.release,
              after: now.record.release,
              unchanged: old.record.release === now.record.release,
              files: 0,
              bytes: 0,
            });
            continue;
          }
          const live = await proofOfLive(scene.kit, now, item, tools.signal);
          const was = item.kind === 'keys' ? (source === undefined ? (keys[id] ?? null) : live.hash) : (held.get(id)?.hash ?? null);
          const unchanged = was === live.hash;
          items.push({
            item: id,
            fate:
              replaced !== undefined && !replaced.includes(id)
                ? 'keep'
                : source === undefined && replaced === undefined
                  ? fate.upgrade
                  : 'replace',
            before: was,
            after: live.hash,
            unchanged,
            files: live.files,
            bytes: live.bytes,
          });
          if (fate.upgrade === 'preserve' && !unchanged && item.exists && replaced?.includes(id) !== true)
            tools.note(`${title} is not as it was before: ${item.paths.join(', ')}`, 'warning');
        }
        scene.found.items = items;
      } catch (error) {
        if (tools.signal.aborted) throw error;
        tools.note(`the proof could not be made: ${toFailureData(error).message}`, 'warning');
      }
    },
  };
}
