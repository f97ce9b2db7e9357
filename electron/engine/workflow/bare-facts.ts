/** Facts and items for an install that Moult does not keep yet. */
import type { PlanItem } from '../../api/models.ts';
import { takeInventory } from '../install/inventory.ts';
import { findDatastores } from '../install/elsewhere.ts';
import { shownPaths } from './preparation.ts';
import { programsFacts } from './steps/program-steps.ts';
import type { PreflightFacts } from '../preflight/facts.ts';
import { type OpenedInstall } from './kit.ts';

export async function bareFacts(action: 'set-up' | 'adopt', opened: OpenedInstall): Promise<PreflightFacts> {
  return {
    action,
    title: opened.descriptor.title,
    install: opened.record.name,
    home: opened.home,
    homeProblem: null,
    placesProblem: null,
    space: [],
    port: null,
    service: null,
    schema: null,
    migrations: null,
    node: [],
    config: null,
    shipped: null,
    programs: await programsFacts(opened),
    datastores: await findDatastores(opened.descriptor, opened.home, opened.items),
    uncommitted: null,
    quarantined: null,
    backupFolder: null,
    holder: null,
    interrupted: null,
  };
}

export async function countedItems(opened: OpenedInstall, fate: PlanItem['fate']): Promise<PlanItem[]> {
  const inventory = await takeInventory(opened.items, { hash: false });
  return opened.items.map((entry) => {
    const counted = inventory.find((known) => known.item === entry.item.id);
    return {
      item: entry.item.id,
      title: entry.item.title,
      what: entry.item.what,
      fate,
      note: entry.item.note ?? null,
      paths: shownPaths(entry, opened.programs),
      files: counted?.files ?? 0,
      bytes: counted?.bytes ?? 0,
      before: null,
      after: fate === 'preserve' ? 'unchanged' : null,
      list: (counted?.list ?? []).map((file) => ({ ...file, change: 'kept' as const })),
    };
  });
}
