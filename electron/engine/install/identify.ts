/** Learns which release a folder of code is: by what the product says of itself. */
import { valueAtPointer } from '../product/pointer.ts';
import { readTextOrNull } from '../platform/files.ts';
import type { Descriptor } from '../product/schema.ts';

/** The version that the code in this folder tells; null where it tells none. */
export async function releaseIn(descriptor: Descriptor, slot: string): Promise<string | null> {
  const { file, pointer } = descriptor.code.version;
  const text = await readTextOrNull(file.replaceAll('{slot}', slot));
  if (text === null) return null;
  try {
    const value = valueAtPointer(JSON.parse(text) as unknown, pointer);
    return typeof value === 'string' && value !== '' ? value : null;
  } catch {
    return null;
  }
}
