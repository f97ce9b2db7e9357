/** Learns which release a folder of code is: by what the product says of itself. */
import { valueAtPointer } from '../product/pointer.ts';
import { environmentWithout } from '../platform/environment.ts';
import { readTextOrNull } from '../platform/files.ts';
import { run } from '../platform/processes.ts';
import { placeholdersIn } from '../product/fill.ts';
import type { Descriptor } from '../product/schema.ts';
import { programsIn } from './programs.ts';

/** Seconds in which a command must have told the version. */
const commandLimit = 15;

/** The version that the code in this folder tells; null where it tells none. */
export async function releaseIn(descriptor: Descriptor, slot: string): Promise<string | null> {
  const { version } = descriptor.code;
  const { pointer } = version;
  const text =
    'file' in version ? await readTextOrNull(version.file.replaceAll('{slot}', slot)) : await printedBy(version.command, descriptor, slot);
  if (text === null) return null;
  try {
    const value = valueAtPointer(JSON.parse(text) as unknown, pointer);
    return typeof value === 'string' && value !== '' ? value : null;
  } catch {
    return null;
  }
}

/** What a command of the release prints; null when it cannot be run. It is asked for a version and gets no time for more. */
async function printedBy(command: readonly string[], descriptor: Descriptor, slot: string): Promise<string | null> {
  const filled = await Promise.all(command.map(async (part) => withPrograms(part, descriptor, slot)));
  const { service } = descriptor;
  const set = Object.fromEntries(Object.entries(service.env).filter(([, value]) => placeholdersIn(value).length === 0));
  const finished = await run(filled, { env: { ...environmentWithout(service.strip), ...set }, limit: commandLimit }).catch(() => null);
  return finished?.code === 0 ? finished.stdout : null;
}

async function withPrograms(part: string, descriptor: Descriptor, slot: string): Promise<string> {
  let filled = part.replaceAll('{slot}', slot);
  for (const [name, path] of Object.entries(await programsIn(descriptor, slot))) filled = filled.replaceAll(`{program:${name}}`, path);
  return filled;
}
