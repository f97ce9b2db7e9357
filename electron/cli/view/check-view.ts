import type { CheckResult } from '../../api/models.ts';
import { table, wrap } from '../layout.ts';
import type { Line } from '../page.ts';
import { count } from '../units.ts';
import { checkMarks, marks, quiet } from './marks.ts';
import { remedyLines } from './failure-view.ts';

/** Every check, each with its way out when it did not pass. */
export function checkLines(checks: readonly CheckResult[], width: number): Line[] {
  const titles = Math.max(0, ...checks.map((check) => check.title.length));
  return checks.flatMap((check) => {
    const row = table(
      [[[checkMarks[check.status], ' ', check.title.padEnd(titles)], [check.status === 'pass' ? quiet(check.message) : check.message]]],
      width,
      2,
    );
    const remedy = check.status === 'pass' || check.remedy === undefined ? [] : remedyLines(check.remedy);
    return [...row, ...remedy.flatMap((line) => wrap(['    ', ...line], width, 6))];
  });
}

/** One sentence over all of them. */
export function checkSummary(checks: readonly CheckResult[]): Line {
  const failed = checks.filter((check) => check.status === 'fail').length;
  const warned = checks.filter((check) => check.status === 'warn').length;
  if (failed > 0) return [marks.bad, ` ${count(failed, 'check')} failed: the operation would be refused.`];
  if (warned > 0) return [marks.warning, ` Nothing stands in the way; ${count(warned, 'check')} to look at.`];
  return [marks.good, ` All ${count(checks.length, 'check')} passed.`];
}
