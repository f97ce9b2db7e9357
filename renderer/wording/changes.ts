/** What was written since a backup, in words. */
import type { Comparison, TableComparison } from '../../electron/api/models.ts';
import { count } from '../../electron/api/units.ts';

/** `12 files differ.` */
export function changeWords({ items }: Comparison): string {
  const files = items.reduce((sum, item) => sum + item.added.files + item.changed.files + item.removed.files, 0);
  if (files === 0) return 'No file was changed since.';
  return files === 1 ? '1 file differs.' : `${count(files, 'file')} differ.`;
}

/** `2 rows added, 1 row changed`; empty where nothing was. */
export function tableWords({ added, changed, removed }: TableComparison): string {
  if (added === null) return 'has another key now, so its rows cannot be told apart';
  return Object.entries({ added, changed, removed })
    .flatMap(([change, rows]) => (rows === null || rows === 0 ? [] : [`${count(rows, 'row')} ${change}`]))
    .join(', ');
}
