/**
 * Where second copies of an install's backups go. A destination is a folder with a mark of Moult's in it: without the mark nothing is
 * written, because the folder at which a disk is usually mounted is there, empty, on the wrong disk, while that disk is not. A destination
 * that is absent is a fact and no failure: copies wait until it is there.
 */
import { basename, join, resolve } from 'node:path';
import { Failure, toFailureData } from '../../api/failure.ts';
import type { Backup } from '../../api/models.ts';
import type { BackupCopy, Destination } from '../../api/safekeeping.ts';
import { removeLabel } from '../backup/backup-label.ts';
import { copiedBy, copyBackup } from '../backup/copy-backup.ts';
import { readSummary } from '../backup/read-summary.ts';
import { now, pause } from '../platform/clock.ts';
import {
  followOrNull,
  exists,
  isWritable,
  namesIn,
  readTextOrNull,
  remove,
  statOrNull,
  volumeOf,
  writeDurably,
} from '../platform/files.ts';
import { randomId } from '../platform/random.ts';
import type { StepTools } from '../operation/step.ts';
import type { Kit, OpenedInstall } from './kit.ts';
import { backupPlace } from './preparation.ts';
import { byteLimit } from './limits.ts';

interface DestinationSetting {
  folder: string;
  /** What its mark says. */
  mark: string;
}

const markName = '.moult-destination.json';
const settingName = (install: string) => `destinations:${install}`;

export function destinationsOf(kit: Kit, install: string): DestinationSetting[] {
  return kit.registry.setting<DestinationSetting[]>(settingName(install), []);
}

/** Adds a folder, which must be there, and marks it. */
export async function addDestination(kit: Kit, opened: OpenedInstall, typed: string): Promise<void> {
  const folder = resolve(typed);
  const { name } = opened.record;
  if ((await followOrNull(folder))?.isDirectory() !== true) {
    throw new Failure('bad-input', `There is no folder ${folder}. Connect the disk, or make the folder, then add it.`, {
      remedy: { action: 'choose-folder', text: 'Name a folder that is there.' },
    });
  }
  const { problem } = await backupPlace(opened, join(folder, 'x.tar.zst'));
  if (problem !== null) throw new Failure('bad-input', problem, { remedy: { action: 'choose-folder', text: 'Name another folder.' } });
  const mark = (await readMark(folder)) ?? randomId(16);
  await writeDurably(join(folder, markName), `${JSON.stringify({ 'moult-destination': 1, id: mark })}\n`);
  const others = destinationsOf(kit, name).filter((known) => known.folder !== folder);
  kit.registry.set(settingName(name), [...others, { folder, mark }]);
}

/** Forgets a destination; the copies in it stay where they are. */
export function removeDestination(kit: Kit, install: string, typed: string): void {
  const folder = resolve(typed);
  const known = destinationsOf(kit, install);
  if (!known.some((one) => one.folder === folder)) {
    throw new Failure(
      'bad-input',
      `${folder} is no destination of ${install}; there are ${known.map((one) => one.folder).join(', ') || 'none'}.`,
      {
        remedy: { action: 'choose-folder', text: 'See which there are.', command: `moult copies ${install}` },
      },
    );
  }
  kit.registry.set(
    settingName(install),
    known.filter((one) => one.folder !== folder),
  );
  kit.registry.copies.forgetFolder(folder);
}

/** How each destination is now. */
export async function lookAtDestinations(kit: Kit, install: string): Promise<Destination[]> {
  const backups = kit.registry.backups.of(install);
  const seen: Destination[] = [];
  for (const { folder, mark } of destinationsOf(kit, install)) {
    const absence = await whyAbsent(folder, mark);
    const copies = kit.registry.copies.in(folder).filter((copy) => backups.some((backup) => backup.id === copy.backup));
    seen.push({
      folder,
      state: absence === null ? 'present' : 'absent',
      reason: absence,
      free:
        absence === null
          ? await volumeOf(folder).then(
              ({ free }) => free,
              () => null,
            )
          : null,
      copies,
      waiting: waitingIn(kit, install, folder).length,
    });
  }
  return seen;
}

/** The backups that have no whole copy in a folder yet, oldest first; what is bad or gone is not copied. */
export function waitingIn(kit: Kit, install: string, folder: string): Pick<Backup, 'id' | 'path' | 'sha256'>[] {
  const done = new Set(kit.registry.copies.in(folder).flatMap((copy) => (copy.state === 'whole' ? [copy.backup] : [])));
  return kit.registry.backups
    .of(install)
    .filter((backup) => backup.verdict !== 'bad' && !done.has(backup.id))
    .toReversed();
}

/**
 * Copies what waits to one destination and files what came of each. Nothing here fails the operation: the first trouble with the place
 * ends the copying, is said, and is tried again next time. Only a cancel goes through.
 */
