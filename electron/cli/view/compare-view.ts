/** What was written since a backup: by item, by table, then file by file. */
import type { ComparedFile, Comparison, ItemComparison, TableComparison } from '../../api/models.ts';
import { ago, count, humanBytes } from '../../api/units.ts';
import { table, wrap } from '../layout.ts';
import { type Line, span, type Style } from '../page.ts';
import { emptyLine, heading, quiet, strong } from './marks.ts';

const changeStyles: Record<ComparedFile['change'], Style> = { added: 'good', changed: 'changes', removed: 'bad' };

export function compareLines({ install, backup, items, files, matches }: Comparison, width: number, now: Date): Line[] {
  return [
    ...wrap([strong(`Since the backup of ${install}`), `  ${ago(backup.at, now)}, ${backup.release ?? 'no release'}`], width, 2),
    ...wrap(['  ', quiet(backup.path)], width, 4),
    emptyLine,
    ...items.flatMap((item) => itemLines(item, width)),
    ...fileLines(files, matches, width),
  ];
}

function itemLines(item: ItemComparison, width: number): Line[] {
  return [
    ...wrap([strong(item.title), quiet(`  ${item.item}`), `  ${itemWords(item)}`], width, 4),
    ...tableLines(item.tables ?? [], width),
    ...(item.tablesProblem === null ? [] : wrap(['  ', span(`its rows cannot be told: ${item.tablesProblem}`, 'warning')], width, 4)),
    ...(item.together === null ? [] : wrap(['  ', quiet(`not alone: ${item.together}`)], width, 4)),
  ];
}

function itemWords(item: ItemComparison): string {
  if (item.kind === 'keys') return item.differs ? 'differs' : 'the same';
  if (item.kind === 'datastore') return item.tables !== null && item.tables.every(isSame) ? 'the same rows' : '';
  const parts = (['added', 'changed', 'removed'] as const).flatMap((change) =>
    item[change].files === 0 ? [] : [`${count(item[change].files, 'file')} ${change}, ${humanBytes(item[change].bytes)}`],
  );
  return parts.length === 0 ? 'the same' : parts.join('; ');
}

function tableLines(tables: readonly TableComparison[], width: number): Line[] {
  const rows = tables
    .filter((one) => !isSame(one))
    .map((one): Line[] => [[one.table], [quiet(`${one.was} → ${one.is}`)], [tableWords(one)]]);
  return table(rows, width, 4);
}

function tableWords({ added, changed, removed }: TableComparison): string {
  if (added === null) return 'its key changed, so its rows cannot be told apart';
  const parts = Object.entries({ added, changed, removed }).flatMap(([change, rows]) =>
    rows === 0 || rows === null ? [] : [`${count(rows, 'row')} ${change}`],
  );
  return parts.join(', ');
}

function isSame({ added, changed, removed }: TableComparison): boolean {
  return added === 0 && changed === 0 && removed === 0;
}

function fileLines(files: readonly ComparedFile[], matches: number, width: number): Line[] {
  if (matches === 0) return [];
  const rows = files.map((file): Line[] => [
    [span(file.change, changeStyles[file.change])],
    [quiet(file.change === 'removed' ? humanBytes(file.was) : humanBytes(file.bytes))],
    [file.file],
  ]);
  const rest = matches - files.length;
  return [
    emptyLine,
    heading('Files'),
    ...table(rows, width, 2),
    ...(rest > 0 ? [['  ', quiet(`and ${count(rest, 'file')} more`)] as Line] : []),
  ];
}
