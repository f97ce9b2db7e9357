/** The lists: products, installs, backups, history. */
import type { Backup, HistoryEntry, InstallSummary, ProductSummary } from '../../api/models.ts';
import { table, wrap } from '../layout.ts';
import { type Line, span, type Style } from '../page.ts';
import { ago, count, humanBytes, until } from '../../api/units.ts';
import { emptyLine, quiet, strong } from './marks.ts';

export function productLines(products: readonly ProductSummary[], width: number): Line[] {
  if (products.length === 0) return [['No products.']];
  return products.flatMap((product, index) => [
    ...(index === 0 ? [] : [emptyLine]),
    ...wrap([strong(product.product), `  ${product.title}`, product.bundled ? '' : quiet(`  from ${product.source}`)], width, 2),
    ...wrap(['  ', product.summary], width, 2),
    ...wrap(['  ', quiet('Home  '), product.home], width, 4),
    ...Object.values(product.links).flatMap((address) => wrap(['  ', quiet('See   '), address], width, 4)),
  ]);
}

export function installLines(installs: readonly InstallSummary[], width: number): Line[] {
  if (installs.length === 0) return [['No installs yet. Set one up with ', span('moult set-up sprig', 'stays'), '.']];
  const rows = installs.map((entry): Line[] => [
    [strong(entry.install)],
    [entry.title],
    [entry.release ?? 'no release'],
    [quiet(entry.channel), ...(entry.pin === null ? [] : [quiet(` up to ${entry.pin}`)])],
    [entry.home],
  ]);
  return table([head('Install', 'Product', 'Release', 'Channel', 'Home'), ...rows], width);
}

const verdictStyles: Record<Backup['verdict'], Style> = { proven: 'good', unproven: 'warning', bad: 'bad' };

export function backupLines(backups: readonly Backup[], width: number, now: Date): Line[] {
  if (backups.length === 0) return [['No backups yet. Make one with ', span('moult backup', 'stays'), '.']];
  return backups.flatMap((backup) => [
    ...wrap(
      [
        strong(backup.id),
        `  ${ago(backup.at, now)}  `,
        span(backup.verdict, verdictStyles[backup.verdict]),
        `  ${backup.install} ${backup.release ?? 'no release'}`,
      ],
      width,
      2,
    ),
    ...wrap(['  ', quiet(`${humanBytes(backup.bytes)}, ${count(backup.files, 'file')}, ${reasons[backup.reason]}`)], width, 4),
    ...wrap(['  ', backup.path], width, 4),
    ...(backup.missing ? wrap(['  ', span('its file is gone: moved, renamed or removed, or its disk is not there', 'bad')], width, 4) : []),
    ...(backup.foreign ? wrap(['  ', span('of another machine', 'warning')], width, 4) : []),
    ...(backup.provenAt === null ? [] : wrap(['  ', quiet(`proven restorable ${ago(backup.provenAt, now)}`)], width, 4)),
    ...encryptionNote(backup).flatMap((line) => wrap(line, width, 4)),
    ...(backup.problem === null ? [] : wrap(['  ', span(backup.problem, 'bad')], width, 4)),
  ]);
}

function encryptionNote({ encryption }: Backup): Line[] {
  if (encryption === undefined || encryption === null) return [];
  const means = encryption.takes === 'passphrase' ? 'its passphrase' : 'its key';
  const line: Line = ['  ', quiet(`encrypted; ${encryption.opensHere ? `${means} is known here` : `to read it takes ${means}`}`)];
  if (!encryption.keyOnlyHere) return [line];
  return [line, ['  ', span('The only key is on this machine: copy it to somewhere else.', 'warning')]];
}

const reasons: Record<Backup['reason'], string> = {
  asked: 'asked for',
  scheduled: 'scheduled',
  'before-upgrade': 'made before an upgrade',
  'before-restore': 'made before a restore',
  'before-purge': 'made before a purge',
};

const outcomeStyles: Record<HistoryEntry['outcome'], Style> = {
  running: 'changes',
  done: 'good',
  failed: 'bad',
  'rolled-back': 'warning',
  cancelled: 'quiet',
  interrupted: 'bad',
  refused: 'quiet',
};

export function historyLines(entries: readonly HistoryEntry[], width: number, now: Date): Line[] {
  if (entries.length === 0) return [['Nothing has been done yet.']];
  const rows = entries.map((entry): Line[] => [
    [ago(entry.startedAt, now)],
    [strong(entry.install)],
    [entry.action],
    [releases(entry)],
    [span(entry.outcome, outcomeStyles[entry.outcome]), ...remarks(entry, now)],
  ]);
  return table([head('When', 'Install', 'What', 'Release', 'Outcome'), ...rows], width);
}

function releases({ from, to }: HistoryEntry): string {
  if (from === to || to === null) return from ?? '';
  return from === null ? to : `${from} → ${to}`;
}

function remarks(entry: HistoryEntry, now: Date): Line {
  const undo =
    entry.undoUntil === null || Date.parse(entry.undoUntil) <= now.getTime()
      ? ''
      : `  can be undone; expires ${until(entry.undoUntil, now)} (${entry.operation})`;
  return [entry.message === null ? '' : `  ${entry.message}`, quiet(undo)];
}

function head(...titles: string[]): Line[] {
  return titles.map((title): Line => [quiet(title)]);
}
