/**
 * The plan as a person sees it before consent: what stays, what changes, and what it takes.
 * The two columns stand side by side where the terminal is wide enough, else one above the other.
 */
import type { ActionKind, Hop, Plan, PlanFile, PlanItem, SpaceNeed } from '../../api/models.ts';
import { type Breaks, sideBySide, table, wrap } from '../layout.ts';
import { type Line, span } from '../page.ts';
import { count, humanBytes, humanSeconds } from '../../api/units.ts';
import { briefCheckLines } from './check-view.ts';
import { emptyLine, fateStyle, heading, marks, quiet, stays, strong } from './marks.ts';

/** Columns of a terminal from which Stays and Changes stand side by side. */
const wideEnough = 100;
const gap = 3;
/** The most files that are listed for an item; the rest is counted. */
const longestList = 20;

const verbs: Record<ActionKind, string> = {
  'set-up': 'Set up',
  adopt: 'Adopt',
  upgrade: 'Upgrade',
  'roll-back': 'Roll back',
  'back-up': 'Back up',
  restore: 'Restore',
  uninstall: 'Uninstall',
  purge: 'Purge',
  'fresh-start': 'Start fresh with',
  undo: 'Undo the last operation on',
  recover: 'Recover',
  start: 'Start',
  stop: 'Stop',
  restart: 'Restart',
  verify: 'Verify',
  export: 'Export from',
  drill: 'Drill',
  rehearse: 'Rehearse',
  rescan: 'Rescan',
  run: 'Run a command of',
  copy: 'Copy the backups of',
};

/** The whole plan. `files` lists the files of each item too. */
export function planLines(plan: Plan, width: number, options: { files?: boolean } = {}): Line[] {
  return [
    ...titleLines(plan, width),
    emptyLine,
    ...itemColumns(plan.items, width, options.files === true),
    ...strayLines(plan.strays, width),
    ...section('Checks', briefCheckLines(plan.checks, width)),
    ...section('Space', spaceLines(plan.space, width)),
    ...section('Configuration', configLines(plan, width)),
    ...section('Steps', wrap(['  ', plan.steps.map((step) => step.title).join(' → ')], width, 2)),
    emptyLine,
    ...downtimeLines(plan.downtime),
    ...plan.warnings.flatMap((text) => wrap([marks.warning, ' ', text], width, 2)),
  ];
}

function titleLines(plan: Plan, width: number): Line[] {
  const versions = plan.from === plan.to || plan.to === null ? (plan.from ?? '') : `${plan.from ?? 'nothing'} → ${plan.to}`;
  const title: Line = [strong(`${verbs[plan.action]} ${plan.install}`), '  ', span(versions, 'changes'), '  ', quiet(plan.home)];
  return [...wrap(title, width, 2), ...pathLines(plan, width)];
}

function pathLines(plan: Plan, width: number): Line[] {
  if (plan.path.length === 0) return [];
  const path: Line = [
    'Path  ',
    plan.from ?? 'nothing',
    ...plan.path.flatMap((hop) => [' → ', strong(hop.release), quiet(` (${hopWords(hop)})`)]),
  ];
  const reasons = plan.path.flatMap((hop) =>
    hop.because === undefined ? [] : [[quiet(`${hop.release} is a required stop: ${hop.because}`)]],
  );
  return [...wrap(path, width, 6), ...reasons.flatMap((line) => wrap(['      ', ...line], width, 6))];
}

function hopWords(hop: Hop): string {
  return hop.bytes === undefined ? hop.kind : `${hop.kind}, ${humanBytes(hop.bytes)}`;
}

function itemColumns(items: readonly PlanItem[], width: number, files: boolean): Line[] {
  const left = items.filter((item) => stays(item.fate));
  const right = items.filter((item) => !stays(item.fate));
  const wide = width >= wideEnough;
  const column = wide ? Math.floor((width - gap) / 2) : width;
  const breaks = wide ? 'anywhere' : 'between-words';
  const stay = columnLines('Stays', 'stays', left, column, { files, breaks });
  const change = columnLines('Changes', 'changes', right, column, { files, breaks });
  return wide ? sideBySide(stay, change, column, gap) : [...stay, emptyLine, ...change];
}

interface ColumnManner {
  files: boolean;
  breaks: Breaks;
}

