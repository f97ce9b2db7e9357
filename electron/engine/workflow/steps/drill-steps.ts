/** Steps of a drill: bring the matching release and the content of the backup into a home of their own, look, run it, remove it all. */
import { dirname, join } from 'node:path';
import { Failure, toFailureData } from '../../../api/failure.ts';
import { listMembers, readManifest } from '../../backup/read-backup.ts';
import { unpackBackup } from '../../backup/unpack-backup.ts';
import { datastoreDriver } from '../../datastore/driver.ts';
import { bytesDone } from '../../operation/progress.ts';
import type { Step } from '../../operation/step.ts';
import { now } from '../../platform/clock.ts';
import { pathArgument } from '../../platform/byte-names.ts';
import { copyTree, exists, makeFolder, namesIn, readLink, remove } from '../../platform/files.ts';
import { hashFile } from '../../platform/tree.ts';
import { compileGlob, matchesGlob } from '../../product/glob.ts';
import type { ApartData, DrillData } from '../drill.ts';
import { placesApart, type ApartPlace } from '../drill-places.ts';
import { readSchema } from '../facts.ts';
import { datastoreItems, openAt, type OpenedInstall } from '../kit.ts';
import type { Scene } from '../program.ts';
import { startService, stopService } from './service-steps.ts';

/** Failures that the backup is to blame for, and not the machine, the network or the person. */
const blamesBackup = new Set<string>(['bad-backup', 'bad-archive', 'health-failed', 'service-failed', 'schema-ahead', 'bad-config']);

/** A step whose failure may be the backup's: then it is filed as bad, with the reason. */
function telling(scene: Scene, data: ApartData, step: Step): Step {
  const { backups } = scene.kit.registry;
  const file = (code: string, message: string) => {
    // In a rehearsal another release runs than the one that made the backup: that the backup is damaged is then all that can be said of it.
    if (scene.action === 'rehearse') {
      if (code === 'bad-backup' || code === 'bad-archive') backups.judge(data.backupId, 'bad', now(), `A rehearsal found: ${message}`);
    } else if (blamesBackup.has(code)) backups.drilled(data.backupId, now(), `A drill failed: ${message}`);
  };
  return {
    ...step,
    run: async (tools) =>
      step.run(tools).catch((error: unknown) => {
        const { code, message } = toFailureData(error);
        if (!tools.signal.aborted) file(code, message);
        throw error;
      }),
  };
}

/** Removes everything of the copy but what the running operation itself needs; that goes when its lock does. */
export function clearStep(scene: Scene, id: string, title: string, atOnce: boolean): Step {
  const clear = async () => {
    const above = dirname(scene.home);
    for (const name of await namesIn(above)) if (join(above, name) !== scene.home) await remove(join(above, name));
    for (const name of await namesIn(scene.home)) if (name !== '.moult') await remove(join(scene.home, name));
    for (const name of await namesIn(scene.folder.root))
      if (!['lock', 'lock.json', 'journal'].includes(name)) await remove(join(scene.folder.root, name));
  };
  return { id, title, weight: 2, run: async () => (atOnce ? clear() : undefined), undo: clear };
}

/** Releases out of slots of the live install, as copies: the live ones are only read. */
export function copyCodeStep(scene: Scene, slots: readonly { slot: string; release: string }[]): Step {
  return {
    id: 'copy-release',
    title: `Copy release ${slots.map(({ release }) => release).join(', ')}`,
    weight: 8,
    run: async (tools) => {
      await makeFolder(scene.folder.slots);
      for (const { slot, release } of slots) {
        const to = join(scene.folder.slots, release);
        await remove(to);
        await copyTree(slot, to, tools.signal);
      }
    },
  };
}

export function unpackApartStep(scene: Scene, data: ApartData): Step {
  return telling(scene, data, {
    id: 'unpack',
    title: 'Unpack the backup into a place of its own',
    weight: 25,
    run: async (tools) => {
      const places = await placesOf(scene, data, tools.signal);
      for (const { to } of places) await makeFolder(dirname(to));
      await unpackBackup(data.backupPath, {
        signal: tools.signal,
        onProgress: (done) => tools.progress(bytesDone(done)),
        into: (entry) => targetOf(places, entry.item, entry.as),
      });
      for (const { path, name } of data.lends) {
        await makeFolder(dirname(join(scene.home, name)));
        await copyTree(path, join(scene.home, name), tools.signal);
      }
    },
  });
}

/** Reads from the disk what was unpacked and holds it against the manifest's list. */
export function compareStep(scene: Scene, data: DrillData): Step {
  return telling(scene, data, {
    id: 'compare',
    title: 'Compare every file with the manifest',
    weight: 12,
    run: async (tools) => {
      const places = await placesOf(scene, data, tools.signal);
      const { counts } = await readManifest(data.backupPath, tools.signal);
      const wrong: string[] = [];
      let files = 0;
      for await (const entry of listMembers(data.backupPath, tools.signal)) {
        const to = targetOf(places, entry.item, entry.as);
        if (to === null || entry.kind === 'folder') continue;
        files += 1;
        tools.progress({ detail: `${files} files`, fraction: files / Math.max(1, counts.files + counts.links) });
        const found = await contentAt(to, entry.kind, tools.signal);
        if (found !== (entry.kind === 'link' ? entry.target : entry.sha256)) wrong.push(entry.path);
      }
      if (wrong.length > 0)
        throw new Failure('bad-backup', `${count(wrong.length)} not as the manifest says: ${wrong.slice(0, 3).join(', ')}`);
      scene.found.drill = {
        backup: data.backupId,
        path: data.backupPath,
        release: data.record.release ?? '',
        code: data.code.from,
        verdict: 'unproven',
        files,
        schema: { expected: null, found: null },
        rows: null,
        healthyAfter: 0,
        notes: [],
      };
    },
  });
}

