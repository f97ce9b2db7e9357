/**
 * Asking the thread that wants something unpacked where members go. Names go and targets come in one string each, joined by NULs: objects for each of
 * them would take longer than all the rest of a look at the list.
 */
import { checkPath } from './backup-entries.ts';
import type { MemberName } from './backup-format.ts';

/** Asks for many members; null: nowhere. */
export async function targetsOf(members: readonly MemberName[], ask: (names: string) => Promise<string>): Promise<(string | null)[]> {
  if (members.length === 0) return [];
  const names = members.map(({ kind, path }) => `${letters[kind]}${path}`);
  const targets = (await ask(names.join('\0'))).split('\0');
  if (targets.length !== members.length) throw new Error('a target holds a NUL');
  return targets.map((target) => (target === '' ? null : target));
}

/** The other side. */
export function askTargets(names: string, into: ((member: MemberName) => string | null) | undefined): string {
  const targets = names.split('\0').map((name) => {
    const path = name.slice(1);
    return into?.({ path, kind: kindOf(name), ...checkPath(path) }) ?? '';
  });
  return targets.join('\0');
}

const letters = { file: 'f', folder: 'd', link: 'l' } as const satisfies Record<MemberName['kind'], string>;

function kindOf(name: string): MemberName['kind'] {
  return name.startsWith('d') ? 'folder' : name.startsWith('l') ? 'link' : 'file';
}