export async function copyWaiting(
  kit: Kit,
  install: string,
  folder: string,
  tools: Pick<StepTools, 'signal' | 'progress' | 'note'>,
  limit?: number | null,
): Promise<void> {
  const setting = destinationsOf(kit, install).find((one) => one.folder === folder);
  if (setting === undefined) return;
  const absence = await whyAbsent(folder, setting.mark);
  const waiting = waitingIn(kit, install, folder);
  if (absence !== null) {
    if (waiting.length > 0)
      tools.note(`${folder} is not there now (${absence}): ${counted(waiting.length)} will be copied when it is.`, 'info');
    return;
  }
  await removeRetired(kit, install).catch(() => undefined);
  await sweepPartials(folder, waiting).catch(() => undefined);
  for (const [index, backup] of waiting.entries()) {
    if (!(await exists(backup.path))) continue;
    const path = await freePath(folder, backup);
    const file = (state: BackupCopy['state'], problem: string | null) =>
      kit.registry.copies.put({ backup: backup.id, folder, path, state, at: now(), problem });
    try {
      await copyBackup(backup.path, path, {
        sha256: backup.sha256,
        limit: limit === undefined ? byteLimit(kit) : limit,
        signal: tools.signal,
        onProgress: ({ bytes, totalBytes }) =>
          tools.progress({
            bytes,
            totalBytes,
            fraction: (index + bytes / Math.max(1, totalBytes)) / waiting.length,
            detail: basename(backup.path),
          }),
      });
      file('whole', null);
    } catch (error) {
      tools.signal.throwIfAborted();
      const { code, message } = toFailureData(error);
      file('failed', message);
      if (code === 'bad-backup') kit.registry.backups.judge(backup.id, 'bad', now(), message);
      tools.note(
        `The copy to ${folder} was not made: ${message} The backup itself is whole where it is; the copy is tried again next time.`,
        'warning',
      );
      if (code !== 'bad-backup') return;
    }
  }
}

/** How many whole copies of some backups there are: where their places are there, and where they are not. */
export async function countCopies(kit: Kit, install: string, backups: ReadonlySet<string>): Promise<{ removed: number; waiting: number }> {
  const counts = { removed: 0, waiting: 0 };
  for (const { folder, mark } of destinationsOf(kit, install)) {
    const copies = kit.registry.copies.in(folder).filter((copy) => copy.state === 'whole' && backups.has(copy.backup)).length;
    const retired = kit.registry.copies.retiredIn(folder).length;
    counts[(await whyAbsent(folder, mark)) === null ? 'removed' : 'waiting'] += copies + retired;
  }
  return counts;
}

/** Removes the copies of backups that retention removed, where their places are there; answers how many went and how many wait. */
export async function removeRetired(kit: Kit, install: string): Promise<{ removed: number; waiting: number }> {
  const counts = { removed: 0, waiting: 0 };
  for (const { folder, mark } of destinationsOf(kit, install)) {
    const retired = kit.registry.copies.retiredIn(folder);
    const isThere = retired.length > 0 && (await whyAbsent(folder, mark)) === null;
    for (const { backup, path } of retired) {
      const end = isThere ? await removeCopy(kit, backup, path).catch(() => 'waits' as const) : 'waits';
      if (end === 'waits') counts.waiting += 1;
      else kit.registry.copies.forget(backup, folder);
      if (end === 'removed') counts.removed += 1;
    }
  }
  return counts;
}

/**
 * Only the very copy, and only where it has not become a backup in the catalogue since, as when a folder was read anew. Another file in its
 * place, and one that cannot be read any more, is left to the person. Throws when the place does not let it go.
 */
async function removeCopy(kit: Kit, backup: string, path: string): Promise<'removed' | 'left'> {
  if (!(await exists(path)) || kit.registry.backups.find(backup) !== null) return 'left';
  const found = await readSummary(path).then(
    ({ id }) => id,
    () => null,
  );
  if (found !== backup) return 'left';
  await remove(path);
  await removeLabel(path);
  return 'removed';
}

/** Days after which what a cut left of a copy goes, where its backup does not wait any more. One that is written to is younger. */
const partialDays = 7;

/** A copy that was cut off is gone on with; what is left of one whose backup was removed since, or that another Moult began, is nobody's. */
async function sweepPartials(folder: string, waiting: readonly Pick<Backup, 'path'>[]): Promise<void> {
  const expected = new Set(waiting.map((backup) => basename(backup.path)));
  for (const name of await namesIn(folder)) {
    const backup = copiedBy(name);
    if (backup === null || [...expected].some((known) => backup === known || backup.endsWith(`-${known}`))) continue;
    const path = join(folder, name);
    const age = Date.parse(now()) - ((await statOrNull(path))?.mtimeMs ?? 0);
    if (age > partialDays * 24 * 3_600_000) await remove(path);
  }
}

/** Milliseconds that looking at a place may take: a network folder whose server is gone may never answer, and a status must. */
const lookLimit = 5000;

/** Why nothing can be copied there now; null when it can. */
async function whyAbsent(folder: string, mark: string): Promise<string | null> {
  const over = new AbortController();
  const late = pause(lookLimit, over.signal).then(
    () => 'it does not answer',
    () => null,
  );
  try {
    return await Promise.race([lookInto(folder, mark), late]);
  } finally {
    over.abort(new Error('it answered'));
  }
}

async function lookInto(folder: string, mark: string): Promise<string | null> {
  try {
    if ((await followOrNull(folder))?.isDirectory() !== true) return 'there is no such folder';
    const found = await readMark(folder);
    if (found === null) return 'its disk is not mounted, or its mark was removed';
    if (found !== mark) return 'another disk is mounted there';
    return (await isWritable(folder)) ? null : 'it is read-only for you';
  } catch (error) {
    return (error as Error).message;
  }
}

async function readMark(folder: string): Promise<string | null> {
  const text = await readTextOrNull(join(folder, markName));
  try {
    const { id } = JSON.parse(text ?? '{}') as { id?: unknown };
    return typeof id === 'string' ? id : null;
  } catch {
    return null;
  }
}

/** Its own name, or where another file has that, the name with the beginning of its id. */
async function freePath(folder: string, backup: Pick<Backup, 'id' | 'path'>): Promise<string> {
  const path = join(folder, basename(backup.path));
  return (await exists(path)) ? join(folder, `${backup.id.slice(0, 8)}-${basename(backup.path)}`) : path;
}

function counted(backups: number): string {
  return backups === 1 ? 'one backup' : `${backups} backups`;
}
