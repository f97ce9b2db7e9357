import { followOrNull } from '../platform/files.ts';

/** Bytes of a file; 0 where there is none. */
export async function sizeOf(path: string): Promise<number> {
  return (await followOrNull(path))?.size ?? 0;
}
