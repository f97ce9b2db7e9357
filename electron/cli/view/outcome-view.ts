/** What an operation did, in words first; hashes are in the receipt that `--json` prints. */
import type { ActionKind, BackupMade, Exported, OperationOutcome, Receipt, ReceiptItem, Verification } from '../../api/models.ts';
import type { DrillReport, RehearsalReport } from '../../api/protection.ts';
import { wrap } from '../layout.ts';
import { type Line, span } from '../page.ts';
import { count, humanBytes, humanSeconds } from '../../api/units.ts';
import { marks, strong } from './marks.ts';

export function outcomeLines(outcome: OperationOutcome, width: number): Line[] {
  const lines: Line[] = [
    [outcome.endState === 'stopped-and-kept' ? marks.bad : marks.good, ' ', strong(headline(outcome))],
    ...(outcome.action !== 'back-up' || outcome.backup === undefined ? [] : backupMadeLines(outcome.backup)),
    ...(outcome.action !== 'verify' || outcome.verification === undefined ? [] : verificationLines(outcome.verification)),
    ...(outcome.exported === undefined ? [] : exportedLines(outcome.exported)),
    ...(outcome.drill === undefined ? [] : drillLines(outcome.drill)),
    ...(outcome.rehearsal === undefined ? [] : rehearsalLines(outcome.rehearsal)),
    // A backup tells its own time.
    ...(outcome.action === 'back-up' || outcome.exported !== undefined || outcome.receipt === null ? [] : receiptLines(outcome.receipt)),
    ...printedLines(outcome),
    ...stateBeforeLines(outcome),
  ];
  return lines.flatMap((line) => wrap(line, width, 4));
}

function headline({ action, install, from, to, endState, exported }: OperationOutcome): string {
  const release = to ?? from ?? '';
  const words: Record<ActionKind, string> = {
    'set-up': `${install} is set up, release ${release}.`,
    adopt: `${install} is adopted, release ${release}. Nothing of it was touched.`,
    upgrade:
      from === to ? `${release} of ${install} was put in place again.` : `${install} is upgraded from ${from ?? 'nothing'} to ${release}.`,
    'roll-back': `${install} is back at ${release}.`,
    'back-up': `${install} is backed up.`,
    restore:
      exported === undefined ? `${install} is restored, release ${release}.` : 'It was taken out of the backup. No install was touched.',
    uninstall: `${install} is uninstalled. Its data is kept.`,
    purge: `${install} is purged.`,
    'fresh-start': `${install} has started fresh, release ${release}.`,
    undo: `The last operation on ${install} is undone.`,
    recover: `${install} is recovered${release === '' ? '' : `, release ${release}`}.`,
    start: `${install} is started.`,
    stop: `${install} is stopped.`,
    restart: `${install} is started again.`,
    verify: 'The backup was read back whole.',
    export: `What was written to ${install} since the backup is exported.`,
    rescan: 'The folder was looked through.',
    drill: `The backup is proven: ${release} of ${install} ran healthily on it.`,
    rehearse: `The upgrade was rehearsed: ${release} of ${install} ran healthily on a copy.`,
    run: `${install} has done it.`,
    copy: `The backups of ${install} were looked at; what waited was copied where it could be.`,
  };
  return endState === 'stopped-and-kept'
    ? `${install} is stopped, and every byte of it is kept.`
    : `${words[action]}${healthWords[endState]}`;
}

const healthWords: Record<OperationOutcome['endState'], string> = {
  'new-and-healthy': ' It is healthy.',
  'old-and-healthy': ' It is as it was before, and healthy.',
  'old-and-stopped': ' It is as it was before, and stopped.',
  done: '',
  'stopped-and-kept': '',
};

function exportedLines({ path, files, bytes, rows }: Exported): Line[] {
  return [
    ['  ', path],
    ['  ', `${count(files, 'file')}, ${humanBytes(bytes)}${rows === 0 ? '' : `, ${count(rows, 'row')}`}`],
  ];
}

/** What the product itself said: it is shown here and nowhere else. */
function printedLines({ printed }: OperationOutcome): Line[] {
  return (printed ?? '').split('\n').flatMap((line): Line[] => (line.trim() === '' ? [] : [['  ', line.trim()]]));
}

function backupMadeLines(backup: BackupMade): Line[] {
  const ratio = backup.contentBytes > 0 ? ` (${humanBytes(backup.contentBytes)} before compression)` : '';
  const down = backup.downtimeSeconds > 0 ? `, down for ${humanSeconds(backup.downtimeSeconds)}` : ', without a stop';
  return [
    ['  ', backup.path],
    ['  ', `${humanBytes(backup.bytes)}${ratio}, ${count(backup.files, 'file')}, in ${humanSeconds(backup.seconds)}${down}`],
    ['  ', `id ${backup.id}, read back, ${backup.verdict}`],
  ];
}

