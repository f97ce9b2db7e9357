/** The members that a backup has of its own: the marker, the list, the manifest. */
import { backupFormat, memberNames } from './backup-constants.ts';
import { blockBytes, type MemberFacts } from './tar-member.ts';

/** The marker always takes one header block and one of content, in a frame of its own: in every format that ever will be. */
export const markerBytes = 2 * blockBytes;

/** Its facts: private, of user 0, at the second at which the backup was begun. */
export function ownMember(path: string, bytes: number, created: string): MemberFacts {
  return { path, kind: 'file', bytes, mode: 0o600, mtime: Math.floor(Date.parse(created) / 1000) * 1000, uid: 0, gid: 0 };
}

/** The content of the marker. */
export function markerContent(id: string): Buffer {
  return Buffer.from(`${JSON.stringify({ [memberNames.marker]: backupFormat, id })}\n`);
}

/** The format that the first bytes of a tar announce; null when they are not those of a backup. */
export function formatOfMarker(tar: Buffer): number | null {
  const name = Buffer.from(`${memberNames.marker}\0`);
  if (tar.length < 1024 || !tar.subarray(0, name.length).equals(name)) return null;
  const bytes = Number.parseInt(tar.toString('latin1', 124, 135), 8);
  if (!(bytes > 0 && bytes <= 512)) return null;
  try {
    const format = (JSON.parse(tar.toString('utf8', 512, 512 + bytes)) as Record<string, unknown> | null)?.[memberNames.marker];
    return typeof format === 'number' && Number.isInteger(format) && format > 0 ? format : null;
  } catch {
    return null;
  }
}
