import { join } from 'node:path';
import type { Engine } from '../api/engine.ts';
import type { MethodName, OperationName } from '../api/methods.ts';
import type { OperationOutcome, Plan } from '../api/models.ts';
import { type Answer, call } from '../transport/call.ts';
import { CommandFailure } from './command-failure.ts';
import type { Interrupts } from './interrupts.ts';
import { wrap } from './layout.ts';
import { operate } from './operate.ts';
import { type Line, span } from './page.ts';
import type { Screen } from './screen.ts';
import { isSignedIn, noteNames, type SprigSession } from './story-sprig.ts';
import { emptyLine, marks, quiet, strong } from './view/marks.ts';
import { outcomeLines } from './view/outcome-view.ts';

export interface Stage {
  engine: Engine;
  screen: Screen;
  interrupts: Interrupts;
  /** The folder that the story takes place in. */
  folder: string;
  port: number;
}

/** Shows each command of the story before it runs, what it did after it, and what is true then. */
export class Narrator {
  readonly home: string;
  readonly address: string;
  /** The session that is opened once and must live on. */
  session: SprigSession = { user: '', token: '' };
  /** The backup that the story goes back to. */
  backup = '';
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.home = join(stage.folder, 'sprig');
    this.address = `http://127.0.0.1:${stage.port}`;
  }

  get folder(): string {
    return this.#stage.folder;
  }

  get port(): number {
    return this.#stage.port;
  }

  open(): void {
    this.say('This is the story of one small install, on the bundled sample: a notes server.');
    this.say(`It takes about a minute, happens in ${this.folder} and leaves nothing behind. Ctrl-C ends it.`);
  }

  close(): void {
    this.#print([emptyLine, [marks.good, ' ', strong('That was all.')]]);
    this.say('Try it yourself: npx moult set-up sprig --release 1.0.0, or npx moult --help.');
  }

  chapter(number: number, all: number, title: string, text: string): void {
    this.#print([emptyLine, [span(`${number}/${all}  `, 'quiet'), strong(title)]]);
    this.say(text);
  }

  say(text: string): void {
    this.#print(wrap([quiet(text)], this.#stage.screen.width));
  }

  /** What a person would type to do the same. */
  command(text: string): void {
    this.#print([['  ', quiet('$ '), span(`moult ${text}`, 'stays')]]);
  }

  show(lines: (width: number) => Line[]): void {
    this.#print(lines(this.#stage.screen.width));
  }

  /** Something that must be true for the story to go on. */
  holds(isTrue: boolean, text: string): void {
    if (!isTrue) throw new CommandFailure({ code: 'internal', message: `The story is not true: ${text}` }, { begun: true, outcome: null });
    this.#print(wrap([marks.good, ` ${text}`], this.#stage.screen.width, 2));
  }

  async ask<M extends MethodName>(method: M, input: Record<string, unknown>): Promise<Answer<M>> {
    const answer = await call(this.#stage.engine, method, input);
    if (answer.ok) return answer.result;
    throw new CommandFailure(answer.error, { begun: true, outcome: null });
  }

  /** Runs an operation and shows it as the command line does. */
  async run(method: OperationName, input: Record<string, unknown>): Promise<OperationOutcome> {
    const outcome = await operate(this.#stage, method, input);
    this.show((width) => outcomeLines(outcome, width));
    return outcome;
  }

  /** The plan that a person would be asked about; its digest goes with the consent. */
  async agree(input: Record<string, unknown>): Promise<Plan> {
    return this.ask('plan', { install: 'sprig', ...input });
  }

  async sessionWorks(): Promise<boolean> {
    return isSignedIn(this.address, this.session);
  }

  async notes(): Promise<string[]> {
    return noteNames(this.address, this.session);
  }

  #print(lines: readonly Line[]): void {
    this.#stage.screen.print(lines);
  }
}
