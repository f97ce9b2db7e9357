/** The parser of the command line: built from the table of commands, it only says what was asked for and does nothing itself. */
import { Command as Parser, CommanderError, InvalidArgumentError, Option } from 'commander';
import { Failure } from '../api/failure.ts';
import { changeCommands } from './commands-change.ts';
import { followCommands } from './commands-follow.ts';
import { destinationCommands } from './commands-destinations.ts';
import { encryptionCommand } from './commands-encryption.ts';
import { lookCommands } from './commands-look.ts';
import { scheduleCommands } from './commands-schedule.ts';
import { serveCommands } from './commands-serve.ts';
import { type Command, commandGroups, type Given, type OptionSpec } from './command.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = commandGroups.flatMap((group) =>
  [
    ...lookCommands,
    ...serveCommands,
    ...changeCommands,
    ...followCommands,
    ...scheduleCommands,
    encryptionCommand,
    ...destinationCommands,
  ].filter((command) => command.group === group),
);

/** Options that ask for nothing by themselves. */
const manners = new Set(['--json', '-y', '--yes', '--no-color']);

export type Request = { kind: 'command'; command: Command; given: Given; yes: boolean } | { kind: 'text'; text: string };

const footer = `
The install may be left out where there is one. MOULT_HOME moves Moult's own
folder. What destroys something shows its plan and asks first; without a
terminal it takes --yes.

Exit codes: 0 done, 1 failed, 2 usage, 3 refused before anything was touched,
4 drift found, 5 failed and rolled back, 6 an interrupted operation must be
recovered first, 130 cancelled.

Examples:
  moult set-up sprig --release 1.0.0  try Moult on its sample, a notes server
  moult plan sprig                    what stays and what changes in an upgrade
  moult upgrade sprig                 go there; on any failure, all goes back`;

/** What was typed. Throws `bad-input` for what cannot be understood, with the nearest command or option. */
export function parseCommandLine(typed: readonly string[], means: { version: string; width: number }): Request {
  const printed: string[] = [];
  const chosen: { request: Request | null } = { request: null };
  const program = new Parser('moult')
    .description('Upgrades, backs up, restores and resets self-hosted installs, as transactions.')
    .version(means.version, '-V, --version', 'print the version')
    .option('--json', 'print JSON Lines: events while it runs, last the result')
    .option('-y, --yes', 'answer every question with yes')
    .option('--no-color', 'no colours (as NO_COLOR does)')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .usage('<command> [install] [options]')
    .addHelpText('after', footer)
    .configureHelp({ showGlobalOptions: true, subcommandTerm })
    .configureOutput({ writeOut: (text) => printed.push(text), writeErr: () => undefined, getOutHelpWidth: () => means.width })
    .exitOverride();
  for (const command of commands) {
    addCommand(program, command, (given) => {
      chosen.request = { kind: 'command', command, given, yes: program.opts()['yes'] === true };
    });
  }
  try {
    // Without a command: the help, as an answer and not as a mistake.
    if (typed.every((word) => manners.has(word))) program.outputHelp();
    else program.parse(typed, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageFailure(error, typed);
  }
  return chosen.request ?? { kind: 'text', text: printed.join('') };
}

/** What is typed for a command, without the options: they are in its own help. */
function subcommandTerm(parser: Parser): string {
  return [
    parser.name(),
    ...parser.registeredArguments.map((argument) => (argument.required ? `<${argument.name()}>` : `[${argument.name()}]`)),
  ].join(' ');
}

function addCommand(program: Parser, command: Command, onChosen: (given: Given) => void): void {
  const parser = program.command(command.name).summary(command.summary).helpGroup(command.group).usage(usageOf(command));
  parser.description(`${upperFirst(command.summary)}.${command.details === undefined ? '' : `\n\n${command.details}`}`);
  for (const argument of command.arguments) parser.argument(argument.name, argument.text);
  for (const option of command.options) parser.addOption(toOption(option));
  const column = Math.max(...command.examples.map(([line]) => line.length));
  parser.addHelpText('after', `\nExamples:\n${command.examples.map(([line, text]) => `  ${line.padEnd(column)}  ${text}`).join('\n')}`);
  parser.action(() => {
    const named = parser.registeredArguments.map((argument, index) => [argument.name(), parser.args[index]] as const);
    onChosen(Object.fromEntries([...named.filter(([, value]) => value !== undefined), ...Object.entries(parser.opts())]));
  });
}

function usageOf(command: Command): string {
  return [...command.arguments.map((argument) => argument.name), '[options]'].join(' ');
}

function toOption(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.required === true ? `${spec.text} (required)` : spec.text);
  if (spec.required === true) option.makeOptionMandatory();
  if (spec.kind === 'number') option.argParser(wholeNumber);
  if (spec.kind === 'path') option.argParser(somePath);
  if (spec.kind === 'list') option.argParser<string[]>((text, before) => [...(before ?? []), somePath(text)]);
  return option;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function somePath(text: string): string {
  if (text === '' || text.includes('\0')) throw new InvalidArgumentError('It must be a path.');
  return text;
}

function usageFailure(error: CommanderError, typed: readonly string[]): Failure {
  const message = error.message
    .replace(/^error: /, '')
    .replace(/\s*\(Did you mean (.*)\?\)/s, '; did you mean $1?')
    .replaceAll(/\s*\n\s*/g, ' ');
  const command = commands.find((candidate) => typed.includes(candidate.name));
  const help = command === undefined ? 'moult --help' : `moult ${command.name} --help`;
  return new Failure('bad-input', upperFirst(message), { remedy: { action: 'show-help', text: 'See what it takes:', command: help } });
}

function upperFirst(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
