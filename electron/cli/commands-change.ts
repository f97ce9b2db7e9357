/**
 * The commands that change something. Those that destroy something show their plan and ask first.
 * Long because it is one list: each command is a few lines of data, and they are read beside each other.
 */
import type { OperationName } from '../api/methods.ts';
import type { OperationOutcome } from '../api/models.ts';
import { Failure } from '../api/failure.ts';
import { call } from '../transport/call.ts';
import { ask, type Command, type Context, type Ending, type Given, installArgument, pick } from './command.ts';
import { limitGiven, limitOption } from './commands-destinations.ts';
import { agreedPlan } from './consent.ts';
import { operate } from './operate.ts';
import { nothingDone, orNothingToDo } from './nothing-to-do.ts';
import type { Line } from './page.ts';
import { absolutePath, backupReference } from './paths.ts';
import { keysGiven, openingOptions, recipientsGiven, withKeys } from './secrets.ts';
import { exitCodeOfOutcome, refuseBadBackup, resultOf } from './result.ts';
import { outcomeLines } from './view/outcome-view.ts';

const productArgument = { name: '<product>', text: 'one of `moult products`' };
const home = { flags: '--home <dir>', text: "the install's home folder; without it the product's own", kind: 'path' } as const;
const channel = { flags: '--channel <channel>', text: 'the channel that it follows' };
const name = { flags: '--name <name>', text: "the install's name; without it the product's" };

const includingOption = {
  flags: '--including <items>',
  text: 'items that go although they are repositories with uncommitted work, with commas between them',
};

