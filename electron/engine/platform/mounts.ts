/** What is mounted where: such a place can be neither renamed nor removed, and what is on it belongs to somebody else's disk. */
import * as fs from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Mounts {
  /** Whether something is mounted at the path: absolute, links resolved. False where nothing is there. */
  isAt: (path: string) => Promise<boolean>;
  /** Whether something is mounted somewhere below the path. Only Linux tells; elsewhere false. */
  isBelow: (path: string) => boolean;
}

/** The mounts of this moment. */
export async function readMounts(): Promise<Mounts> {
  const table = process.platform === 'linux' ? await fs.readFile('/proc/self/mountinfo', 'utf8').catch(() => null) : null;
  if (table === null) return { isAt: isOnOtherDevice, isBelow: () => false };
  // It knows bind mounts of the same device too, and single files that are mounted. proc(5): the fifth field, with spaces as \040.
  const points = new Set(table.split('\n').map((line) => unescapeOctal(line.split(' ')[4] ?? '')));
  return {
    isAt: (path) => Promise.resolve(points.has(path)),
    isBelow: (path) => [...points].some((point) => point.startsWith(`${path}/`)),
  };
}

async function isOnOtherDevice(path: string): Promise<boolean> {
  const [own, above] = [await fs.lstat(path).catch(() => null), await fs.lstat(dirname(path)).catch(() => null)];
  if (own === null || above === null || !own.isDirectory()) return false;
  return own.dev !== above.dev || own.ino === above.ino;
}

function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
