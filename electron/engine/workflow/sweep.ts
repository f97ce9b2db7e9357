/** Sweeping: what has expired in the trash goes, and what is left of a home that holds nothing any more. */
import { dirname, join } from 'node:path';
import { moultFolderOf } from '../install/moult-folder.ts';
import { readRecord } from '../install/record.ts';
import { now } from '../platform/clock.ts';
import { exists, namesIn, remove, removeAsides, removeFolderIfEmpty, statOrNull } from '../platform/files.ts';
import { isDeadComparison } from './compare.ts';
import { hotJournals } from './interrupted.ts';
import { drillsFolder, type Kit } from './kit.ts';
import { emptyExpiredTrash } from './trash.ts';
import { sweepUnpacked } from './unpacked.ts';

const dayMilliseconds = 24 * 3_600_000;

/** To be called by who holds the home's lock, before it is released. An interrupted operation is left alone; what cannot be swept waits. */
export async function sweepHome(kit: Kit, home: string): Promise<void> {
  await sweep(kit, home).catch(() => undefined);
}

async function sweep(kit: Kit, home: string): Promise<void> {
  const folder = moultFolderOf(home);
  if (!(await exists(folder.root)) || (await hotJournals(home)).length > 0) return;
  await emptyExpiredTrash(home);
  await sweepUnpacked(home);
  await sweepComparisons(folder.staging);
  await removeFolderIfEmpty(join(folder.staging, 'unpacked'));
  await remove(folder.reserve);
  for (const place of [folder.root, folder.slots]) await removeAsides(place);
  await removeFolderIfEmpty(folder.journal);
  await removeFolderIfEmpty(folder.trash);
  await removeFolderIfEmpty(folder.slots);
  await removeFolderIfEmpty(folder.downloads);
  await removeFolderIfEmpty(folder.staging);
  const record = await readRecord(home).catch(() => undefined);
  if (record === undefined || (record !== null && (record.state !== 'purged' || (await exists(folder.trash))))) return;
  const rest = (await namesIn(folder.root)).filter(
    (name) => !['lock', 'lock.json', 'install.json', 'current', 'staging', 'schedule.json'].includes(name),
  );
  if (rest.length > 0) return;
  await remove(folder.root);
  await removeFolderIfEmpty(home);
  await removeDrillFolder(kit, home);
  const row = kit.registry.installs.byHome(home);
  if (row?.state === 'purged') kit.registry.installs.forget(row.name);
}

/** What a comparison that was killed left behind: it holds rows of a datastore. One that runs goes on. */
async function sweepComparisons(staging: string): Promise<void> {
  for (const name of await namesIn(staging)) {
    const path = join(staging, name);
    if (!name.startsWith('compare-')) continue;
    const isOld = async () => Date.parse(now()) - ((await statOrNull(path))?.mtimeMs ?? 0) > dayMilliseconds;
    if ((await isDeadComparison(name)) || (await isOld())) await remove(path);
  }
}

/** The folder around the home of a drill holds nothing that is anybody's. */
async function removeDrillFolder(kit: Kit, home: string): Promise<void> {
  const around = dirname(home);
  if (dirname(around) !== drillsFolder(kit)) return;
  await remove(around);
  await removeFolderIfEmpty(drillsFolder(kit));
}
