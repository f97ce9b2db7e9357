/** Items and files that are ticked to be put back. */
import { count } from '../../electron/api/units.ts';

/** What a person has chosen to put back. */
export interface Chosen {
  items: ReadonlySet<string>;
  files: ReadonlySet<string>;
}

export function toggled(set: ReadonlySet<string>, name: string, isOn: boolean): ReadonlySet<string> {
  const next = new Set(set);
  if (isOn) next.add(name);
  else next.delete(name);
  return next;
}

export function chosenWords({ items, files }: Chosen): string {
  const parts = [...(items.size === 0 ? [] : [count(items.size, 'item')]), ...(files.size === 0 ? [] : [count(files.size, 'file')])];
  return parts.length === 0 ? 'Nothing is chosen yet.' : `${parts.join(' and ')} chosen.`;
}