function columnLines(title: string, style: 'stays' | 'changes', items: readonly PlanItem[], width: number, manner: ColumnManner): Line[] {
  const rule = '─'.repeat(Math.max(title.length, Math.min(width, 44)));
  const body = items.length === 0 ? [['  ', quiet('nothing')]] : items.flatMap((item) => itemLines(item, width, manner));
  return [[span(title, style), quiet(`  ${count(items.length, 'item')}`)], [span(rule, style)], ...body];
}

function itemLines(item: PlanItem, width: number, { files, breaks }: ColumnManner): Line[] {
  const size = item.files === 0 ? '' : `  ${count(item.files, 'file')}, ${humanBytes(item.bytes)}`;
  const lines: Line[] = [
    [strong(item.title), '  ', span(item.fate, fateStyle(item.fate)), quiet(size)],
    ...item.paths.map((path): Line => ['  ', path]),
    ...(changeWords(item) === null ? [] : [['  ', changeWords(item) ?? ''] as Line]),
    ...(item.note === null ? [] : [['  ', quiet(item.note)] as Line]),
    ...(files ? fileLines(item.list, item.files) : []),
  ];
  return lines.flatMap((line, index) => wrap(line, width, index === 0 ? 2 : 4, breaks));
}

function changeWords(item: PlanItem): string | null {
  if (item.before === null && item.after === null) return null;
  if (item.before === item.after || item.before === null) return item.after;
  return `${item.before ?? 'nothing'} → ${item.after ?? 'nothing'}`;
}

function fileLines(list: readonly PlanFile[], all: number): Line[] {
  const shown = list
    .slice(0, longestList)
    .map((file): Line => ['    ', quiet(`${file.change}  `), file.path, quiet(`  ${humanBytes(file.bytes)}`)]);
  const rest = Math.max(all, list.length) - shown.length;
  return rest > 0 ? [...shown, ['    ', quiet(`and ${count(rest, 'file')} more`)]] : shown;
}

function strayLines(strays: readonly PlanFile[], width: number): Line[] {
  if (strays.length === 0) return [];
  const total = strays.reduce((sum, file) => sum + file.bytes, 0);
  const title: Line = [span('Kept, belongs to nobody', 'stays'), quiet(`  ${count(strays.length, 'file')}, ${humanBytes(total)}`)];
  const shown = strays.slice(0, longestList).flatMap((file) => wrap(['  ', file.path, quiet(`  ${humanBytes(file.bytes)}`)], width, 4));
  const rest = strays.length - longestList;
  return [emptyLine, title, ...shown, ...(rest > 0 ? [['  ', quiet(`and ${count(rest, 'file')} more`)] as Line] : [])];
}

function spaceLines(space: readonly SpaceNeed[], width: number): Line[] {
  const rows = space.map((need): Line[] => [
    [spaceBar(need)],
    [`${humanBytes(need.needed)} needed, ${humanBytes(need.free)} free`, need.needed > need.free ? span('  not enough', 'bad') : ''],
    [quiet(need.volume)],
  ]);
  return table(rows, width, 2);
}

function spaceBar(need: SpaceNeed): ReturnType<typeof span> {
  const cells = 10;
  const share = need.free <= 0 ? 1 : Math.min(1, need.needed / need.free);
  const filled = need.needed === 0 ? 0 : Math.max(1, Math.round(share * cells));
  return span(`${'█'.repeat(filled)}${'░'.repeat(cells - filled)}`, share >= 1 ? 'bad' : 'stays');
}

function configLines(plan: Plan, width: number): Line[] {
  return table(
    plan.configChanges.map((change): Line[] => [[change.option], [span(change.change, 'changes')], [change.message]]),
    width,
    2,
  );
}

function downtimeLines(downtime: number | null): Line[] {
  if (downtime === null) return [];
  return [downtime === 0 ? ['It goes on running meanwhile.'] : [`It will be down for about ${humanSeconds(downtime)}.`]];
}

function section(title: string, lines: readonly Line[]): Line[] {
  const isEmpty = lines.every((line) => line.every((part) => (typeof part === 'string' ? part : part.text).trim() === ''));
  return isEmpty ? [] : [emptyLine, heading(title), ...lines];
}
