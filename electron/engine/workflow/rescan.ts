/**
 * Rescan: makes the catalogue say what the files of a folder say of themselves. A backup is known again by its id, however its file is
 * called now and wherever it was put; nothing of any file is changed.
 */
import { toFailureData } from '../../api/failure.ts';
import type { Rescan } from '../../api/protection.ts';
import { readManifest } from '../backup/read-backup.ts';
import { readSummary } from '../backup/read-summary.ts';
import { isWithin } from '../install/paths.ts';
import { exists } from '../platform/files.ts';
import { walk } from '../platform/tree.ts';
import { join } from 'node:path';
import type { Kit } from './kit.ts';
import type { Program, Scene } from './program.ts';
import { looksLikeBackup, rowOf, rowOfSummary, withPresence } from './rescan-files.ts';

export interface RescanData {
  folder: string;
  /** The install whose own become the backups of its product that are of no install here. */
  adopter: { name: string; id: string; product: string } | null;
}

export function rescanProgram(scene: Scene, data: RescanData): Program {
  return {
    steps: [
      {
        id: 'rescan',
        title: `Look for backups in ${data.folder}`,
        weight: 1,
        run: async (tools) => {
          scene.found.rescan = await rescanFolder(scene.kit, data, {
            signal: tools.signal,
            onFile: (files) => tools.progress({ detail: `${files} files` }),
          });
        },
      },
    ],
    from: null,
    to: null,
    endState: 'done',
  };
}

/** When Moult's database is new, its usual folder may hold backups that an earlier one knew: the files say what they are. */
export async function findLostBackups(kit: Kit): Promise<void> {
  const folder = join(kit.moultHome, 'backups');
  if (!kit.registry.isNew() || !(await exists(folder))) return;
  await rescanFolder(kit, { folder, adopter: null }, { hash: false }).catch(() => undefined);
}

interface Options {
  signal?: AbortSignal;
  /** False: leave the hash of whole files for later. */
  hash?: boolean;
  onFile?: (files: number) => void;
}

export async function rescanFolder(kit: Kit, { folder, adopter }: RescanData, options: Options = {}): Promise<Rescan> {
  const report: Rescan = { folder, files: 0, added: [], moved: [], copies: [], missing: [], foreign: [], adopted: [], unreadable: [] };
  const seen = new Set<string>();
  // What Moult keeps beside an install holds copies of its own that come and go.
  const skip = (relative: string) => /(?:^|\/)(?:\.moult|node_modules)$/.test(relative);
  for await (const entry of walk(folder, skip, options.signal)) {
    if (entry.kind !== 'file' || !looksLikeBackup(entry.path)) continue;
    report.files += 1;
    options.onFile?.(report.files);
    await takeFile(kit, join(folder, entry.path), report, seen, options);
  }
  const { backups } = kit.registry;
  for (const id of seen) {
    let known = backups.find(id);
    if (known?.foreign === true && adopter?.product === known.product) {
      backups.put({ ...known, install: adopter.name, installId: adopter.id });
      known = backups.find(id);
      if (known !== null) report.adopted.push(await withPresence(known));
    }
    if (known?.foreign === true) report.foreign.push(await withPresence(known));
  }
  for (const known of backups.of(null))
    if (!seen.has(known.id) && isWithin(folder, known.path) && !(await exists(known.path)))
      report.missing.push({ ...known, missing: true });
  return report;
}

async function takeFile(kit: Kit, path: string, report: Rescan, seen: Set<string>, options: Options): Promise<void> {
  const { backups } = kit.registry;
  try {
    // Listing needs no key: of an encrypted one its label tells.
    const summary = await readSummary(path, options.signal);
    const known = backups.find(summary.id);
    seen.add(summary.id);
    if (known === null) {
      const manifest = await readManifest(path, options.signal).catch(() => null);
      const { signal, hash = true } = options;
      backups.put(manifest === null ? await rowOfSummary(path, summary, signal, hash) : await rowOf(path, manifest, signal, hash));
      const added = backups.find(summary.id);
      if (added !== null) report.added.push(await withPresence(added));
    } else if (known.path !== path) {
      if (await isStillThere(known.path, known.id)) report.copies.push({ id: known.id, path });
      else {
        backups.move(known.id, path);
        report.moved.push({ id: known.id, from: known.path, to: path });
      }
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    report.unreadable.push({ path, problem: toFailureData(error).message });
  }
}

/** The file of the catalogue, and not another that took its name. */
async function isStillThere(path: string, id: string): Promise<boolean> {
  if (!(await exists(path))) return false;
  return readSummary(path).then(
    (summary) => summary.id === id,
    // Damaged where it was: it is told as damaged, and a whole copy takes its place.
    () => false,
  );
}