export const changeCommands: Command[] = [
  {
    name: 'set-up',
    group: 'Set up and run:',
    summary: 'make a new install',
    arguments: [productArgument],
    options: [
      home,
      { flags: '--release <release>', text: 'the release; without it the newest on the channel' },
      channel,
      name,
      { flags: '--port <number>', text: "the port to listen on; without it the product's own", kind: 'number' },
      { flags: '--no-start', text: 'do not start it' },
    ],
    examples: [
      ['moult set-up sprig', 'the newest release, in the usual place'],
      ['moult set-up sprig --release 1.0.0 --home ~/notes --name notes', 'an older release, somewhere else'],
    ],
    async run(context, given) {
      const start = given['start'] === false ? { start: false } : {};
      return runOperation(
        context,
        'setUp',
        { ...pick(given, 'product', 'release', 'channel', 'name', 'port'), ...start, ...homeOf(context, given) },
        addressLines,
      );
    },
  },
  {
    name: 'adopt',
    group: 'Set up and run:',
    summary: 'take over an install that is already there',
    details: 'The release is told by what the product says and by hashes of its files. Nothing of it is touched.',
    arguments: [productArgument],
    options: [home, channel, name],
    examples: [['moult adopt node-red --home ~/.node-red', 'from now on Moult keeps it']],
    async run(context, given) {
      return runOperation(context, 'adopt', { ...pick(given, 'product', 'channel', 'name'), ...homeOf(context, given) });
    },
  },
  plain('start', 'start', 'Set up and run:', 'start the product, wait until it is healthy', addressLines),
  plain('stop', 'stop', 'Set up and run:', 'stop the product'),
  plain('restart', 'restart', 'Set up and run:', 'stop the product and start it again', addressLines),
  {
    name: 'run',
    group: 'Set up and run:',
    summary: "run a command that is the product's own",
    details: 'Without an action it lists what the product can do. What the command prints, such as a new password, is shown once.',
    arguments: [installArgument, { name: '[what]', text: 'what it is to do' }],
    options: [],
    examples: [
      ['moult run leoflow', 'what can it do?'],
      ['moult run leoflow reset-password', 'a new password, shown once'],
    ],
    async run(context, given) {
      if (given['what'] !== undefined) return runOperation(context, 'runAction', { ...pick(given, 'install'), action: given['what'] });
      const actions = await ask(context, 'actions', pick(given, 'install'));
      const lines = actions.map(({ action, what }): Line => [action.padEnd(24), what]);
      return { result: actions, lines: actions.length === 0 ? [['There is nothing of that kind.']] : lines };
    },
  },
  {
    name: 'rehearse',
    group: 'Upgrade and go back:',
    summary: 'try an upgrade on a copy of the data',
    details:
      'Unpacks the newest backup into a place of its own, and starts the releases of the upgrade on it, one after another and on another port: do they migrate it, are they healthy, how long does it take, are rows lost? Then all of it is removed. The install itself goes on and is not touched. Ends with 1 where a release fails. The plan of the upgrade tells how it went.',
    arguments: [installArgument],
    options: [
      { flags: '--to <release>', text: 'the release; without it the newest on the channel' },
      { flags: '--backup <file|id>', text: "the backup's file or id; without it the newest of the install that is not bad" },
    ],
    examples: [
      ['moult rehearse sprig', 'would the next upgrade work, and how long would it take?'],
      ['moult rehearse sprig --to 2.0.0', 'the way to a release that you name, over every required stop'],
      ['moult rehearse --backup /mnt/disk/sprig.tar.zst --to 2.0.0', 'on the data of any backup, also of another machine'],
    ],
    async run(context, given) {
      const typed = given['backup'];
      const backup = typeof typed === 'string' ? { backup: await backupReference(typed, context.folder) } : {};
      return orNothingToDo(
        async () => runOperation(context, 'rehearse', { ...pick(given, 'install', 'to'), ...backup }),
        nothingDone('rehearse'),
      );
    },
  },
  {
    name: 'upgrade',
    group: 'Upgrade and go back:',
    summary: 'go to a newer release, or stay as before',
    details:
      'Shows the plan and asks. Backs up first, checks the health of the new release, and on any failure rolls back code and data. Where there is nothing newer, it says so and ends with 0.',
    arguments: [installArgument],
    options: [{ flags: '--to <release>', text: 'the release; without it the newest on the channel' }],
    examples: [
      ['moult upgrade sprig', 'to the newest release, over every required stop'],
      ['moult upgrade sprig --to 2.0.0 --yes', 'without a question, for scripts'],
    ],
    async run(context, given) {
      const target = pick(given, 'install', 'to');
      return orNothingToDo(async () => {
        const { digest, install } = await agreedPlan(context, { action: 'upgrade', ...target }, 'yes', 'Upgrade now?');
        return runOperation(context, 'upgrade', { ...target, install, digest });
      }, nothingDone('upgrade'));
    },
  },
  {
    name: 'rollback',
    group: 'Upgrade and go back:',
    summary: 'return to the state before the last upgrade',
    arguments: [installArgument],
    options: [],
    examples: [['moult rollback sprig', 'shows what was written since, then asks']],
    async run(context, given) {
      const { digest, install } = await agreedPlan(context, { action: 'roll-back', ...pick(given, 'install') }, 'yes', 'Roll back now?');
      return runOperation(context, 'rollBack', { install, digest });
    },
  },
  {
    name: 'undo',
    group: 'Upgrade and go back:',
    summary: 'bring back what the last operation took away',
    details:
      'After a restore, an uninstall, a purge or a fresh start, for 7 days; an install that a restore made is taken away. `moult history` shows what can be undone.',
    arguments: [installArgument],
    options: [{ flags: '--operation <id>', text: 'which operation; without it the last one' }],
    examples: [['moult undo sprig', 'take back the last operation']],
    async run(context, given) {
      return runOperation(context, 'undo', pick(given, 'install', 'operation'));
    },
  },
  {
    ...plain('recover', 'recover', 'Upgrade and go back:', 'finish or undo what was interrupted'),
    details:
      'After a power cut or a kill. Until then nothing else is done with that install. Where nothing was interrupted, it says so and ends with 0.',
    run: (context, given) => orNothingToDo(() => runOperation(context, 'recover', pick(given, 'install')), nothingDone('recover')),
  },
  {
    name: 'backup',
    group: 'Back up and restore:',
    summary: 'back up an install while it runs',
    arguments: [installArgument],
    options: [
      {
        flags: '--output <file>',
        text: 'the file: .tar.zst or .tar.gz, and .age behind it when encrypted; without it the backup folder',
        kind: 'path',
      },
      { flags: '--recipient <keys>', text: 'encrypt it for these public keys (age1…), with commas between them' },
      { flags: '--recipients-file <file>', text: 'encrypt it for the public keys in a file', kind: 'path' },
      { flags: '--passphrase', text: 'ask for a passphrase, twice, and encrypt it with that' },
      { flags: '--passphrase-file <file>', text: 'encrypt it with the first line of a file; - for the standard input', kind: 'path' },
      limitOption,
    ],
    examples: [
      ['moult backup sprig', 'into the backup folder'],
      ['moult backup sprig --output /mnt/disk/sprig.tar.zst', 'into a file of your choice'],
      ['moult backup sprig --recipient age1…', 'encrypted for a key'],
    ],
    async run(context, given) {
      const output = typeof given['output'] === 'string' ? { output: absolutePath(given['output'], context.folder) } : {};
      return runOperation(context, 'backUp', {
        ...pick(given, 'install'),
        ...output,
        ...limitGiven(given),
        ...(await lockGiven(context, given)),
      });
    },
  },
  {
    name: 'verify',
    group: 'Back up and restore:',
    summary: 'read a backup back, every byte',
    arguments: [{ name: '<backup>', text: "a backup's file or id" }],
    options: openingOptions,
    examples: [['moult verify /mnt/disk/sprig.tar.zst', 'is it whole? Exit code 3 when it is not']],
    async run(context, given) {
      const input = await backupReference(String(given['backup']), context.folder);
      return withKeys(context, given, input, async () => runOperation(context, 'verify', { input }));
    },
  },
  {
    name: 'drill',
    group: 'Back up and restore:',
    summary: 'prove a backup: run the product on a copy of it',
    details:
      'Unpacks the backup into a place of its own, starts the release that made it on another port, looks at its health, its schema, its rows and every file, and removes it all. The install itself goes on and is not touched.',
    arguments: [installArgument],
    options: [{ flags: '--backup <file|id>', text: "the backup's file or id; without it the newest of the install" }],
    examples: [
      ['moult drill sprig', 'is the newest backup any good?'],
      ['moult drill --backup /mnt/disk/sprig.tar.zst', 'any backup, also of another machine'],
    ],
    async run(context, given) {
      const typed = given['backup'];
      const backup = typeof typed === 'string' ? { backup: await backupReference(typed, context.folder) } : {};
      return runOperation(context, 'drill', { ...pick(given, 'install'), ...backup });
    },
  },
  {
    name: 'restore',
    group: 'Back up and restore:',
    summary: 'return to what a backup holds, or to chosen parts of it',
    details:
      'What is there now is kept aside first, so that it can be undone. With --item and --file, which may be given several times, only those are put back; `moult compare` shows which there are. With --output nothing is put back: it is unpacked into a new folder beside the install.',
    arguments: [installArgument],
    options: [
      { flags: '--input <file|id>', text: "the backup's file or id", required: true },
      { flags: '--item <item>', text: 'only this item, such as workspace', kind: 'list' },
      { flags: '--file <name>', text: 'only this file or folder, such as notes/a.md', kind: 'list' },
      { flags: '--output <dir>', text: 'into this new folder instead of the install', kind: 'path' },
      { flags: '--keep-secrets', text: 'put data back beside secrets that were changed since the backup' },
      { flags: '--anew', text: 'make the install that is restored; done without it when there is none of its product' },
      { ...home, text: 'where it is made; without it where it was' },
      ...openingOptions,
    ],
    examples: [
      ['moult restore sprig --input /mnt/disk/sprig.tar.zst', 'shows what is replaced, then asks'],
      ['moult restore sprig --input b.tar.zst --file notes/a.md', 'one note, and nothing else'],
      ['moult restore --input b.tar.zst --file notes/a.md --output a', 'the same note into the folder a'],
      ['moult restore --input b.tar.zst', 'on a machine without the product: sets it up, and restores'],
      ['moult restore --input leoflow-backup.tar.gz', 'what the product itself made, in the same way'],
    ],
    async run(context, given) {
      const input = await backupReference(String(given['input']), context.folder);
      const chosen = {
        ...(given['item'] !== undefined && { items: given['item'] }),
        ...(given['file'] !== undefined && { files: given['file'] }),
      };
      const target = { ...pick(given, 'install', 'anew', 'keepSecrets'), input, ...chosen, ...homeOf(context, given) };
      const { output } = given;
      if (typeof output === 'string') {
        const aside = { ...target, output: absolutePath(output, context.folder) };
        return withKeys(context, given, input, async () => runOperation(context, 'restore', aside));
      }
      const agreed = async () => agreedPlan(context, { action: 'restore', ...target }, 'yes', 'Restore now?');
      const { digest, install, home: at, anew } = await withKeys(context, given, input, agreed);
      return runOperation(context, 'restore', { ...target, install, digest, ...(anew === true && { anew, home: at }) });
    },
  },
  {
    name: 'export',
    group: 'Back up and restore:',
    summary: 'write out what was written since a backup',
    details: 'Into a new folder: the files as they are now, and the rows of datastores as JSON Lines. Nothing of the install is touched.',
    arguments: [installArgument],
    options: [
      { flags: '--input <file|id>', text: 'the backup; without it the one from before the last upgrade' },
      { flags: '--output <dir>', text: 'the folder, which is made; without it one beside the backups', kind: 'path' },
      ...openingOptions,
    ],
    examples: [['moult export sprig --output ~/since', 'what a roll back would take, in a folder']],
    async run(context, given) {
      const typed = given['input'];
      const input: { input?: string } = typeof typed === 'string' ? { input: await backupReference(typed, context.folder) } : {};
      const output = typeof given['output'] === 'string' ? { output: absolutePath(given['output'], context.folder) } : {};
      const write = async () => runOperation(context, 'export', { ...pick(given, 'install'), ...input, ...output });
      return input.input === undefined ? write() : withKeys(context, given, input.input, write);
    },
  },
  {
    name: 'uninstall',
    group: 'Remove and start fresh:',
    summary: 'remove the product and keep its data',
    details: 'With --purge the data goes too, into the trash, where it waits for 7 days.',
    arguments: [installArgument],
    options: [{ flags: '--purge', text: 'remove the data too' }, includingOption],
    examples: [
      ['moult uninstall sprig', 'a later set-up picks up where it left off'],
      ['moult uninstall sprig --purge', 'shows paths and sizes; type the name to go on'],
    ],
    async run(context, given) {
      const purge = given['purge'] === true;
      const question = purge ? 'Remove it with all its data?' : 'Uninstall now?';
      const plan = await agreedPlan(
        context,
        { action: purge ? 'purge' : 'uninstall', ...pick(given, 'install'), ...including(given) },
        purge ? 'name' : 'yes',
        question,
      );
      return runOperation(context, 'uninstall', {
        install: plan.install,
        digest: plan.digest,
        ...(purge && { purge }),
        ...including(given),
      });
    },
  },
  {
    name: 'fresh-start',
    group: 'Remove and start fresh:',
    summary: 'purge and set up again, after a last backup',
    arguments: [installArgument],
    options: [{ flags: '--release <release>', text: 'the release to set up; without it the same one' }, includingOption],
    examples: [['moult fresh-start sprig', 'shows what goes; type the name to go on; `moult undo` brings it back']],
    async run(context, given) {
      const target = pick(given, 'release');
      const wanted = {
        action: 'fresh-start',
        ...pick(given, 'install'),
        ...including(given),
        ...(target['release'] !== undefined && { to: target['release'] }),
      };
      const { digest, install } = await agreedPlan(context, wanted, 'name', 'Start fresh, without its data?');
      return runOperation(context, 'freshStart', { ...target, ...including(given), install, digest }, addressLines);
    },
  },
];

