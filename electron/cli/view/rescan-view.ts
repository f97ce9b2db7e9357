/** What was found in a folder of backups. */
import type { Rescan } from '../../api/protection.ts';
import { count } from '../../api/units.ts';
import { wrap } from '../layout.ts';
import type { Line } from '../page.ts';
import { marks, quiet, strong } from './marks.ts';

export function rescanLines(rescan: Rescan, width: number): Line[] {
  const { files, added, moved, copies, missing, foreign, adopted, unreadable, folder } = rescan;
  const isAdopted = new Set(adopted.map((backup) => backup.id));
  const lines: Line[] = [
    [
      marks.good,
      ` ${count(files, 'backup file')} in ${folder}: ${added.length} new, ${moved.length} moved, ${copies.length} further copies.`,
    ],
    ...added.map((backup): Line => [
      '  ',
      marks.good,
      ' ',
      strong(backup.id),
      `  ${backup.install} ${backup.release ?? 'no release'}  `,
      quiet(backup.path),
    ]),
    ...moved.map(({ id, from, to }): Line => ['  ', marks.info, ' ', strong(id), `  was ${from}, is ${to} now`]),
    ...copies.map(({ id, path }): Line => ['  ', marks.info, ' ', strong(id), `  a further copy is ${path}`]),
    ...adopted.map((backup): Line => ['  ', marks.good, ' ', strong(backup.id), `  is of ${backup.install} now`]),
    ...foreign
      .filter((backup) => !isAdopted.has(backup.id))
      .map((backup): Line => [
        '  ',
        marks.warning,
        ' ',
        strong(backup.id),
        `  is of "${backup.install}" on another machine; name an install to adopt it`,
      ]),
    ...missing.map((backup): Line => ['  ', marks.bad, ' ', strong(backup.id), `  is gone: ${backup.path}`]),
    ...unreadable.map(({ path, problem }): Line => ['  ', marks.bad, ` ${path}: ${problem}`]),
  ];
  return lines.flatMap((line) => wrap(line, width, 6));
}
