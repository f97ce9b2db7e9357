/**
 * Taking up again an install that Moult keeps but has forgotten: its registry was lost, or its home was moved. The install knows itself by
 * its record; its backups know themselves by their manifests. Nothing of the product is touched.
 */
import { join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { readRecord, writeRecord, type InstallRecord } from '../install/record.ts';
import { readManifest } from '../backup/read-backup.ts';
import { readSummary } from '../backup/read-summary.ts';
import { lockHolder } from '../operation/lock.ts';
import type { Step } from '../operation/step.ts';
import { namesIn } from '../platform/files.ts';
import type { Descriptor } from '../product/schema.ts';
import type { Registry } from '../registry/registry.ts';
import { bareFacts, countedItems } from './bare-facts.ts';
import { looksLikeBackup, rowOf, rowOfSummary } from './rescan-files.ts';
import { backupsFolder, openAt, type Kit } from './kit.ts';
import { makePlan, type Prepared } from './preparation.ts';
import { makeScene, outline, type Program, type Scene } from './program.ts';
import { chooseName } from './set-up-choices.ts';
import { registeringCommit } from './steps/release-steps.ts';

export interface AdoptAgainData {
  again: { record: InstallRecord; backups: string };
}

/** Whether no entry of the registry leads to the install of this record any more. */
export async function isForgotten(kit: Kit, before: InstallRecord): Promise<boolean> {
  for (const row of kit.registry.installs.all()) {
    if (row.id === before.id && (await readRecord(row.home).catch(() => null))?.id === before.id) return false;
  }
  return true;
}

export async function prepareAdoptAgain(
  kit: Kit,
  descriptor: Descriptor,
  home: string,
  before: InstallRecord,
  name: string | undefined,
): Promise<Prepared> {
  if (before.product !== descriptor.product) {
    throw new Failure('home-in-use', `${home} holds ${before.product}, not ${descriptor.product}`, {
      remedy: { action: 'set-up', text: 'Adopt it as what it is.', command: `moult adopt ${before.product} --home ${home}` },
    });
  }
  const record = { ...before, name: chooseName(kit, descriptor, before, name) };
  const data: AdoptAgainData = { again: { record, backups: backupsFolder(kit, before.name) } };
  const opened = await openAt(descriptor, home, record, { brokenConfig: true });
  const scene = makeScene({ kit, operation: 'plan', action: 'adopt', install: record.name, home, descriptor, before });
  const plan = makePlan({
    action: 'adopt',
    install: record.name,
    product: descriptor.product,
    home,
    from: record.release,
    to: record.release,
    path: [],
    items: await countedItems(opened, 'keep'),
    strays: [],
    space: [],
    downtime: 0,
    configChanges: [],
    warnings: [`Release ${record.release ?? 'unknown'}: its record says so. It was kept by Moult before and is taken up again as it is.`],
    steps: outline(adoptAgainProgram(scene, data)),
    facts: { ...(await bareFacts('adopt', opened)), holder: await lockHolder(opened.folder.root) },
  });
  return { action: 'adopt', descriptor, install: record.name, home, before, data, plan };
}

export function adoptAgainProgram(scene: Scene, { again }: AdoptAgainData): Program {
  const { record, backups } = again;
  const steps: Step[] = [
    {
      id: 'record',
      title: 'Read the record',
      weight: 1,
      run: async () => {
        if (JSON.stringify(record) !== JSON.stringify(scene.before)) await writeRecord(scene.home, record);
      },
      undo: async () => {
        if (scene.before !== null) await writeRecord(scene.home, scene.before);
      },
    },
    registeringCommit(scene, record),
    {
      id: 'backups',
      title: 'Find its backups',
      weight: 8,
      run: async ({ signal }) => {
        // Those that were found before it was known here, or under another name of it.
        scene.kit.registry.backups.claim(record.id, record.name);
        for (const file of await namesIn(backups))
          await enter(scene.kit.registry, record, scene.before?.name ?? record.name, join(backups, file), signal);
      },
    },
  ];
  return { steps, from: record.release, to: record.release, endState: 'done' };
}

/** Enters one file into the catalogue, if it is a backup of this install that stands there under no name yet. */
async function enter(registry: Registry, record: InstallRecord, name: string, path: string, signal: AbortSignal): Promise<void> {
  if (!looksLikeBackup(path)) return;
  const summary = await readSummary(path, signal).catch(() => null);
  if (summary === null || summary.product !== record.product || summary.install !== name || registry.backups.find(summary.id) !== null)
    return;
  const manifest = await readManifest(path, signal).catch(() => null);
  if (manifest !== null) registry.backups.put({ ...(await rowOf(path, manifest, signal)), install: record.name });
  else registry.backups.put({ ...(await rowOfSummary(path, summary, signal)), install: record.name });
}
