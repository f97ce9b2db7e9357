/** Servers of datastores: who runs them beside the product, and how they are. A datastore without a server of its own has no part in this. */
import { join } from 'node:path';
import type { StepTools } from '../operation/step.ts';
import { datastoreDriver, type Store, type StoreLook } from '../datastore/driver.ts';
import { datastoreItems, type OpenedInstall } from './kit.ts';

/** How each datastore with a server is. Changes nothing. */
export async function lookAtStores(opened: OpenedInstall): Promise<StoreLook[]> {
  const looks: StoreLook[] = [];
  for (const { driver, store } of datastoreItems(opened)) {
    const look = await datastoreDriver(driver).look?.(store);
    if (look !== undefined && look.state !== 'absent') looks.push(look);
  }
  return looks;
}

/** Before the product starts: the servers that Moult runs for it. One that the product makes at its first start is not there yet. */
export async function startStores(opened: OpenedInstall, tools: Pick<StepTools, 'signal' | 'progress'>): Promise<void> {
  for (const { driver, item, store } of datastoreItems(opened)) {
    if (!isRunByMoult(store) || !item.exists) continue;
    tools.progress({ detail: `starting the ${driver} of ${opened.descriptor.title}` });
    await datastoreDriver(driver).start?.(store, { log: join(opened.folder.root, `${item.item.id}.log`), signal: tools.signal });
  }
}

/**
 * After the product has stopped: every server that still has a datastore open, whoever started it, because what comes next may move the
 * files. A product that was killed leaves its server behind.
 */
export async function stopStores(opened: OpenedInstall, tools: Pick<StepTools, 'note' | 'progress'>): Promise<void> {
  for (const { driver, item, store } of datastoreItems(opened)) {
    if (!item.exists) continue;
    const stopped = await datastoreDriver(driver).stop?.(store, { onNote: (text) => tools.note(text, 'warning') });
    if (stopped === true && !isRunByMoult(store))
      tools.note(`the ${driver} of ${opened.descriptor.title} still ran after the product had stopped; it was stopped too`);
  }
}

/** The datastores whose servers rest although the product itself would leave them running, by their items. */
export async function storesAtRest(opened: OpenedInstall): Promise<string[]> {
  const resting: string[] = [];
  for (const { driver, item, store } of datastoreItems(opened))
    if (item.exists && (await datastoreDriver(driver).isAtRest?.(store)) === true) resting.push(item.item.id);
  return resting;
}

/** Brings servers to rest that were so when they were found. */
export async function restStores(opened: OpenedInstall, items: readonly string[]): Promise<void> {
  for (const { driver, item, store } of datastoreItems(opened))
    if (item.exists && items.includes(item.item.id)) await datastoreDriver(driver).rest?.(store);
}

function isRunByMoult({ spec }: Store): boolean {
  return 'run' in spec && spec.run === 'moult';
}
