/** Backs a test cluster up and restores it, the way workflows do: capture, writer, unpacking, recovery beside the live folder. */
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { openBackup, type BackupWriter } from '../../electron/engine/backup/open-backup.ts';
import type { BackupHeader, BackupSource } from '../../electron/engine/backup/backup-format.ts';
import { unpackBackup } from '../../electron/engine/backup/unpack-backup.ts';
import type { Capture, CaptureFile, Store } from '../../electron/engine/datastore/capture.ts';
import { postgresDriver } from '../../electron/engine/datastore/postgres.ts';
import { as, clusterAt, giveToUser, type TestCluster } from './postgres.ts';

const header: BackupHeader = {
  product: 'app',
  install: 'app',
  release: '1.0.0',
  schema: { version: null, ledger: null, known: null },
  reason: 'asked',
  items: [{ item: 'datastore', title: 'Datastore', fate: 'migrate', kind: 'files', places: [] }],
  secretsFingerprint: null,
};

export interface Pass {
  capture: Capture;
  writer: BackupWriter;
  to: string;
}

/** Begins to back up a cluster: capture and writer, nothing read yet. */
export async function beginBackup(store: Store, folder: string, name = 'backup'): Promise<Pass> {
  const capture = (await postgresDriver.capture({ ...store, scratch: join(folder, `${name}-scratch`) })) as Capture;
  const to = join(folder, `${name}.tar.zst`);
  return { capture, writer: await openBackup({ to, level: 1 }), to };
}

/** Reads the base, and what makes it whole. `between` is told when the one is read and the other not begun. */
export async function firstPass(pass: Pass, store: Store, between: () => unknown = () => {}): Promise<CaptureFile[]> {
  await pass.writer.addFirstPass(pass.capture.base.map((file) => sourceOf(store, file)));
  await between();
  const completing = (await pass.capture.complete?.()) ?? [];
  if (completing.length > 0) await pass.writer.addFirstPass(completing.map((file) => sourceOf(store, file)));
  return completing;
}

/** After the product has stopped; answers what was read a second time. */
export async function secondPass(
  pass: Pass,
  store: Store,
  completed: readonly CaptureFile[],
): Promise<{ added: CaptureFile[]; changed: number }> {
  const final = new Map(
    pass.capture.base.map((file) => [file.as, { ...sourceOf(store, file), ...(file.moving === true && { taken: true }) }]),
  );
  for (const file of completed) final.set(file.as, sourceOf(store, file));
  const added = await pass.capture.finish();
  for (const file of added) {
    if (file.replaces === true) for (const other of final.keys()) if (other.startsWith(`${file.as}/`)) final.delete(other);
    final.set(file.as, sourceOf(store, file));
  }
  return { added, changed: (await pass.writer.addChanges([...final.values()])).changed };
}

export async function seal(pass: Pass): Promise<string> {
  await pass.writer.seal(header);
  await pass.capture.close();
  return pass.to;
}

/** A whole backup in one go. */
export async function backUpAtOnce(store: Store, folder: string, name?: string): Promise<string> {
  const pass = await beginBackup(store, folder, name);
  await firstPass(pass, store);
  return seal(pass);
}

/** Unpacks a backup to `<folder>/<name>/pgdata`, recovers it there, and answers the cluster and the problems of its check. */
export async function restoreTo(
  backup: string,
  cluster: TestCluster,
  folder: string,
  name: string,
): Promise<{ restored: TestCluster; problems: string[] }> {
  const target = await unpackTo(backup, cluster, folder, name);
  await postgresDriver.prepareRestored?.([target], undefined, cluster.store);
  return { restored: clusterAt(target, cluster.binaries), problems: await postgresDriver.check([target]) };
}

/** Unpacks only. */
export async function unpackTo(backup: string, cluster: TestCluster, folder: string, name: string): Promise<string> {
  const target = join(folder, name);
  await mkdir(dirname(target), { recursive: true });
  const top = basename(cluster.folder);
  await unpackBackup(backup, { into: ({ as: below }) => (below === top ? target : join(target, below.slice(top.length + 1))) });
  if (as.uid !== undefined) await giveToUser(target);
  return target;
}

function sourceOf(store: Store, file: CaptureFile): BackupSource {
  const path = join(dirname(store.paths[0] as string), file.as);
  return {
    item: 'datastore',
    path,
    as: file.as,
    ...(file.path !== path && { readFrom: file.path }),
    ...(file.moving === true && { moving: true }),
    ...(file.skip && { skip: file.skip }),
  };
}
