import { Failure } from '../../api/failure.ts';
import { platform } from '../platform/environment.ts';

/** Which names a member of an archive may have, on every platform that Moult runs on. */

/** Bytes of one name and of a whole path that common file systems take (NAME_MAX, PATH_MAX with its NUL). */
const longestName = 255;
const longestPath = 4095;

/** `member` is null where the archive as a whole is meant. */
export function badArchive(member: string | null, problem: string, details: Record<string, unknown> = {}): Failure {
  const subject = member === null ? 'the archive' : `"${printable(member)}" in the archive`;
  return new Failure('bad-archive', `${subject} is refused: ${problem}`, {
    remedy: { action: 'retry', text: 'Download the release again; if it stays like this, tell its publisher. Nothing was changed.' },
    details: { ...(member !== null && { member: printable(member) }), problem, ...details },
  });
}

/** The parts of a member's path, none for the root itself. Throws `bad-archive` for a name that could lead anywhere else. */
export function partsOf(name: string): string[] {
  const refuse = (problem: string): never => {
    throw badArchive(name, problem);
  };
  if (name === '') refuse('it has no name');
  if (name.includes('\0')) refuse('its name holds a NUL');
  if (/[\u0001-\u001f\u007f]/.test(name)) refuse('its name holds control characters');
  if (name.includes('\uFFFD')) refuse('its name is not UTF-8');
  if (name.includes('\\')) refuse('its name holds a backslash, which is a separator on Windows');
  if (name.startsWith('/')) refuse('its path is absolute');
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  for (const part of parts) {
    if (part === '..') refuse('its path climbs out with ".."');
    if (/^[A-Za-z]:/.test(part)) refuse('its path has a drive letter');
    if (Buffer.byteLength(part) > longestName) refuse(`a name in its path is longer than ${longestName} bytes`);
    if (platform() === 'windows' && isReservedOnWindows(part)) refuse('its name is reserved on Windows');
  }
  if (Buffer.byteLength(parts.join('/')) > longestPath) refuse(`its path is longer than ${longestPath} bytes`);
  return parts;
}

/**
 * Refuses a symbolic link that could lead out of the tree. Allowed are targets that first climb (not above the root), then only go down:
 * with every link like that, none leads out, not even through each other. `folder` holds the parts of the folder that the link is in.
 */
export function checkTarget(name: string, folder: readonly string[], target: string): void {
  if (target === '') throw badArchive(name, 'it is a link to nowhere');
  if (target.startsWith('/')) throw badArchive(name, 'it is a link to an absolute path');
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const down = parts.findIndex((part) => part !== '..');
  const climbs = down === -1 ? parts.length : down;
  if (climbs > folder.length) throw badArchive(name, 'it is a link that leads out of the archive');
  if (parts.indexOf('..', climbs) !== -1) throw badArchive(name, 'it is a link that goes down and up again');
  if (parts.length > climbs) partsOf(parts.slice(climbs).join('/'));
  else if (/[\0\\]/.test(target)) throw badArchive(name, 'its target holds characters that no path has');
}

/** Two paths with the same key are one file somewhere: macOS and Windows tell neither case nor the ways to write an accent apart. */
export function collisionKey(path: string): string {
  return path.normalize('NFKD').toUpperCase().toLowerCase().normalize('NFKD');
}

/** https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
export function isReservedOnWindows(part: string): boolean {
  return /[<>:"|?*]/.test(part) || /[. ]$/.test(part) || /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$/i.test(part);
}

/** A name that cannot play tricks on a terminal, cut to a length that fits a message. */
function printable(name: string): string {
  const clean = name.replaceAll(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '?');
  return clean.length > 120 ? `${clean.slice(0, 117)}…` : clean;
}