function verificationLines(verification: Verification): Line[] {
  return [
    ['  ', verification.path],
    [
      '  ',
      `${count(verification.files, 'file')}, ${humanBytes(verification.bytes)}, in ${humanSeconds(verification.seconds)}: ${verification.verdict}`,
    ],
    ...verification.problems.map((problem): Line => ['  ', marks.bad, ' ', problem]),
    ...(verification.sealed === true
      ? [
          [
            '  ',
            marks.warning,
            ' It is encrypted and no key was given: its bytes are those that were written; its contents were not looked at.',
          ] satisfies Line,
        ]
      : []),
  ];
}

function drillLines(drill: DrillReport): Line[] {
  const { schema, rows } = drill;
  const from = drill.code === 'slot' ? 'a copy of its slot' : 'the feed';
  return [
    ['  ', drill.path],
    ['  ', `${count(drill.files, 'file')} compared with the manifest; ${drill.release} came from ${from}`],
    ...(schema.found === null ? [] : [['  ', `Schema ${schema.found}, as the manifest says`] as Line]),
    ...(rows === null ? [] : [['  ', `${count(rows.rows, 'row')} in ${count(rows.tables, 'table')}, as the manifest says`] as Line]),
    ['  ', `Healthy ${humanSeconds(drill.healthyAfter)} after its start. The copy is removed.`],
  ];
}

function rehearsalLines({ path, from, hops, schema, seconds, rows, notes }: RehearsalReport): Line[] {
  const learned = hops.filter((hop) => hop.learned !== null);
  return [
    ['  ', path],
    ['  ', `Made by ${from}; then started on it: ${hops.map((hop) => `${hop.release} (${humanSeconds(hop.seconds)})`).join(', ')}`],
    ...(schema.after === null
      ? []
      : [
          [
            '  ',
            schema.before === schema.after ? `Schema ${schema.after}, as before` : `Schema ${schema.before ?? 'none'} → ${schema.after}`,
          ] as Line,
        ]),
    ...learned.map((hop): Line => ['  ', `Learned: the newest migration of ${hop.release} is ${hop.learned}`]),
    ...(rows === null ? [] : rowLines(rows)),
    ...notes.map((note): Line => ['  ', marks.warning, ' ', note]),
    ['  ', `Healthy after ${humanSeconds(seconds)} in all. The copy is removed; the install was not touched.`],
  ];
}

function rowLines({ tables, fewer }: NonNullable<RehearsalReport['rows']>): Line[] {
  if (fewer.length === 0) return [['  ', `No rows were lost in ${count(tables, 'table')}`]];
  return fewer.map(({ table, before, after }): Line => {
    const words = after === null ? `is gone; it had ${count(before, 'row')}` : `has ${count(after, 'row')} instead of ${before}`;
    return ['  ', marks.warning, ' ', `${table} ${words}`];
  });
}

function receiptLines(receipt: Receipt): Line[] {
  if (receipt.items.length === 0) return timeLines(receipt);
  const kept = receipt.items.filter((item) => item.unchanged);
  const broken = receipt.items.filter((item) => item.fate === 'preserve' && !item.unchanged);
  const changed = receipt.items.filter((item) => item.fate !== 'preserve' && !item.unchanged);
  // The proof of a restore compares with the backup, not with what was there before.
  const same = receipt.action === 'restore' ? 'As backed up' : 'Stayed';
  return [
    ...timeLines(receipt),
    ...(kept.length === 0 ? [] : [['  ', span(same, 'stays'), '  ', kept.map(sizeWords).join(', ')] as Line]),
    ...(changed.length === 0 ? [] : [['  ', span('Changed', 'changes'), '  ', changed.map(itemWords).join(', ')] as Line]),
    ...broken.map((item): Line => ['  ', marks.bad, ` ${item.item} should have stayed, but is different now`]),
  ];
}

/** Where the state from before is, for those operations that back up first. */
function stateBeforeLines({ action, backup, receipt }: OperationOutcome): Line[] {
  if (action === 'back-up') return [];
  const id = backup?.id ?? receipt?.backup ?? null;
  if (id === null) return [];
  return [['  ', `The state before it is in backup ${id}`], ...(backup === undefined ? [] : [['  ', backup.path] as Line])];
}

function timeLines(receipt: Receipt): Line[] {
  const down = receipt.downtimeSeconds > 0 ? `, down for ${humanSeconds(receipt.downtimeSeconds)}` : '';
  return [['  ', `It took ${humanSeconds(receipt.seconds)}${down}.`]];
}

function sizeWords(item: ReceiptItem): string {
  return item.files === 0 ? item.item : `${item.item} (${count(item.files, 'file')}, ${humanBytes(item.bytes)})`;
}

/** Hashes say nothing to a person; versions do. */
function itemWords(item: ReceiptItem): string {
  const isHash = (text: string | null) => text !== null && /^[0-9a-f]{32,}$/.test(text);
  if (item.fate === 'remove') return `${item.item} removed`;
  if (item.before === item.after || isHash(item.before) || isHash(item.after)) return `${item.item} ${pastWords[item.fate]}`;
  return `${item.item} ${item.before ?? 'nothing'} → ${item.after ?? 'nothing'}`;
}

const pastWords: Record<ReceiptItem['fate'], string> = {
  preserve: 'preserved',
  replace: 'replaced',
  migrate: 'migrated',
  refresh: 'refreshed',
  remove: 'removed',
  keep: 'kept',
};
