/**
 * The terminal, or the pipe that stands in for it.
 * Promises: with `--json` nothing but JSON Lines goes to the output and nothing to the errors; a reader that goes away
 * (`| head -1`, a closed window) never breaks what is being done; lines that are redrawn never overwrite lines that stay.
 */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { toLine } from '../transport/envelope.ts';
import { type Line, paint, widthOf } from './page.ts';

export interface OutputStream extends NodeJS.WritableStream {
  isTTY?: boolean;
  columns?: number;
}
export interface Streams {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  output: OutputStream;
  errors: OutputStream;
}
export interface ScreenOptions {
  json: boolean;
  colour: boolean;
  /** Whether lines may be redrawn in place. */
  redraw: boolean;
}

/** Columns where there is no terminal to ask. */
const usualWidth = 80;
/** Longer lines are hard to read, however wide the terminal is. */
const widest = 160;

/** Milliseconds in which a terminal hands over all that was typed before; nobody reads a question and answers it in that time. */
const typedAhead = 50;

export class Screen {
  readonly json: boolean;
  /** Whether a person can be asked. */
  readonly canAsk: boolean;
  readonly canRedraw: boolean;
  /** Ends when nobody reads any more. */
  readonly gone: AbortSignal;
  readonly #streams: Streams;
  readonly #colour: boolean;
  readonly #gone = new AbortController();
  #live: readonly Line[] = [];
  #secretLines: AsyncIterator<string> | null = null;

  constructor(streams: Streams, options: ScreenOptions) {
    this.#streams = streams;
    this.json = options.json;
    this.#colour = options.colour && streams.output.isTTY === true;
    this.canAsk = !options.json && streams.input.isTTY === true && streams.output.isTTY === true;
    this.canRedraw = !options.json && options.redraw && streams.output.isTTY === true;
    this.gone = this.#gone.signal;
    // EPIPE: the reader went away. EIO: the terminal was closed. What runs goes on to its safe end without a listener.
    streams.output.on('error', () => this.#gone.abort());
    streams.errors.on('error', () => undefined);
  }

  get width(): number {
    // A terminal that does not know its size says 0.
    return Math.min(widest, Math.max(40, this.#streams.output.columns || usualWidth));
  }

  /** Lines for a person. They stay. */
  print(lines: readonly Line[]): void {
    if (this.json || lines.length === 0) return;
    this.#write(`${this.#eraseLive()}${this.#painted(lines)}${this.#painted(this.#live)}`);
  }

  /** Lines for a person about something that went wrong; they go to the errors. */
  complain(lines: readonly Line[]): void {
    if (this.json) return;
    this.settle();
    this.#streams.errors.write(lines.map((line) => `${paint(line, this.#colour && this.#streams.errors.isTTY === true)}\n`).join(''));
  }

  /** One line of JSON, in `--json` only. */
  emit(value: Parameters<typeof toLine>[0]): void {
    if (this.json) this.#write(toLine(value));
  }

  /** Text that is passed through as it is, such as a log; cleaned by the caller. */
  printRaw(text: string): void {
    if (!this.json) this.#write(text);
  }

  /** Draws lines that the next call, or anything printed, replaces. Each must fit the width. */
  draw(lines: readonly Line[]): void {
    if (!this.canRedraw) return;
    const fitting = lines.filter((line) => widthOf(line) < this.width);
    const erase = this.#eraseLive();
    this.#live = fitting;
    this.#write(`${erase}${this.#painted(fitting)}`);
  }

  /** Takes away what was drawn to be replaced. */
  settle(): void {
    if (this.#live.length === 0) return;
    this.#write(this.#eraseLive());
    this.#live = [];
  }

  /**
   * Asks a person and gives the answer without the blanks around it; null when the input ended or the signal came first.
   * The line is read as the terminal hands it over, so that Ctrl-C stays a signal. What was typed before the question was there is no
   * answer to it and is thrown away: nobody agrees to a plan that was not shown yet.
   */
  async ask(question: Line, signal: AbortSignal): Promise<string | null> {
    this.settle();
    const isOver = await forgetTyped(this.#streams.input);
    if (signal.aborted) return null;
    this.#write(`${paint(question, this.#colour)} `);
    if (isOver) {
      this.#write('\n');
      return null;
    }
    const lines = createInterface({ input: this.#streams.input, terminal: false });
    try {
      const answer = await new Promise<string | null>((resolve) => {
        lines.once('line', (line) => resolve(line.trim()));
        lines.once('close', () => resolve(null));
        signal.addEventListener('abort', () => resolve(null), { once: true });
      });
      // Nobody pressed Enter: what comes next must not stand behind the question.
      if (answer === null) this.#write('\n');
      return answer;
    } finally {
      lines.close();
      this.#streams.input.pause();
    }
  }

  /** As `ask`, but nothing of what is typed is shown. From a pipe it is one line of it. */
  async askSecret(question: Line, signal: AbortSignal): Promise<string | null> {
    this.settle();
    if (signal.aborted) return null;
    const { input } = this.#streams;
    const isTerminal = input.isTTY === true;
    if (isTerminal) this.#streams.errors.write(`${paint(question, false)} `);
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = (this.#secretLines ??= secretLines(input, nowhere, isTerminal));
    const aborted = new Promise<{ done: true; value: undefined }>((resolve) => {
      signal.addEventListener('abort', () => resolve({ done: true, value: undefined }), { once: true });
    });
    const next = await Promise.race([lines.next(), aborted]);
    if (isTerminal) this.#streams.errors.write('\n');
    return next.done === true ? null : next.value;
  }

  /** All of the input, as it is piped in. */
  async readInput(): Promise<string> {
    return text(this.#streams.input);
  }

  /** No more secrets are asked for: the input is free for other questions. */
  async endSecrets(): Promise<void> {
    await this.#secretLines?.return?.();
    this.#secretLines = null;
    this.#streams.input.pause();
  }

  /** Waits until all that was written is on its way. */
  async flush(): Promise<void> {
    this.settle();
    await Promise.all([drained(this.#streams.output), drained(this.#streams.errors)]);
  }

  #painted(lines: readonly Line[]): string {
    return lines.map((line) => `${paint(line, this.#colour)}\n`).join('');
  }

  /** Up over what was drawn, and clear from there: ECMA-48 CPL and ED. */
  #eraseLive(): string {
    return this.#live.length === 0 ? '' : `\u001b[${this.#live.length}F\u001b[J`;
  }

  #write(text: string): void {
    if (!this.gone.aborted) this.#streams.output.write(text);
  }
}

/** Reads what was typed so far. True when the input is at its end: nobody can answer any more. */
async function forgetTyped(input: Streams['input']): Promise<boolean> {
  let isOver = false;
  const forget = (): void => undefined;
  const end = (): boolean => (isOver = true);
  input.on('data', forget).once('end', end);
  await new Promise((resolve) => setTimeout(resolve, typedAhead));
  input.off('data', forget).off('end', end).pause();
  return isOver;
}

function drained(stream: OutputStream): Promise<void> {
  return new Promise((resolve) => {
    if (!stream.writable) resolve();
    else stream.write('', () => resolve());
    stream.once('error', () => resolve());
  });
}

/** Lines as they are typed. With a terminal readline takes the keys itself, so Ctrl-C arrives here and not as a signal: it ends the lines. */
function secretLines(input: NodeJS.ReadableStream, output: NodeJS.WritableStream, terminal: boolean): AsyncIterator<string> {
  const lines = createInterface({ input, output, terminal });
  lines.on('SIGINT', () => lines.close());
  return lines[Symbol.asyncIterator]();
}
