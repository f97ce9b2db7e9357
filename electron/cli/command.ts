/** What a command of the command line is: data for the parser and the help, and a function that does it. */
import type { Engine } from '../api/engine.ts';
import { type MethodName } from '../api/methods.ts';
import { type Answer, call } from '../transport/call.ts';
import { CommandFailure } from './command-failure.ts';
import type { OpenServer } from './served-screens.ts';
import type { Interrupts } from './interrupts.ts';
import type { Line } from './page.ts';
import type { Screen } from './screen.ts';

export interface Context {
  engine: Engine;
  openServer: OpenServer;
  screen: Screen;
  interrupts: Interrupts;
  /** Whether `--yes` answered every question beforehand. */
  yes: boolean;
  /** What was typed, to be shown with a further option. */
  commandLine: string;
  /** The folder that relative paths are seen from. */
  folder: string;
  now: Date;
}

/** What a person typed, by the names of the command's arguments and options; what was left out is missing. */
export type Given = Readonly<Record<string, unknown>>;

export interface Ending {
  /** For `--json`. */
  result: unknown;
  /** For a person. */
  lines: Line[];
  exitCode?: number;
}

export interface OptionSpec {
  /** As commander reads them: `--to <release>`. */
  flags: string;
  text: string;
  /** A `list` may be given several times. */
  kind?: 'path' | 'number' | 'list';
  required?: boolean;
}

/** The headings of the help, in their order. */
export const commandGroups = [
  'Look:',
  'Set up and run:',
  'Upgrade and go back:',
  'Back up and restore:',
  'Remove and start fresh:',
] as const;
export type CommandGroup = (typeof commandGroups)[number];

export interface Command {
  name: string;
  group: CommandGroup;
  summary: string;
  /** More for the command's own help. */
  details?: string;
  /** As commander reads them: `[install]`, `<product>`. */
  arguments: { name: string; text: string }[];
  options: OptionSpec[];
  /** Command lines, each with what it does. */
  examples: [string, string][];
  run(context: Context, given: Given): Promise<Ending>;
}

export const installArgument = { name: '[install]', text: 'the install; may be left out where there is one' };

/** Asks the engine; a failure ends the command. */
export async function ask<M extends MethodName>(context: Context, method: M, input: Given): Promise<Answer<M>> {
  const answer = await call(context.engine, method, input);
  if (answer.ok) return answer.result;
  throw new CommandFailure(answer.error);
}

/** Only the named fields, and of them only those that were given. */
export function pick(given: Given, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]));
}
