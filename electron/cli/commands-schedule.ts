/** The commands about backups that are made by themselves: when, what is kept, and doing what is due. */
import type { EngineEvent } from '../api/events.ts';
import { Failure } from '../api/failure.ts';
import { parseBytes } from '../api/units.ts';
import { type Command, ask, type Context, type Ending, type Given, installArgument, pick } from './command.ts';
import { exitCodes } from './exit-code.ts';
import { ProgressView } from './progress.ts';
import { marks } from './view/marks.ts';
import { pruningLines, scheduleLines, scheduleRunLines } from './view/schedule-view.ts';

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

export const scheduleCommands: Command[] = [
  {
    name: 'schedule',
    group: 'Back up and restore:',
    summary: 'when it is backed up by itself',
    details:
      'Without an option it shows the schedule. `moult schedule run` does what is due of all installs and tells what it did; it is for cron and timers of the system. The desktop app and `moult serve` do the same by themselves while they run.',
    arguments: [{ name: '[install]', text: 'the install, or `run`; may be left out where there is one' }],
    options: [
      { flags: '--every <when>', text: 'day, week, or change: daily, but only when something was changed' },
      { flags: '--window <times>', text: 'when it begins, local time: 02:00-05:00' },
      { flags: '--weekday <day>', text: 'the day of a weekly backup: sunday, monday …' },
      { flags: '--keep <numbers>', text: 'how many stay: newest,days,weeks,months such as 3,7,4,6' },
      { flags: '--drill <when>', text: 'each: after every backup; week; never' },
      { flags: '--read-back <size>', text: 'how much of the older backups is read a day, such as 2GiB; 0 for nothing' },
      { flags: '--reserve <size>', text: 'what stays free where the backups are, such as 1GiB' },
      { flags: '--off', text: 'switch it off' },
      { flags: '--run', text: 'do what is due of this install now' },
    ],
    examples: [
      ['moult schedule sprig', 'when is the next one, and what is kept?'],
      ['moult schedule sprig --every day --window 02:00-05:00', 'every night'],
      ['moult schedule sprig --every week --weekday sunday --keep 2,0,8,12', 'once a week, for a year'],
      ['moult schedule run', 'for a timer: do what is due'],
    ],
    async run(context, given) {
      if (given['install'] === 'run' && Object.keys(given).length === 1) return runDue(context, {});
      const install = pick(given, 'install');
      if (given['run'] === true) return runDue(context, install);
      const change = given['off'] === true ? null : changeOf(given);
      const isQuestion = change !== null && Object.keys(change).length === 0;
      const state = isQuestion
        ? await ask(context, 'schedule', install)
        : await ask(context, 'setSchedule', { ...install, schedule: change });
      return { result: state, lines: scheduleLines(state, context.screen.width, context.now) };
    },
  },
  {
    name: 'prune',
    group: 'Back up and restore:',
    summary: 'remove backups that need not be kept',
    details:
      'Never the last one that was proven, never one that a roll back or an undo needs, never one that you asked for or that is of another install.',
    arguments: [installArgument],
    options: [{ flags: '--dry-run', text: 'only tell what would go and why the rest stays' }],
    examples: [['moult prune sprig --dry-run', 'what would go?']],
    async run(context, given) {
      const pruning = await ask(context, 'prune', { ...pick(given, 'install'), ...(given['dryRun'] === true && { dry: true }) });
      return { result: pruning, lines: pruningLines(pruning, context.screen.width, context.now) };
    },
  },
];

/** Runs what is due and shows its operations; Ctrl-C asks the one that runs to stop, safely. */
async function runDue(context: Context, input: Given): Promise<Ending> {
  const { engine, screen, interrupts } = context;
  let view = new ProgressView(screen);
  let running: string | null = null;
  const unsubscribe = engine.subscribe((event: EngineEvent) => {
    if (event.event === 'started') {
      view = new ProgressView(screen);
      running = event.operation;
    }
    if (event.event === 'ended') running = null;
    view.take(event);
  });
  const hear = (): void => {
    if (running !== null) screen.print([[marks.warning, ' ', engine.cancel(running).text]]);
  };
  try {
    const run = await interrupts.hold(hear, () => ask(context, 'runSchedule', input));
    screen.settle();
    const isWell = run.deeds.every((deed) => deed.outcome === 'done');
    return { result: run, lines: scheduleRunLines(run, screen.width), exitCode: isWell ? exitCodes.done : exitCodes.failed };
  } finally {
    unsubscribe();
  }
}

function changeOf(given: Given): Record<string, unknown> {
  const text = (name: string) => (typeof given[name] === 'string' ? given[name] : undefined);
  const [every, window, weekday, keep, drill] = ['every', 'window', 'weekday', 'keep', 'drill'].map(text);
  const [readBack, reserve] = ['readBack', 'reserve'].map(text);
  return {
    ...(every !== undefined && { every }),
    ...(window !== undefined && { window: windowOf(window) }),
    ...(weekday !== undefined && { weekday: weekdayOf(weekday) }),
    ...(keep !== undefined && { keep: keepOf(keep) }),
    ...(drill !== undefined && { drill }),
    ...(readBack !== undefined && { readBack: sizeOf('--read-back', readBack) }),
    ...(reserve !== undefined && { reserve: sizeOf('--reserve', reserve) }),
  };
}

function windowOf(text: string): { from: string; to: string } {
  const match = /^((?:[01]?\d|2[0-3]):[0-5]\d)-((?:[01]?\d|2[0-3]):[0-5]\d)$/.exec(text);
  if (match === null) throw notUnderstood('--window', text, '02:00-05:00');
  return { from: (match[1] as string).padStart(5, '0'), to: (match[2] as string).padStart(5, '0') };
}

function weekdayOf(text: string): number {
  const index = text.length < 3 ? -1 : weekdays.findIndex((day) => day.startsWith(text.toLowerCase()));
  if (index === -1) throw notUnderstood('--weekday', text, weekdays.join(', '));
  return index;
}

function keepOf(text: string): Record<string, number> {
  const numbers = text.split(',').map((part) => (/^\d{1,4}$/.test(part.trim()) ? Number(part) : Number.NaN));
  if (numbers.length !== 4 || numbers.some(Number.isNaN)) throw notUnderstood('--keep', text, '3,7,4,6');
  const [last = 1, daily = 0, weekly = 0, monthly = 0] = numbers;
  return { last, daily, weekly, monthly };
}

function sizeOf(option: string, text: string): number {
  const bytes = parseBytes(text);
  if (bytes === null) throw notUnderstood(option, text, '500MiB or 2GiB');
  return bytes;
}

function notUnderstood(option: string, text: string, example: string): Failure {
  return new Failure('bad-input', `${option} takes something like ${example}, not "${text}"`, {
    remedy: { action: 'show-help', text: 'See what it takes:', command: 'moult schedule --help' },
  });
}