/** Datastores are whole, at the schema of the manifest, and with as many rows. */
export function lookStep(scene: Scene, data: ApartData): Step {
  return telling(scene, data, {
    id: 'look',
    title: 'Check the datastore, its schema and its rows',
    weight: 6,
    run: async (tools) => {
      const manifest = await readManifest(data.backupPath, tools.signal);
      const opened = await openCopy(scene, data);
      let counted: { tables: number; rows: number } | null = null;
      for (const { driver: name, item, store } of datastoreItems(opened)) {
        if (!item.exists) continue;
        const driver = datastoreDriver(name);
        await driver.prepareRestored?.(store.paths, tools.signal, store);
        const problems = await driver.check(store.paths, tools.signal);
        if (problems.length > 0) throw new Failure('bad-backup', `the datastore is damaged: ${problems.slice(0, 3).join('; ')}`);
        const expected = manifest.rows?.[item.item.id];
        if (expected === undefined || driver.rows === undefined) continue;
        counted = added(counted, compareRows(expected, await driver.rows(store.paths, tools.signal, store)));
      }
      const found = await schemaOf(opened, manifest.schema.version);
      const report = scene.found.drill;
      if (report === null) return;
      report.schema = { expected: manifest.schema.version, found };
      report.rows = counted;
    },
  });
}

/** Starts the release on the copy, waits until it is healthy, looks at the schema once more, stops it. */
export function tryStep(scene: Scene, data: DrillData): Step {
  return telling(scene, data, {
    id: 'try',
    title: `Start ${data.record.release} on the copy and check its health`,
    weight: 30,
    run: async (tools) => {
      const manifest = await readManifest(data.backupPath, tools.signal);
      const opened = await openCopy(scene, data);
      const health = await startService(opened, tools);
      await schemaOf(opened, manifest.schema.version);
      await stopService(opened, tools);
      if (scene.found.drill !== null) scene.found.drill.healthyAfter = health.seconds;
    },
    undo: async (tools) => stopService(await openAt(scene.descriptor, scene.home, data.record, { apart: true, brokenConfig: true }), tools),
  });
}

export async function openCopy(scene: Scene, data: Pick<ApartData, 'record'>): Promise<OpenedInstall> {
  return openAt(scene.descriptor, scene.home, data.record, { apart: true });
}

export async function placesOf(scene: Scene, data: ApartData, signal?: AbortSignal): Promise<ApartPlace[]> {
  const leftOut = (scene.descriptor.drill?.leaveOut ?? []).map(compileGlob);
  const places = placesApart(scene.descriptor, scene.home, await readManifest(data.backupPath, signal));
  return places.filter(({ to }) => !leftOut.some((glob) => matchesGlob(glob, to.slice(scene.home.length + 1))));
}

/** Where a member goes; null for one that is left out. */
export function targetOf(places: readonly ApartPlace[], item: string, as: string): string | null {
  const place = places.findLast((known) => known.item === item && (as === known.as || as.startsWith(`${known.as}/`)));
  return place === undefined ? null : `${place.to}${as.slice(place.as.length)}`;
}

async function contentAt(path: string, kind: 'file' | 'link', signal: AbortSignal): Promise<string | null> {
  if (kind === 'link') return readLink(path).catch(() => null);
  const argument = pathArgument(path);
  if (typeof argument === 'string' && !(await exists(argument))) return null;
  return hashFile(argument, signal);
}

async function schemaOf(opened: OpenedInstall, expected: string | null): Promise<string | null> {
  const { version, error, unsupported } = await readSchema(opened);
  if (error !== null && !unsupported && expected !== null) throw new Failure('bad-backup', `its schema cannot be read: ${error}`);
  if (error === null && version !== expected)
    throw new Failure('bad-backup', `the datastore is at schema version ${version ?? 'none'}, and the manifest says ${expected ?? 'none'}`);
  return version;
}

export function compareRows(expected: Record<string, number>, found: Record<string, number>): { tables: number; rows: number } {
  const tables = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  const wrong = tables.filter((table) => expected[table] !== found[table]);
  if (wrong.length > 0) {
    const told = wrong.slice(0, 3).map((table) => `${table} has ${found[table] ?? 'no'} rows instead of ${expected[table] ?? 'none'}`);
    throw new Failure('bad-backup', `the datastore is not what was backed up: ${told.join('; ')}`);
  }
  return { tables: tables.length, rows: Object.values(found).reduce((sum, rows) => sum + rows, 0) };
}

function added(one: { tables: number; rows: number } | null, other: { tables: number; rows: number }): { tables: number; rows: number } {
  return { tables: (one?.tables ?? 0) + other.tables, rows: (one?.rows ?? 0) + other.rows };
}

function count(files: number): string {
  return files === 1 ? 'one file is' : `${files} files are`;
}
