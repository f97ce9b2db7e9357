import type { Health, Status } from '../../api/models.ts';
import { table, wrap } from '../layout.ts';
import { type Line, type Span, span, type Style } from '../page.ts';
import { ago, until } from '../../api/units.ts';
import { emptyLine, marks, quiet, strong } from './marks.ts';

const healthStyles: Record<Health, Style> = { healthy: 'good', unhealthy: 'bad', stopped: 'quiet', unknown: 'warning' };

/** How an install is, and the one thing to do next. */
export function statusLines(status: Status, width: number, now: Date): Line[] {
  const rows: [string, Line][] = [
    ['Home', [status.home]],
    ['Service', serviceWords(status, now)],
    [
      'Health',
      [span(status.health, healthStyles[status.health]), ...(status.healthDetail === null ? [] : [quiet(`  ${status.healthDetail}`)])],
    ],
    ['Schema', schemaWords(status)],
    ['Update', updateWords(status)],
    ['Backup', backupWords(status, now)],
    ['Proven', provenWords(status, now)],
    ['Schedule', scheduleWords(status, now)],
  ];
  return [
    ...wrap(
      [
        strong(status.install),
        '  ',
        `${status.title} `,
        strong(status.release ?? 'no release'),
        quiet(`  ${status.channel}${status.pin === null ? '' : `, pinned to ${status.pin}`}`),
      ],
      width,
      2,
    ),
    ...table(
      rows.map(([title, value]): Line[] => [[quiet(title)], value]),
      width,
      2,
    ),
    ...quarantineLines(status, width),
    ...copyLines(status),
    ...attentionLines(status, width, now),
    emptyLine,
    ...wrap(nextLine(status), width, 6),
  ];
}

/** Disks that are not connected, and what waits for them: facts, no troubles. */
function copyLines({ destinations = [] }: Status): Line[] {
  return destinations.flatMap(({ folder, state, reason, waiting }): Line[] => {
    if (state === 'present' && waiting === 0) return [];
    const what = waiting === 1 ? 'one backup waits to be copied' : `${waiting} backups wait to be copied`;
    return [
      [quiet(`Copies: ${folder}${state === 'absent' ? ` is not there now (${reason ?? ''})` : ''}${waiting === 0 ? '' : `; ${what}`}`)],
    ];
  });
}

function serviceWords({ service }: Status, now: Date): Line {
  if (service.state === 'stopped') return ['stopped'];
  const where = service.port === null ? '' : ` on port ${service.port}`;
  const since = service.since === null ? '' : `, started ${ago(service.since, now)}`;
  const pid = service.pid === null ? '' : ` (pid ${service.pid})`;
  if (service.state === 'foreign') return [span('running', 'warning'), `${where}, but not started by Moult`, quiet(pid)];
  return [span('running', 'good'), where, since, quiet(pid)];
}

function schemaWords({ schema }: Status): Line {
  if (schema.version === null) return [quiet('none yet')];
  return [schema.version, schema.known === null ? '' : quiet(`  this release knows ${schema.known}`)];
}

function updateWords({ update }: Status): Line {
  if (update.error !== null) return [span('cannot tell', 'warning'), `: ${update.error.message}`];
  const held = update.held === null ? '' : quiet(`  ${update.held} is out, and held back by the pin`);
  return update.latest === null ? ['up to date', held] : [span(update.latest, 'changes'), ' is available', held];
}

function backupWords({ lastBackup }: Status, now: Date): Line {
  if (lastBackup === null) return [span('none', 'warning')];
  const styles: Record<typeof lastBackup.verdict, Style> = { proven: 'good', unproven: 'warning', bad: 'bad' };
  return [ago(lastBackup.at, now), ', ', span(lastBackup.verdict, styles[lastBackup.verdict]), quiet(`  ${lastBackup.id}`)];
}

function provenWords({ protection }: Status, now: Date): Line {
  if (protection.provenAt === null) return [quiet('never')];
  return [span(`restorable ${ago(protection.provenAt, now)}`, protection.warning === null ? 'good' : 'warning')];
}

function scheduleWords({ protection }: Status, now: Date): Line {
  if (!protection.scheduled) return [quiet('none')];
  return [protection.next === null ? 'set' : `next ${until(protection.next, now)}`];
}

function quarantineLines({ update }: Status, width: number): Line[] {
  return update.quarantined.flatMap(({ release, reason }) =>
    wrap([marks.warning, ` ${release} is not offered, because it failed here: `, reason], width, 2),
  );
}

function attentionLines(status: Status, width: number, now: Date): Line[] {
  const lines: Line[] = [];
  const { interrupted, busy } = status;
  if (busy !== null) lines.push([marks.running, ` ${busy.operation} is under way (pid ${busy.pid}, since ${ago(busy.since, now)}).`]);
  if (interrupted !== null) {
    const way = interrupted.recovery === 'finish' ? 'finish it' : 'undo it';
    lines.push([
      marks.bad,
      ` ${interrupted.kind} was interrupted ${ago(interrupted.startedAt, now)} at "${interrupted.step}"; recovery will ${way}.`,
    ]);
  }
  if (status.configProblem !== null) {
    const { message, remedy } = status.configProblem;
    lines.push([marks.bad, ` ${message}${remedy === undefined ? '' : `. ${remedy.text}`}`]);
  }
  if (status.protection.warning !== null) lines.push([marks.warning, ` ${status.protection.warning}.`]);
  return lines.flatMap((line) => wrap(line, width, 2));
}

/** One thing, the most pressing one. */
function nextLine(status: Status): Line {
  const [words, command] = next(status);
  return command === null ? [words] : ['Next  ', `${words}: `, commandSpan(`moult ${command} ${status.install}`)];
}

function next(status: Status): [string, string | null] {
  if (status.interrupted !== null) return ['finish what was interrupted', 'recover'];
  if (status.busy !== null) return ['Wait for it to end.', null];
  if (status.configProblem !== null) return ['mend the configuration, or choose a backup that has it', 'backups'];
  if (status.health === 'unhealthy') return ['see what it says', 'logs'];
  if (status.lastBackup === null || status.lastBackup.verdict === 'bad') return ['back up', 'backup'];
  if (status.update.latest !== null) return [`upgrade to ${status.update.latest}`, 'upgrade'];
  if (status.service.state === 'stopped') return ['start it', 'start'];
  return ['Nothing needs you.', null];
}

function commandSpan(text: string): Span {
  return span(text, 'stays');
}
