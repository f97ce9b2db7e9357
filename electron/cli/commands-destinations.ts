/** The commands about where second copies go, and how fast backups and copies may be. */
import { Failure } from '../api/failure.ts';
import type { Destination } from '../api/safekeeping.ts';
import { humanBytes } from '../api/units.ts';
import { ask, type Command, installArgument, pick } from './command.ts';
import { operate } from './operate.ts';
import { type Line, span } from './page.ts';
import { absolutePath } from './paths.ts';
import { exitCodeOfOutcome, resultOf } from './result.ts';
import { outcomeLines } from './view/outcome-view.ts';
import { marks, quiet, strong } from './view/marks.ts';

export const limitOption = { flags: '--limit <rate>', text: 'bytes a second at the most, such as 20M; without it what `moult limit` says' };

export const destinationCommands: Command[] = [
  {
    name: 'copies',
    group: 'Back up and restore:',
    summary: 'where second copies of the backups go',
    details: `Each backup is copied there after it was made, and read back there. A disk that is not connected is no error: what waits is copied when it
is. The folder gets a mark, so that nothing is written where the disk is usually mounted while it is not.`,
    arguments: [installArgument],
    options: [
      { flags: '--add <dir>', text: 'a folder that is there: on another disk, a removable one, or a network folder', kind: 'path' },
      { flags: '--remove <dir>', text: 'copy no more to this folder; what is in it stays', kind: 'path' },
    ],
    examples: [
      ['moult copies sprig --add /media/ann/backups', 'from now on each backup is copied there too'],
      ['moult copies sprig', 'what is there, what is absent, and what waits'],
    ],
    async run(context, given) {
      const target = pick(given, 'install');
      const { add, remove } = given;
      if (typeof remove === 'string') await ask(context, 'removeDestination', { ...target, folder: absolutePath(remove, context.folder) });
      if (typeof add === 'string') await ask(context, 'addDestination', { ...target, folder: absolutePath(add, context.folder) });
      const destinations = await ask(context, 'destinations', target);
      return { result: destinations, lines: destinationLines(destinations) };
    },
  },
  {
    name: 'copy',
    group: 'Back up and restore:',
    summary: 'copy what has no second copy yet',
    details: 'To each destination that is there. A copy that was cut off goes on where it stopped.',
    arguments: [installArgument],
    options: [limitOption],
    examples: [['moult copy sprig --limit 20M', 'slowly enough for the product beside it']],
    async run(context, given) {
      const outcome = await operate(context, 'copy', { ...pick(given, 'install'), ...limitGiven(given) });
      return { result: resultOf(outcome), lines: outcomeLines(outcome, context.screen.width), exitCode: exitCodeOfOutcome(outcome) };
    },
  },
  {
    name: 'limit',
    group: 'Back up and restore:',
    summary: 'how fast backups and copies may be',
    details:
      'While the product runs. Once it was stopped for an upgrade, what is left is done as fast as it goes. Backups that were asked for also let others have processor and disk first.',
    arguments: [{ name: '[rate]', text: 'bytes a second, such as 20M; or off. Without it: what is set' }],
    options: [],
    examples: [
      ['moult limit 20M', '20 MiB a second'],
      ['moult limit off', 'as fast as it goes'],
    ],
    async run(context, given) {
      const typed = given['rate'];
      const wanted = typeof typed !== 'string' ? undefined : typed === 'off' ? null : parseRate(typed);
      const limits = wanted === undefined ? await ask(context, 'limits', {}) : await ask(context, 'setLimits', { bytesPerSecond: wanted });
      const { bytesPerSecond } = limits;
      const text =
        bytesPerSecond === null
          ? 'Backups and copies go as fast as they can.'
          : `Backups and copies take at most ${humanBytes(bytesPerSecond)} a second.`;
      return { result: limits, lines: [[text]] };
    },
  },
];

export function limitGiven(given: Readonly<Record<string, unknown>>): { limit?: number } {
  return typeof given['limit'] === 'string' ? { limit: parseRate(given['limit']) } : {};
}

/** `20M`, `512K`, `1.5G` or a number of bytes, in powers of 1024. */
export function parseRate(text: string): number {
  const found = /^(\d{1,9}(?:\.\d{1,3})?)([KMG])?(?:i?B)?(?:\/s)?$/i.exec(text);
  const bytes = found === null ? 0 : Math.round(Number(found[1]) * 1024 ** ['', 'K', 'M', 'G'].indexOf((found[2] ?? '').toUpperCase()));
  if (bytes >= 1024) return bytes;
  throw new Failure('bad-input', `"${text}" is no rate: write a number with K, M or G, such as 20M; at least 1K.`, {
    remedy: { action: 'show-help', text: 'See what it takes:', command: 'moult limit --help' },
  });
}

export function destinationLines(destinations: readonly Destination[]): Line[] {
  if (destinations.length === 0) return [['No second copies are made. To add a folder on another disk: moult copies --add FOLDER']];
  return destinations.flatMap(({ folder, state, reason, free, copies, waiting }): Line[] => {
    const failed = copies.filter((copy) => copy.state === 'failed');
    const whole = copies.length - failed.length;
    const place: Line =
      state === 'present' ? [marks.good, ' ', strong(folder)] : [marks.info, ' ', strong(folder), `  not there now: ${reason ?? ''}`];
    return [
      place,
      [
        '    ',
        quiet(`${whole === 1 ? 'one copy' : `${whole} copies`}, each read back there${free === null ? '' : `; ${humanBytes(free)} free`}`),
      ],
      ...(waiting === 0 ? [] : [['    ', `${waiting === 1 ? 'one backup waits' : `${waiting} backups wait`} to be copied`] satisfies Line]),
      ...failed.map((copy): Line => ['    ', span(copy.problem ?? 'it failed', 'warning')]),
    ];
  });
}
