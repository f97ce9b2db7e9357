/**
 * Exports what was written since a backup, for a person who is about to go back to it: the files as they are now, a list of those that are
 * gone, and the rows of datastores as JSON Lines. Everything in it opens with plain tools; nothing of the install is touched.
 */
import { dirname, join } from 'node:path';
import { toFailureData } from '../../api/failure.ts';
import type { InstallRecord } from '../install/record.ts';
import { readManifest } from '../backup/read-backup.ts';
import type { TableChange } from '../datastore/driver.ts';
import type { StepTools } from '../operation/step.ts';
import { copyFile, makeFolder, makeLink, openFile, readLink, setMode, setTimes, statOrNull, writeDurably } from '../platform/files.ts';
import { clearAside, fillAside } from './aside-folder.ts';
import { changedFiles, changedRows } from './compare.ts';
import { datastoreItems, openAt, type OpenedInstall } from './kit.ts';
import type { Program, Scene } from './program.ts';
import { mustHave } from './upgrade.ts';

export interface ExportData {
  backupPath: string;
  /** The folder; absolute. */
  output: string;
}

export function exportProgram(scene: Scene, data: ExportData): Program {
  const before: InstallRecord = mustHave(scene.before);
  let isFilled = false;
  return {
    steps: [
      {
        id: 'export',
        title: 'Export what was written since the backup',
        weight: 1,
        run: async (tools) => {
          const opened = await openAt(scene.descriptor, scene.home, before, { brokenConfig: true });
          const done = await fillAside(data.output, scene.operation, tools, async (folder) => fill(opened, data.backupPath, folder, tools));
          isFilled = true;
          scene.found.exported = { path: data.output, ...done };
        },
        undo: async () => clearAside(data.output, scene.operation, isFilled),
      },
    ],
    from: before.release,
    to: before.release,
    endState: 'done',
  };
}

async function fill(
  opened: OpenedInstall,
  backup: string,
  folder: string,
  tools: Pick<StepTools, 'signal' | 'progress' | 'note'>,
): Promise<{ files: number; bytes: number; rows: number }> {
  const manifest = await readManifest(backup, tools.signal);
  const sum = { files: 0, bytes: 0, rows: 0 };
  const gone: string[] = [];
  for await (const file of changedFiles(opened, backup, manifest, tools.signal)) {
    if (file.change === 'removed') gone.push(file.file);
    else if (await takeFile(file.path, join(folder, 'files', file.file))) {
      sum.files += 1;
      sum.bytes += file.bytes;
    }
    tools.progress({ detail: `${sum.files} files`, bytes: sum.bytes });
  }
  const tables: object[] = [];
  for (const { item, driver } of datastoreItems(opened)) {
    const id = item.item.id;
    if (driver === 'files' || !manifest.items.some((entry) => entry.item === id)) continue;
    tools.progress({ detail: `comparing the rows of ${item.item.title}` });
    for (const change of await rowsOf(opened, backup, id, item.item.title, join(folder, 'rows', id), tools)) {
      tables.push({ item: id, ...change });
      sum.rows += (change.added ?? 0) + (change.changed ?? 0) + (change.removed ?? 0);
      if (change.added === null)
        tools.note(`the rows of ${change.table} have no key by which to tell them apart, and are not in the export`, 'warning');
    }
  }
  await writeDurably(join(folder, 'removed.txt'), gone.map((name) => `${name}\n`).join(''), 0o600);
  await writeDurably(join(folder, 'tables.json'), `${JSON.stringify(tables, null, 2)}\n`, 0o600);
  await writeDurably(join(folder, 'README.txt'), readMe(opened, manifest.created, backup), 0o600);
  return sum;
}

/** A datastore that cannot be read keeps nobody from taking the files along; that its rows are missing is said. */
async function rowsOf(
  opened: OpenedInstall,
  backup: string,
  id: string,
  title: string,
  to: string,
  tools: Pick<StepTools, 'signal' | 'note'>,
): Promise<TableChange[]> {
  try {
    const changes = await changedRows(opened, backup, id, to, tools.signal);
    if (changes === null) tools.note(`the rows of ${title} cannot be told apart, and are not in the export`, 'warning');
    return changes ?? [];
  } catch (error) {
    if (tools.signal.aborted) throw error;
    tools.note(`the rows of ${title} are not in the export: ${toFailureData(error).message}`, 'warning');
    return [];
  }
}

/** False where it vanished meanwhile: the product may be running. */
async function takeFile(from: string, to: string): Promise<boolean> {
  const stats = await statOrNull(from);
  if (stats === null) return false;
  await makeFolder(dirname(to));
  if (stats.isSymbolicLink()) await makeLink(await readLink(from), to);
  else {
    await copyFile(from, to);
    const copied = await openFile(to, 'r');
    try {
      await copied.sync();
    } finally {
      await copied.close();
    }
    // Secrets stay as private as they were, and what was open to others is not opened here.
    await setMode(to, stats.mode & 0o700);
    await setTimes(to, stats.mtimeMs / 1000);
  }
  return true;
}

function readMe(opened: OpenedInstall, since: string, backup: string): string {
  return `What was written to ${opened.record.name} (${opened.descriptor.title}) since the backup of ${since}
${backup}

files/        files that were added or changed since, as they are now
removed.txt   files that the backup has and that are gone
rows/         a file for each table: JSON Lines, a row each, with "change" and the row as it is and "was"
tables.json   how many rows of each table were added, changed and removed
`;
}
