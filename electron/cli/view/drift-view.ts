import type { DriftReport, Finding } from '../../api/models.ts';
import { table, wrap } from '../layout.ts';
import { cleanLines, type Line } from '../page.ts';
import { count } from '../../api/units.ts';
import { remedyLines } from './failure-view.ts';
import { emptyLine, marks, quiet, severityMarks, strong } from './marks.ts';

/** Every finding with what was expected, what was found and the ways out; and what could not be looked at. */
export function driftLines(report: DriftReport, width: number): Line[] {
  return [
    ...wrap(titleLine(report), width, 2),
    ...report.findings.flatMap((finding) => findingLines(finding, width)),
    ...report.unknown.flatMap(({ detector, reason }) => wrap([marks.warning, ` Could not look at ${detector}: `, reason], width, 2)),
  ];
}

/** Whether anything was found that a person should look at. */
export function hasDrift(report: DriftReport): boolean {
  return report.findings.some((finding) => finding.severity !== 'info');
}

function titleLine(report: DriftReport): Line {
  const against = report.target === null ? '' : `, on the way to ${report.target}`;
  const what = `${report.install} ${report.release ?? ''}`.trim();
  if (report.findings.length > 0) return [strong(`${count(report.findings.length, 'finding')} in ${what}${against}`)];
  const limits = report.unknown.length > 0 ? ' where Moult could look' : '';
  return [report.unknown.length > 0 ? marks.warning : marks.good, ` No drift in ${what}${against}${limits}.`];
}

function findingLines(finding: Finding, width: number): Line[] {
  const facts: Line[][] = [
    [[quiet('expected')], [cleanLines(finding.expected).join(' ')]],
    [[quiet('found')], [cleanLines(finding.found).join(' ')]],
  ];
  const ways = [finding.remedy, ...finding.alternatives].flatMap(remedyLines);
  return [
    emptyLine,
    ...wrap([severityMarks[finding.severity], ' ', strong(finding.subject), quiet(`  ${finding.kind}, ${finding.severity}`)], width, 2),
    ...wrap(['  ', finding.message], width, 2),
    ...table(facts, width, 4),
    ...ways.flatMap((line) => wrap(['  ', ...line], width, 4)),
  ];
}
