/**
 * A new folder beside all installs that an operation fills: written under another name, synced, and renamed last. It refuses places that an
 * install owns, and folders that hold something already.
 */
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { isWithin, realPathSoFar } from '../install/paths.ts';
import type { StepTools } from '../operation/step.ts';
import { exists, followOrNull, makeFolder, moveDurably, namesIn, remove, removeFolderIfEmpty } from '../platform/files.ts';
import { ownPid, startOf } from '../platform/processes.ts';
import { openInstall, type Kit } from './kit.ts';

/** Throws `bad-input` where the folder cannot be made; `output` is absolute. */
export async function refuseOutput(kit: Kit, output: string): Promise<void> {
  const refuse = (why: string) => {
    throw new Failure('bad-input', `${output} ${why}`, {
      remedy: { action: 'choose-folder', text: 'Name a folder that is not there yet, outside of all installs.' },
      details: { path: output },
    });
  };
  const there = await followOrNull(output);
  if (there?.isDirectory() === true ? (await namesIn(output)).length > 0 : there !== null || (await exists(output)))
    refuse('is there already');
  const real = await realPathSoFar(output);
  for (const row of kit.registry.installs.all()) {
    const opened = await openInstall(kit, row, { brokenConfig: true }).catch(() => null);
    const roots = [row.home, ...(opened?.items ?? []).filter((item) => item.kind === 'files').flatMap((item) => item.paths)];
    for (const root of roots)
      if (isWithin(await realPathSoFar(root), real)) refuse(`is inside ${root}, which the install ${row.name} owns`);
  }
}

/** Fills the folder through `fill`, which is given the name under which it is written. */
export async function fillAside<T>(
  output: string,
  operation: string,
  tools: Pick<StepTools, 'signal'>,
  fill: (folder: string) => Promise<T>,
): Promise<T> {
  const partial = partialOf(output, operation);
  await makeFolder(partial);
  const done = await fill(partial);
  tools.signal.throwIfAborted();
  // An empty folder may be there: one that was made to be filled.
  await removeFolderIfEmpty(output);
  if (await exists(output)) throw new Failure('io', `${output} has come meanwhile; nothing was written over it`);
  await moveDurably(partial, output).catch(async (error: unknown) => {
    if (!(await exists(partial))) await remove(output);
    throw error;
  });
  return done;
}

const announced = 'unfinished-folders';

interface Announced {
  path: string;
  pid: number;
  /** What `startOf` says of the process that writes it. */
  start: string;
}

/** Remembers what is about to be written by an operation that has no install and no journal, so that a kill leaves nothing for good. */
export async function announceAside(kit: Kit, output: string, operation: string): Promise<void> {
  await tidyAsides(kit);
  const entry: Announced = { path: partialOf(output, operation), pid: ownPid(), start: (await startOf(ownPid())) ?? '' };
  kit.registry.set(announced, [...kit.registry.setting<Announced[]>(announced, []), entry]);
}

export function forgetAside(kit: Kit, output: string, operation: string): void {
  const path = partialOf(output, operation);
  const rest = kit.registry.setting<Announced[]>(announced, []).filter((entry) => entry.path !== path);
  kit.registry.set(announced, rest);
}

/** Nobody writes it any more: should it not be possible to take it away now, whoever tidies next may, although this process lives. */
export function abandonAside(kit: Kit, output: string, operation: string): void {
  const path = partialOf(output, operation);
  const all = kit.registry.setting<Announced[]>(announced, []);
  kit.registry.set(
    announced,
    all.map((entry) => (entry.path === path ? { ...entry, start: '' } : entry)),
  );
}

/** Removes what killed operations have left. */
export async function tidyAsides(kit: Kit): Promise<void> {
  const all = kit.registry.setting<Announced[]>(announced, []);
  const alive: Announced[] = [];
  for (const entry of all) {
    if ((await startOf(entry.pid)) === entry.start) alive.push(entry);
    else if (/^\..+\.partial$/.test(basename(entry.path))) await remove(entry.path);
  }
  if (alive.length < all.length) kit.registry.set(announced, alive);
}

/**
 * Takes away what is not whole; `isFilled`: and what is, because the operation failed after it. Only who filled it may say so: recovery finds a
 * whole folder that a person may have taken for theirs since, and leaves it.
 */
export async function clearAside(output: string, operation: string, isFilled: boolean): Promise<void> {
  await remove(partialOf(output, operation));
  if (isFilled) await remove(output);
}

function partialOf(output: string, operation: string): string {
  return join(dirname(output), `.${basename(output)}.${operation}.partial`);
}
