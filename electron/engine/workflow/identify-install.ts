/**
 * Tells which release an install is that Moult did not set up: by what the product says of itself, and, where it says nothing or the
 * feed is at hand, by the hashes of its files. Looks only.
 */
import { join } from 'node:path';
import semver from 'semver';
import { findPrograms } from '../install/programs.ts';
import { releaseIn } from '../install/identify.ts';
import { exists, followOrNull } from '../platform/files.ts';
import { hashFile } from '../platform/tree.ts';
import type { Descriptor } from '../product/schema.ts';
import { listArchive } from '../slot/archive-file.ts';
import { releasesOf } from './facts.ts';

export interface Identified {
  /** Null when nothing tells it. */
  release: string | null;
  /** The folder of the code; null when only data was found. */
  slot: string | null;
  evidence: string;
}

/** Share of a release's files that must be there unchanged for the hashes to name it. */
const enough = 0.9;

/** Null where the folder does not look like the product at all. */
export async function identify(descriptor: Descriptor, home: string): Promise<Identified | null> {
  for (const path of descriptor.recognize.all) if (!(await exists(join(home, path)))) return null;
  const folder = (await findPrograms(descriptor, home))?.folder;
  for (const candidate of [...descriptor.code.candidates, ...(folder === undefined ? [] : [folder])]) {
    const slot = candidate.replaceAll('{home}', home);
    if (!(await followOrNull(slot))?.isDirectory()) continue;
    const said = await releaseIn(descriptor, slot);
    const matched = await matchHashes(descriptor, slot, said);
    if (said === null && matched === null) continue;
    if (said === null || matched === null)
      return {
        release: said ?? matched?.release ?? null,
        slot,
        evidence: said === null ? (matched?.evidence ?? '') : `its own files say ${said}`,
      };
    const agree = semver.eq(said, matched.release);
    return {
      release: said,
      slot,
      evidence: agree ? `its own files say ${said} and ${matched.evidence}` : `its own files say ${said}, but ${matched.evidence}`,
    };
  }
  return { release: null, slot: null, evidence: 'only its data was found' };
}

async function matchHashes(
  descriptor: Descriptor,
  slot: string,
  said: string | null,
): Promise<{ release: string; evidence: string } | null> {
  const payload = descriptor.payload;
  if (payload.driver === 'npm') return null;
  const releases = await releasesOf(descriptor).catch(() => []);
  const ordered = [...releases].sort((one, other) => Number(other.version === said) - Number(one.version === said));
  for (const release of ordered) {
    if (release.artifact.kind !== 'file') continue;
    const shipped = await listArchive(release.artifact.path, payload.strip).catch(() => null);
    if (shipped === null || shipped.length === 0) continue;
    let same = 0;
    for (const file of shipped) if ((await hashFile(join(slot, file.path)).catch(() => null)) === file.sha256) same += 1;
    if (same / shipped.length >= enough)
      return { release: release.version, evidence: `${same} of ${shipped.length} files are those of ${release.version}` };
  }
  return null;
}