/** What a backup is to be locked with, when the command says so. */
async function lockGiven(context: Context, given: Given): Promise<Given> {
  const recipients = await recipientsGiven(context, given);
  const { passphrase } = await keysGiven(context, given, true);
  if (passphrase !== undefined && recipients.length > 0) {
    throw new Failure('bad-input', 'A backup is locked either with a passphrase or for keys, not both.');
  }
  if (passphrase !== undefined) return await ask(context, 'holdPassphrase', { passphrase });
  return recipients.length > 0 ? { recipients } : {};
}

/** What goes although it holds work that stands nowhere else. */
function including(given: Given): Given {
  const typed = given['including'];
  return typeof typed === 'string' ? { including: typed.split(',').map((item) => item.trim()) } : {};
}

type Afterword = (context: Context, outcome: OperationOutcome) => Promise<Line[]>;

async function runOperation(context: Context, method: OperationName, input: Given, afterword?: Afterword): Promise<Ending> {
  const outcome = await operate(context, method, input);
  refuseBadBackup(outcome);
  const more = afterword === undefined || context.screen.json ? [] : await afterword(context, outcome);
  return {
    result: resultOf(outcome),
    lines: [...outcomeLines(outcome, context.screen.width), ...more],
    exitCode: exitCodeOfOutcome(outcome),
  };
}

/** A command that takes an install and nothing else. */
function plain(commandName: string, method: OperationName, group: Command['group'], summary: string, afterword?: Afterword): Command {
  return {
    name: commandName,
    group,
    summary,
    arguments: [installArgument],
    options: [],
    examples: [[`moult ${commandName} sprig`, summary]],
    run: (context, given) => runOperation(context, method, pick(given, 'install'), afterword),
  };
}

/** Where the product can be reached now. It is only an extra: without an answer nothing is said. */
async function addressLines(context: Context, { install }: OperationOutcome): Promise<Line[]> {
  const answer = await call(context.engine, 'status', { install, offline: true });
  if (!answer.ok || answer.result.service.state !== 'running' || answer.result.service.port === null) return [];
  return [['  ', `It listens on port ${answer.result.service.port}.`]];
}

function homeOf(context: Context, given: Given): { home?: string } {
  return typeof given['home'] === 'string' ? { home: absolutePath(given['home'], context.folder) } : {};
}
