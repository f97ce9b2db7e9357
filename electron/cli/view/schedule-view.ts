/** A schedule, what its runs did, and what retention takes away. */
import type { Pruning, Schedule, ScheduleRun, ScheduleState } from '../../api/protection.ts';
import { ago, count, humanBytes, until } from '../../api/units.ts';
import { table, wrap } from '../layout.ts';
import { type Line, span } from '../page.ts';
import { emptyLine, marks, quiet, strong } from './marks.ts';

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

export function scheduleLines(state: ScheduleState, width: number, now: Date): Line[] {
  const { schedule, install } = state;
  if (schedule === null) {
    return wrap(
      [marks.warning, ` ${install} is not backed up by itself. Set it with `, span(`moult schedule ${install} --every day`, 'stays'), '.'],
      width,
      2,
    );
  }
  const { space } = state;
  const rows: [string, Line][] = [
    ['Backs up', [whenWords(schedule)]],
    ['Next', [state.next === null ? '' : until(state.next, now)]],
    ['Keeps', [keepWords(schedule.keep)]],
    ['Drill', [drillWords[schedule.drill]]],
    ['Read back', [schedule.readBack === 0 ? 'nothing' : `${humanBytes(schedule.readBack)} of the older backups a day`]],
    ['Space', [`${humanBytes(space.needed)} at most for the next, ${humanBytes(space.free)} free, ${humanBytes(space.reserve)} stay free`]],
    ...(state.last === null ? [] : [['Last', lastWords(state.last, now)] as [string, Line]]),
  ];
  const missed: Line[] =
    state.missed === null
      ? []
      : wrap([marks.bad, ` The backup that was due ${ago(state.missed, now)} was missed; it is caught up with.`], width, 2);
  return [
    [strong(install)],
    ...table(
      rows.map(([title, value]): Line[] => [[quiet(title)], value]),
      width,
      2,
    ),
    ...missed,
  ];
}

export function scheduleRunLines(run: ScheduleRun, width: number): Line[] {
  if (run.actedBy !== null)
    return wrap([marks.info, ` Another Moult looks after the schedules now (pid ${run.actedBy}). Nothing was done.`], width, 2);
  if (run.deeds.length === 0) return [[marks.good, ' Nothing was due.']];
  return run.deeds.flatMap(({ install, what, outcome, text }) =>
    wrap([outcome === 'done' ? marks.good : marks.bad, ' ', strong(install), `  ${what}: ${text}`], width, 4),
  );
}

export function pruningLines(pruning: Pruning, width: number, now: Date): Line[] {
  const { removed, kept, bytes, copies, dry } = pruning;
  const verb = dry ? 'would go' : removed.length === 1 ? 'is removed' : 'are removed';
  const head: Line =
    removed.length === 0
      ? [marks.good, ' Nothing to remove.']
      : [marks.good, ` ${count(removed.length, 'backup')} ${verb}, ${humanBytes(bytes)}.`];
  return [
    head,
    ...(copies.removed === 0
      ? []
      : wrap(
          [
            `  ${count(copies.removed, 'second copy', 'second copies')} ${dry ? 'would go' : copies.removed === 1 ? 'is removed' : 'are removed'} too.`,
          ],
          width,
          4,
        )),
    ...(copies.waiting === 0
      ? []
      : wrap(
          [
            `  ${count(copies.waiting, 'second copy', 'second copies')} on a disk that is not there now ${dry ? 'would go' : 'will go'} when it is.`,
          ],
          width,
          4,
        )),
    ...removed.flatMap((backup) => wrap(['  ', span(backup.id, 'bad'), `  ${ago(backup.at, now)}  ${backup.path}`], width, 4)),
    ...(kept.length === 0 ? [] : [emptyLine]),
    ...kept.flatMap(({ id, at, because }) => wrap(['  ', strong(id), `  ${ago(at, now)}  stays: ${because.join('; ')}`], width, 4)),
  ];
}

function whenWords({ every, window, weekday }: Schedule): string {
  const time = `between ${window.from} and ${window.to}`;
  if (every === 'week') return `every ${weekdays[weekday] ?? 'week'} ${time}`;
  return every === 'day' ? `every day ${time}` : `every day ${time}, when something was changed`;
}

function keepWords({ last, daily, weekly, monthly }: Schedule['keep']): string {
  const periods = [
    [daily, 'day'],
    [weekly, 'week'],
    [monthly, 'month'],
  ] as const;
  const parts = periods.flatMap(([number, name]) => (number === 0 ? [] : [count(number, name)]));
  return `the newest ${last}${parts.length === 0 ? '' : `, and one for each of ${parts.join(', ')}`}`;
}

const drillWords: Record<Schedule['drill'], string> = { each: 'after every backup', week: 'once a week', never: 'never' };

function lastWords(last: NonNullable<ScheduleState['last']>, now: Date): Line {
  return last.problem === null ? [ago(last.at, now)] : [ago(last.at, now), ', ', span('failed', 'bad'), `: ${last.problem}`];
}
