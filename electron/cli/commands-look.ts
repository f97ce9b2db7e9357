/** The commands that only look. */
import { type Command, ask, installArgument, pick } from './command.ts';
import { exitCodes } from './exit-code.ts';
import { showLogs } from './logs.ts';
import { emptyPlan, orNothingToDo } from './nothing-to-do.ts';
import { operate } from './operate.ts';
import { absolutePath, backupReference } from './paths.ts';
import { planResult } from './result.ts';
import { openingOptions, withKeys } from './secrets.ts';
import { checkLines, checkSummary } from './view/check-view.ts';
import { compareLines } from './view/compare-view.ts';
import { driftLines, hasDrift } from './view/drift-view.ts';
import { rescanLines } from './view/rescan-view.ts';
import { backupLines, historyLines, installLines, productLines } from './view/list-view.ts';
import { emptyLine } from './view/marks.ts';
import { planLines } from './view/plan-view.ts';
import { statusLines } from './view/status-view.ts';

const to = { flags: '--to <release>', text: 'the release to go to; without it the newest on the channel' };

export const lookCommands: Command[] = [
  {
    name: 'products',
    group: 'Look:',
    summary: 'the products that Moult can keep',
    details: 'With --from, the descriptors in a folder of your own are checked and added.',
    arguments: [],
    options: [{ flags: '--from <dir>', text: 'add the descriptors in this folder', kind: 'path' }],
    examples: [
      ['moult products', 'what can be set up'],
      ['moult products --from ~/descriptors', 'add descriptors of your own'],
    ],
    async run(context, given) {
      const from = given['from'];
      const products =
        typeof from === 'string'
          ? await ask(context, 'addProducts', { from: absolutePath(from, context.folder) })
          : await ask(context, 'products', {});
      return { result: products, lines: productLines(products, context.screen.width) };
    },
  },
  {
    name: 'list',
    group: 'Look:',
    summary: 'the installs on this machine',
    arguments: [],
    options: [],
    examples: [['moult list', 'every install with its release and home']],
    async run(context) {
      const installs = await ask(context, 'installs', {});
      return { result: installs, lines: installLines(installs, context.screen.width) };
    },
  },
  {
    name: 'status',
    group: 'Look:',
    summary: 'how an install is, and what to do next',
    arguments: [installArgument],
    options: [{ flags: '--offline', text: 'do not ask the feed for updates' }],
    examples: [['moult status sprig', 'release, service, health, schema, update and last backup']],
    async run(context, given) {
      const status = await ask(context, 'status', pick(given, 'install', 'offline'));
      return { result: status, lines: statusLines(status, context.screen.width, context.now) };
    },
  },
  {
    name: 'check',
    group: 'Look:',
    summary: 'what would stand in the way of an operation',
    details: 'With --to: of an upgrade to that release. Exit code 3 when a check fails, which is when it would be refused.',
    arguments: [installArgument],
    options: [{ flags: '--to <release>', text: 'the release of an upgrade that is considered' }],
    examples: [['moult check sprig --to 2.0.0', 'would the upgrade to 2.0.0 be refused?']],
    async run(context, given) {
      const { checks } = await ask(context, 'check', pick(given, 'install', 'to'));
      const failed = checks.some((check) => check.status === 'fail');
      const { width } = context.screen;
      return {
        result: { checks },
        lines: [...checkLines(checks, width), emptyLine, checkSummary(checks)],
        exitCode: failed ? exitCodes.refused : exitCodes.done,
      };
    },
  },
  {
    name: 'plan',
    group: 'Look:',
    summary: 'what an operation would do; touches nothing',
    arguments: [installArgument],
    options: [
      to,
      { flags: '--action <action>', text: 'upgrade (without it), roll-back, back-up, restore, uninstall, purge, fresh-start or undo' },
      { flags: '--input <file|id>', text: 'the backup, for --action restore' },
      { flags: '--files', text: 'list the files of each item' },
      ...openingOptions,
    ],
    examples: [
      ['moult plan sprig --to 2.0.0', 'what stays and what changes in the upgrade'],
      ['moult plan sprig --action purge', 'what a purge would remove, with paths and sizes'],
    ],
    async run(context, given) {
      const typed = given['input'];
      const input: { input?: string } = typeof typed === 'string' ? { input: await backupReference(typed, context.folder) } : {};
      const look = async () => ask(context, 'plan', { ...pick(given, 'install', 'to', 'action'), ...input });
      return orNothingToDo(async () => {
        const plan = input.input === undefined ? await look() : await withKeys(context, given, input.input, look);
        return { result: planResult(plan), lines: planLines(plan, context.screen.width, { files: given['files'] === true }) };
      }, emptyPlan);
    },
  },
  {
    name: 'drift',
    group: 'Look:',
    summary: 'what differs from what should be',
    details: 'Exit code 4 when something was found that needs a look.',
    arguments: [installArgument],
    options: [{ flags: '--to <release>', text: 'compare with this release too' }],
    examples: [['moult drift sprig', 'schema, migrations, shipped files, config, runtime']],
    async run(context, given) {
      const report = await ask(context, 'drift', pick(given, 'install', 'to'));
      return {
        result: report,
        lines: driftLines(report, context.screen.width),
        exitCode: hasDrift(report) ? exitCodes.drift : exitCodes.done,
      };
    },
  },
  {
    name: 'logs',
    group: 'Look:',
    summary: 'what the product printed',
    arguments: [installArgument],
    options: [
      { flags: '-f, --follow', text: 'go on as the product prints more' },
      { flags: '-n, --lines <number>', text: 'how many lines; without it 50', kind: 'number' },
    ],
    examples: [
      ['moult logs sprig -n 200', 'the last 200 lines'],
      ['moult logs sprig -f', 'follow; Ctrl-C ends it'],
    ],
    run: showLogs,
  },
  {
    name: 'report',
    group: 'Look:',
    summary: 'a text to send with a problem',
    details: 'Versions, plan, checks, findings, history and the end of the log, with secrets taken out. Nothing is sent; read it first.',
    arguments: [installArgument],
    options: [],
    examples: [['moult report sprig', 'read it first; `> report.txt` puts it into a file']],
    async run(context, given) {
      const report = await ask(context, 'report', pick(given, 'install'));
      return {
        result: report,
        lines: report.text
          .trimEnd()
          .split('\n')
          .map((line) => [line]),
      };
    },
  },
  {
    name: 'history',
    group: 'Look:',
    summary: 'what was done, and what can be undone',
    arguments: [installArgument],
    options: [{ flags: '--limit <number>', text: 'how many operations', kind: 'number' }],
    examples: [['moult history sprig', 'the operations on one install, newest first']],
    async run(context, given) {
      const entries = await ask(context, 'history', pick(given, 'install', 'limit'));
      return { result: entries, lines: historyLines(entries, context.screen.width, context.now) };
    },
  },
  {
    name: 'compare',
    group: 'Back up and restore:',
    summary: 'what was written since a backup',
    details:
      'Files by item, and rows by table: what a restore or a roll back would take. The names are those that `moult restore --file` takes.',
    arguments: [installArgument],
    options: [
      { flags: '--input <file|id>', text: 'the backup; without it the one from before the last upgrade' },
      { flags: '--search <text>', text: 'list only files with this in their name' },
      { flags: '--limit <number>', text: 'the most files that are listed; without it 100', kind: 'number' },
      { flags: '--no-rows', text: 'leave out the rows of datastores, which takes less time' },
      ...openingOptions,
    ],
    examples: [
      ['moult compare sprig --input b.tar.zst', 'what changed since, and what can be restored alone'],
      ['moult compare sprig', 'what a roll back would take'],
    ],
    async run(context, given) {
      const typed = given['input'];
      const input: { input?: string } = typeof typed === 'string' ? { input: await backupReference(typed, context.folder) } : {};
      const asked = { limit: 100, ...pick(given, 'install', 'search', 'limit'), ...input, rows: given['rows'] !== false };
      const look = async () => ask(context, 'compare', asked);
      const comparison = input.input === undefined ? await look() : await withKeys(context, given, input.input, look);
      return { result: comparison, lines: compareLines(comparison, context.screen.width, context.now) };
    },
  },
  {
    name: 'backups',
    group: 'Back up and restore:',
    summary: 'the backups that there are',
    details:
      'With --rescan, every backup below a folder is entered into the catalogue; one whose file was moved or renamed is known again. With an install as well, backups of its product that are of no install on this machine become its own.',
    arguments: [installArgument],
    options: [{ flags: '--rescan <dir>', text: 'look for backups below this folder', kind: 'path' }],
    examples: [
      ['moult backups sprig', 'each backup with its verdict, size and path'],
      ['moult backups --rescan /mnt/disk', 'find them again after the database was lost'],
      ['moult backups sprig --rescan /mnt/disk', 'and adopt those of another machine'],
    ],
    async run(context, given) {
      const folder = given['rescan'];
      if (typeof folder === 'string') {
        const outcome = await operate(context, 'rescan', { ...pick(given, 'install'), folder: absolutePath(folder, context.folder) });
        return {
          result: outcome.rescan ?? null,
          lines: outcome.rescan === undefined ? [] : rescanLines(outcome.rescan, context.screen.width),
        };
      }
      const backups = await ask(context, 'backups', pick(given, 'install'));
      return { result: backups, lines: backupLines(backups, context.screen.width, context.now) };
    },
  },
];
