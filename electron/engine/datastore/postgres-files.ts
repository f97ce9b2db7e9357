/**
 * Which files of a data folder belong into a copy. What PostgreSQL makes anew at its start stays out, as in its own tools
 * (https://www.postgresql.org/docs/current/protocol-replication.html, BASE_BACKUP); folders stay, because it expects them.
 */
import { basename, join } from 'node:path';
import { exists, list, namesIn, openFile, readLink, realPathOrNull, statOrNull } from '../platform/files.ts';
import type { CaptureFile } from './capture.ts';
import type { Cluster } from './postgres-cluster.ts';
import { isOwnPage, parseSegment, segmentAt } from './postgres-wal.ts';

/** Folders whose content is of this run of the server alone. */
const emptied = ['pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_stat_tmp', 'pg_subtrans'];

/** Of a server that runs: its log comes with `complete`, the control file too, and its slots belong to it. */
export function skipHot(relative: string): boolean {
  return skipAlways(relative) || isInside(relative, 'pg_wal') || isInside(relative, 'pg_replslot') || hotOnly.has(relative);
}

const hotOnly = new Set([
  'global/pg_control',
  'backup_label',
  'backup_label.old',
  'tablespace_map',
  'tablespace_map.old',
  'backup_manifest',
]);

/** Of a cluster that nobody runs. After an orderly stop only the part of the log with the last checkpoint is needed. */
export function skipCold(cluster: Cluster, segmentBytes: number, hasLabel: boolean): (relative: string) => boolean {
  const { control } = cluster;
  const isClean = control?.state === 'clean' && !hasLabel;
  const [first, last] = [segmentAt(control?.redo ?? 0n, segmentBytes), segmentAt(control?.checkpoint ?? 0n, segmentBytes)];
  return (relative) => {
    if (skipAlways(relative)) return true;
    if (!isClean || !isInside(relative, 'pg_wal')) return false;
    const segment = parseSegment(relative.slice('pg_wal/'.length), segmentBytes);
    return segment !== null && (segment.number < first || segment.number > last);
  };
}

function skipAlways(relative: string): boolean {
  const name = relative.slice(relative.lastIndexOf('/') + 1);
  if (relative === 'postmaster.pid' || relative === 'postmaster.opts') return true;
  if (name.startsWith('.s.PGSQL.') || name.startsWith('pgsql_tmp') || name.startsWith('pg_internal.init')) return true;
  // Links out of the folder: what they lead to comes under their name.
  return relative.startsWith('pg_tblspc/') || emptied.some((folder) => isInside(relative, folder));
}

function isInside(relative: string, folder: string): boolean {
  return relative.startsWith(`${folder}/`);
}

/**
 * Parts of the cluster that are kept elsewhere and linked: tablespaces, and the log where `initdb -X` put it. They come back inside the
 * folder, where PostgreSQL takes them as well, so that a restored copy never shares files with the one it was taken from.
 */
export async function partsElsewhere(cluster: Cluster): Promise<{ relative: string; target: string; link: boolean }[]> {
  const parts: { relative: string; target: string; link: boolean }[] = [];
  for (const name of await namesIn(join(cluster.folder, 'pg_tblspc'))) {
    const path = join(cluster.folder, 'pg_tblspc', name);
    parts.push({
      relative: `pg_tblspc/${name}`,
      target: (await realPathOrNull(path)) ?? path,
      link: (await statOrNull(path))?.isSymbolicLink() === true,
    });
  }
  const wal = join(cluster.folder, 'pg_wal');
  if ((await statOrNull(wal))?.isSymbolicLink() === true)
    parts.push({ relative: 'pg_wal', target: (await realPathOrNull(wal)) ?? (await readLink(wal)), link: true });
  return parts;
}

/** Settings and the like: files at the top of the folder that no log knows of. */
export async function looseFiles(cluster: Cluster, of: string): Promise<CaptureFile[]> {
  const entries = await list(cluster.folder);
  return entries
    .filter((entry) => entry.isFile() && entry.name !== 'PG_VERSION' && !skipHot(entry.name))
    .map(({ name }) => ({ path: join(of, name), as: `${basename(of)}/${name}`, of }));
}

/** Whether a file of the log holds what its name says: those that wait to be used again hold something older. */
export async function isSegment(path: string, segmentBytes: number): Promise<boolean> {
  const segment = parseSegment(basename(path), segmentBytes);
  if (segment === null || !(await exists(path))) return false;
  const handle = await openFile(path, 'r');
  try {
    const page = new Uint8Array(16);
    await handle.read(page, 0, page.length, 0);
    return isOwnPage(page, segment, segmentBytes);
  } finally {
    await handle.close();
  }
}
