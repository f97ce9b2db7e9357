import type { CheckResult } from '../../api/models.ts';
import { wrap } from '../layout.ts';
import type { Line } from '../page.ts';
import { count } from '../../api/units.ts';
import { checkMarks, marks, quiet } from './marks.ts';
import { remedyLines } from './failure-view.ts';

/** Every check: those to look at first, each with its way out; what was found stands below its title. */
export function checkLines(checks: readonly CheckResult[], width: number): Line[] {
  return inOrder(checks).flatMap((check) => [
    ['  ', checkMarks[check.status], ' ', check.title],
    ...wrap(['    ', check.status === 'pass' ? quiet(check.message) : check.message], width, 4),
    ...wayOut(check, width),
  ]);
}

/** For a plan: the checks to look at, and the titles of those that passed. */
export function briefCheckLines(checks: readonly CheckResult[], width: number): Line[] {
  const passed = checks.filter((check) => check.status === 'pass');
  const titles = passed.map((check) => check.title).join(' · ');
  return [
    ...checkLines(
      checks.filter((check) => check.status !== 'pass'),
      width,
    ),
    ...(passed.length === 0 ? [] : wrap(['  ', marks.good, ` ${passed.length} passed  `, quiet(titles)], width, 4)),
  ];
}

function wayOut(check: CheckResult, width: number): Line[] {
  if (check.status === 'pass' || check.remedy === undefined) return [];
  return remedyLines(check.remedy).flatMap((line) => wrap(['    ', ...line], width, 6));
}

function inOrder(checks: readonly CheckResult[]): CheckResult[] {
  const order: Record<CheckResult['status'], number> = { fail: 0, warn: 1, pass: 2 };
  return checks.toSorted((left, right) => order[left.status] - order[right.status]);
}

/** One sentence over all of them. */
export function checkSummary(checks: readonly CheckResult[]): Line {
  const failed = checks.filter((check) => check.status === 'fail').length;
  const warned = checks.filter((check) => check.status === 'warn').length;
  if (failed > 0) return [marks.bad, ` ${count(failed, 'check')} failed: the operation would be refused.`];
  if (warned > 0) return [marks.warning, ` Nothing stands in the way; ${count(warned, 'check')} to look at.`];
  return [marks.good, ` All ${count(checks.length, 'check')} passed.`];
}
