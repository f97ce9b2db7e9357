/**
 * The command line: one of Moult's faces, for a person at a terminal and for scripts.
 * Promises: what was asked for is done once, shown calmly, and ends in an exit code that tells the truth; with `--json` every
 * line is JSON and the last one is the result. Refuses: what destroys something, unless a person or `--yes` agreed to its plan.
 */
import type { Engine } from '../api/engine.ts';
import { type FailureData, toFailureData } from '../api/failure.ts';
import { fail, succeed } from '../api/result.ts';
import { cancelled, CommandFailure } from './command-failure.ts';
import type { Ending } from './command.ts';
import type { OpenServer } from './served-screens.ts';
import { exitCodeOf, exitCodes } from './exit-code.ts';
import { Interrupts, type SignalSource } from './interrupts.ts';
import { parseCommandLine, type Request } from './program.ts';
import { Screen, type Streams } from './screen.ts';
import { type Aftermath, failureLines } from './view/failure-view.ts';

export interface CommandLine {
  /** What was typed behind `moult`. */
  typed: readonly string[];
  /** Called only for commands that need it. */
  openEngine: () => Promise<Engine>;
  /** Opens the screens for a browser. */
  openServer: OpenServer;
  streams: Streams;
  signals: SignalSource;
  environment: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths are seen from. */
  folder: string;
  version: string;
  now: () => Date;
}

/** Milliseconds that an engine may take to let go after a question was cancelled. */
const patience = 2000;

/** Does what was typed, and gives the exit code. Never rejects. */
export async function runCommandLine(line: CommandLine): Promise<number> {
  const screen = openScreen(line);
  const interrupts = new Interrupts(line.signals);
  try {
    const ending = await Promise.race([perform(line, screen, interrupts), interrupted(interrupts)]);
    screen.print(ending.lines);
    screen.emit(succeed(ending.result));
    return ending.exitCode ?? exitCodes.done;
  } catch (error) {
    return complain(screen, error);
  } finally {
    await screen.flush();
    interrupts.close();
  }
}

async function perform(line: CommandLine, screen: Screen, interrupts: Interrupts): Promise<Ending> {
  const request = parseCommandLine(line.typed, { version: line.version, width: screen.width });
  if (request.kind === 'text') return showText(screen, request.text);
  const engine = await line.openEngine();
  try {
    const context = {
      engine,
      openServer: line.openServer,
      screen,
      interrupts,
      yes: request.yes,
      commandLine: commandLineOf(line.typed),
      folder: line.folder,
      now: line.now(),
    };
    return await request.command.run(context, request.given);
  } finally {
    await Promise.race([engine.close(), afterInterrupt(interrupts)]);
  }
}

function showText(screen: Screen, text: string): Ending {
  screen.printRaw(text);
  return { result: { text: text.trimEnd() } satisfies Partial<Request>, lines: [] };
}

function complain(screen: Screen, error: unknown): number {
  const { failure, aftermath } = describe(error);
  screen.complain(failureLines(failure, aftermath, screen.width));
  screen.emit(fail(failure));
  return exitCodeOf(failure.code);
}

function describe(error: unknown): { failure: FailureData; aftermath: Aftermath } {
  if (error instanceof CommandFailure) return error;
  return { failure: toFailureData(error), aftermath: { begun: false, outcome: null } };
}

/** What was typed as it can be typed again. */
function commandLineOf(typed: readonly string[]): string {
  return ['moult', ...typed.map((word) => (/^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`))].join(
    ' ',
  );
}

/** Rejects when a signal comes that no operation holds. */
function interrupted({ signal }: Interrupts): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(cancelled()), { once: true });
  });
}

function afterInterrupt({ signal }: Interrupts): Promise<void> {
  return new Promise((resolve) => {
    const wait = () => void setTimeout(resolve, patience).unref();
    if (signal.aborted) wait();
    else signal.addEventListener('abort', wait, { once: true });
  });
}

/** `--json` and `--no-color` are looked for before anything is understood, so that a usage error is told in the right form too. */
function openScreen({ typed, streams, environment }: CommandLine): Screen {
  const separator = typed.indexOf('--');
  const options = separator === -1 ? typed : typed.slice(0, separator);
  const hasNoColour = options.includes('--no-color') || (environment['NO_COLOR'] ?? '') !== '';
  const isDumb = environment['TERM'] === 'dumb';
  return new Screen(streams, { json: options.includes('--json'), colour: !hasNoColour && !isDumb, redraw: !isDumb });
}
