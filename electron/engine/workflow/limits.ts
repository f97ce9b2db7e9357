/** How much of the machine backups and copies may take while the product runs. */
import type { Kit } from './kit.ts';

const setting = 'byte-limit';

/** Bytes a second; null without a limit. */
export function byteLimit(kit: Kit): number | null {
  return kit.registry.setting<number | null>(setting, null);
}

export function setByteLimit(kit: Kit, bytesPerSecond: number | null): void {
  kit.registry.set(setting, bytesPerSecond);
}
