/**
 * Says whether a folder can be a product's home. A home is a folder of its own: Moult creates, replaces and one day removes things in
 * it, so everything that is more than one product's folder is refused, each kind with its own sentence. Looks and changes nothing.
 */
import { dirname, isAbsolute, join, normalize } from 'node:path';
import type { CheckResult } from '../../api/models.ts';
import { Failure } from '../../api/failure.ts';
import { exists, followOrNull, isWritable, list, statOrNull } from '../platform/files.ts';
import { refusalOf } from './protected-places.ts';

export type HomePurpose = 'set-up' | 'adopt' | 'purge';

/** Says whether a folder can be a home, as a check for the list of a plan: `fail` with `bad-home` where it cannot. Never throws for that. */
export async function inspectHome(home: string, purpose: HomePurpose): Promise<CheckResult> {
  const check = { check: 'home', title: 'The home folder can be used' };
  const refusal = await refusalOfHome(home, purpose);
  if (refusal !== null) {
    return {
      ...check,
      status: 'fail',
      message: refusal,
      code: 'bad-home',
      remedy: { action: 'choose-folder', text: 'Name a folder that belongs to this product alone.' },
      details: { path: home },
    };
  }
  const strangers = purpose === 'set-up' ? await entriesIn(home) : 0;
  if (strangers > 0)
    return {
      ...check,
      status: 'warn',
      message: `${home} is not empty: it holds ${strangers} ${strangers === 1 ? 'entry' : 'entries'} already`,
    };
  return { ...check, status: 'pass', message: home };
}

/** Throws `bad-home` where `inspectHome` fails. */
export async function checkHome(home: string, purpose: HomePurpose): Promise<void> {
  const { status, message, remedy, details } = await inspectHome(home, purpose);
  if (status === 'fail') throw new Failure('bad-home', message, { ...(remedy && { remedy }), ...(details && { details }) });
}

async function refusalOfHome(given: string, purpose: HomePurpose): Promise<string | null> {
  if (given === '') return 'no home folder is named';
  const shown = given.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
  if (shown !== given) return `${shown} cannot be a home: its name has a control character`;
  if (!isAbsolute(given)) return `${given} cannot be a home: it is not an absolute path`;
  const home = normalize(given).replace(/(?<=[^/\\:])[/\\]+$/, '');
  const protectedPlace = await refusalOf(home).catch(reason);
  if (protectedPlace !== null) return `${home} cannot be a home: it ${protectedPlace}`;
  const around = await installAround(home);
  if (around !== null) return `${home} cannot be a home: it is inside ${around}, the home of another install`;
  return refusalOnDisk(home, purpose).catch((error: NodeJS.ErrnoException) => `${home} cannot be a home: it ${reason(error)}`);
}

async function refusalOnDisk(home: string, purpose: HomePurpose): Promise<string | null> {
  const stats = await followOrNull(home);
  if (stats === null && (await statOrNull(home)) !== null) return `${home} cannot be a home: it is a link that leads nowhere`;
  if (stats === null) return purpose === 'set-up' ? refusalToCreate(home) : `${home} does not exist`;
  if (!stats.isDirectory()) return `${home} cannot be a home: it is a file`;
  return (await isWritable(home)) ? null : `${home} cannot be a home: it is read-only for you`;
}

/** A home that does not exist is created, with the folders above it; that has to be possible. */
async function refusalToCreate(home: string): Promise<string | null> {
  for (let folder = dirname(home); ; folder = dirname(folder)) {
    const stats = await followOrNull(folder);
    if (stats?.isDirectory()) return (await isWritable(folder)) ? null : `${home} cannot be created: ${folder} is read-only for you`;
    if (stats !== null || (await exists(folder))) return `${home} cannot be created: ${folder} is not a folder`;
    if (folder === dirname(folder)) return `${home} cannot be created: there is no folder above it`;
  }
}

async function installAround(home: string): Promise<string | null> {
  for (let folder = dirname(home); folder !== dirname(folder); folder = dirname(folder)) {
    if (await exists(join(folder, '.moult', 'install.json')).catch(() => false)) return folder;
  }
  return null;
}

async function entriesIn(home: string): Promise<number> {
  const entries = await list(home).catch(() => []);
  return entries.filter((entry) => entry.name !== '.moult').length;
}

function reason(error: NodeJS.ErrnoException): string {
  const known = {
    EACCES: 'is not allowed to be looked at',
    ENAMETOOLONG: 'has a name that is too long',
    ELOOP: 'leads through links in a circle',
  };
  return known[error.code as keyof typeof known] ?? `cannot be looked at (${error.code ?? error.message})`;
}
