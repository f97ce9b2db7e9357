/** What an operation needs that writes beside the install and changes nothing of it: taking files out of a backup, and an export. */
import { join, resolve } from 'node:path';
import { Failure } from '../../api/failure.ts';
import type { MethodInput } from '../../api/methods.ts';
import type { Plan } from '../../api/models.ts';
import { readManifest } from '../backup/read-backup.ts';
import { now } from '../platform/clock.ts';
import { exists } from '../platform/files.ts';
import { ensureOpen } from './encryption.ts';
import { refuseOutput } from './aside-folder.ts';
import { chooseAside } from './choice.ts';
import type { ExportData } from './export.ts';
import { backupsFolder, catalogue, type Kit, type OpenedInstall } from './kit.ts';
import type { Prepared } from './preparation.ts';
import type { TakeOutData } from './take-out.ts';

/** The backup of a call: by id or file; without one, that from before the last upgrade. */
export function backupOf(kit: Kit, opened: OpenedInstall, input: string | undefined): string {
  if (input !== undefined) return kit.registry.backups.find(input)?.path ?? resolve(input);
  const previous = opened.record.previous === null ? null : kit.registry.backups.find(opened.record.previous.backup);
  if (previous !== null) return previous.path;
  throw new Failure('bad-input', `${opened.record.name} has no upgrade to roll back; name the backup to compare with`, {
    remedy: { action: 'restore-backup', text: 'See which backups there are.', command: `moult backups ${opened.record.name}` },
  });
}

/** Needs no install: a backup says all that it takes. */
export async function prepareTakeOut(kit: Kit, input: MethodInput<'restore'>, output: string): Promise<Prepared> {
  const path = kit.registry.backups.find(input.input)?.path ?? resolve(input.input);
  await ensureOpen(kit, path);
  const manifest = await readManifest(path);
  const to = resolve(output);
  await refuseOutput(kit, to);
  const choice = await chooseAside(path, manifest, input);
  const data: TakeOutData = { backupPath: path, backupRelease: manifest.release, output: to, ...(choice && { choice }) };
  const { products } = await catalogue(kit);
  const descriptor = (products.find((entry) => entry.descriptor.product === manifest.product) ?? products[0])?.descriptor;
  if (descriptor === undefined) throw new Failure('bad-descriptor', 'there is no descriptor at all');
  const { install } = manifest;
  return { action: 'restore', descriptor, install, home: kit.moultHome, before: null, data, plan: noPlan, locked: false };
}

export async function prepareExport(kit: Kit, opened: OpenedInstall, input: MethodInput<'export'>): Promise<Prepared> {
  const path = backupOf(kit, opened, input.input);
  await ensureOpen(kit, path);
  await readManifest(path);
  const output = input.output === undefined ? await freeFolder(kit, opened) : resolve(input.output);
  await refuseOutput(kit, output);
  const data: ExportData = { backupPath: path, output };
  const { record, descriptor, home } = opened;
  return { action: 'export', descriptor, install: record.name, home, before: record, data, plan: noPlan };
}

async function freeFolder(kit: Kit, opened: OpenedInstall): Promise<string> {
  const at = now().replaceAll(':', '').replace(/\.\d+/, '');
  const folder = join(backupsFolder(kit, opened.record.name), `${opened.record.name}-since-${at}`);
  for (let count = 2, free = folder; ; count += 1, free = `${folder}-${count}`) if (!(await exists(free))) return free;
}

/** Nothing of an install changes, so there is nothing to show before. */
const noPlan = { checks: [], digest: '' } as unknown as Plan;
