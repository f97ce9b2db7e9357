/** Estimates of the room a release takes before it is here. */
import type { Release } from '../release/feed.ts';

/** An unpacked release is about this many times its archive. */
const unpackFactor = 5;
/** Bytes an npm install takes when nothing like it is on disk yet; Node-RED 5 takes 93 MB. */
const npmSlotBytes = 200 * 1024 * 1024;

/** Bytes of the archive and of the unpacked release. `like`: bytes of a slot of the same product that is there already. */
export function sizeOfRelease(release: Release, like: number = 0): { archive: number; unpacked: number } {
  const archive = release.artifact.bytes ?? 0;
  return { archive, unpacked: release.artifact.kind === 'npm' ? Math.max(like, npmSlotBytes) : archive * unpackFactor };
}
