/**
 * The renames that put single files back, and options into the config file that is there. A folder that is gone comes back with them; what
 * stands beside them stays.
 */
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { readConfig, valueAt } from '../install/config-file.ts';
import { withValues } from '../install/config-edit.ts';
import { exists, followOrNull, makeFolderDurably, namesIn, remove, setOwner, statOrNull, writeDurably } from '../platform/files.ts';
import { ownUser } from '../platform/identity.ts';
import { inTheWay, type Choice, type KeysChoice } from './choice.ts';
import { asideOf, type Move } from './moves.ts';
import type { Scene } from './program.ts';
import type { StagedPlace } from './steps/staging.ts';
import { trashFolder } from './trash.ts';

/** To be called when nothing runs: a config file may have been written to until then. Throws `outside-roots` where something is in the way. */
export async function singleMoves(scene: Scene, places: readonly StagedPlace[], choice: Choice): Promise<Move[]> {
  const sources = await mergeKeys(places, choice.keys);
  const pairs: Pair[] = [];
  for (const place of places) {
    if (choice.items.includes(place.item) || sources.some((source) => source.from === place.staged) || !(await exists(place.staged)))
      continue;
    pairs.push(...(await pairsOf(place.staged, place.live, true)));
  }
  pairs.push(...sources.map(({ merged, live }) => ({ staged: merged, live, isThere: true })));
  const moves: Move[] = [];
  for (const { staged, live, isThere } of pairs) {
    if (isThere) {
      const to = await asideOf(live, trashFolder(scene.home, scene.operation), `${scene.operation}-file-${moves.length}`);
      moves.push({ from: live, to, away: true });
    }
    moves.push({ from: staged, to: live });
  }
  return moves;
}

interface Pair {
  staged: string;
  live: string;
  /** Something is there that makes room. */
  isThere: boolean;
}

/** `isRoot`: the place of an item itself, which may be a link to where its folder is. */
async function pairsOf(staged: string, live: string, isRoot: boolean): Promise<Pair[]> {
  const [from, to] = [await statOrNull(staged), isRoot ? ((await followOrNull(live)) ?? (await statOrNull(live))) : await statOrNull(live)];
  if (from === null) return [];
  if (to === null) return [{ staged, live, isThere: false }];
  if (from.isDirectory() !== to.isDirectory()) throw inTheWay(live, `where the backup has a ${from.isDirectory() ? 'folder' : 'file'}`);
  if (!from.isDirectory()) return [{ staged, live, isThere: true }];
  const pairs: Pair[] = [];
  for (const name of await namesIn(staged)) pairs.push(...(await pairsOf(join(staged, name), join(live, name), false)));
  return pairs;
}

interface Source {
  /** The config file of the backup, as it was unpacked. */
  from: string;
  /** The one that is there, with the options put in. */
  merged: string;
  live: string;
}

/** Writes each config file anew beside the unpacked one: everything as it is but the chosen options. */
async function mergeKeys(places: readonly StagedPlace[], choices: readonly KeysChoice[]): Promise<Source[]> {
  const byFile = new Map<string, KeysChoice[]>();
  for (const choice of choices) byFile.set(choice.file, [...(byFile.get(choice.file) ?? []), choice]);
  const sources: Source[] = [];
  for (const [live, chosen] of byFile) {
    const [first] = chosen;
    const place = places.find((one) => one.live === live);
    if (first === undefined || place === undefined) throw new Failure('internal', `${live} was not unpacked`);
    const [then, now, stats] = [
      await readConfig(place.staged, first.format),
      await readConfig(live, first.format),
      await followOrNull(live),
    ];
    if (then === null || now === null || stats === null) throw new Failure('io', `${live} is not there any more`);
    const values = new Map(chosen.flatMap((choice) => choice.keys.map((key) => [key, valueAt(then, key)] as const)));
    const merged = join(dirname(place.staged), 'merged', basename(live));
    await remove(merged);
    // The swap counts on it as soon as its moves are written down: what is taken for moved already would be taken back over what is live.
    await makeFolderDurably(dirname(merged));
    await writeDurably(merged, withValues(now, values, live), stats.mode & 0o7777);
    if (ownUser() === 0) await setOwner(merged, stats.uid, stats.gid);
    sources.push({ from: place.staged, merged, live });
  }
  return sources;
}
