/** The parent's side of the lab: starts lab processes, hands them cases, notices when one is killed, and starts another. */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { LabAnswer, LabCase } from './lab-process.ts';
import { markOf, type World } from './stub-world.ts';

/** The bundle of the run (`test/support/bundle-lab.ts`), or without one the sources. */
const bundle = process.env['MOULT_TEST_LAB'];
export const scriptOf = (name: string): string =>
  bundle === undefined ? fileURLToPath(new URL(`${name}.ts`, import.meta.url)) : join(bundle, `${name}.js`);
const seam = pathToFileURL(scriptOf('faults')).href;

/** How a case ended: with an answer, or with the death of the process. */
export type CaseEnd =
  | { kind: 'answer'; answer: LabAnswer }
  | { kind: 'killed'; signal: string | null; code: number | null }
  | { kind: 'silent' };

/** Milliseconds in which a lab tells of the last files that nobody closed. */
const timeToCollect = 5000;

/** Rejections that nobody handled, of all labs of this run: each is a bug. */
export const strays: string[] = [];

export class Lab {
  readonly #world: World;
  readonly #core: number | null;
  readonly #keepsHelpers: boolean;
  #child: ChildProcess | null = null;
  #number = 0;

  /**
   * `core`: as on a machine with one, where the engine has a pool of one, and threads wait for each other in another way. `keepsHelpers`: its
   * threads and processes wait for the next operation, as in a program whose engine stays open; else each operation has new ones, as a command has.
   */
  constructor(world: World, { core = null, keepsHelpers = false }: { core?: number | null; keepsHelpers?: boolean } = {}) {
    this.#world = world;
    this.#core = core;
    this.#keepsHelpers = keepsHelpers;
  }

  /**
   * Runs a case. Without an answer within `limit` milliseconds the process is killed and the end is `silent`. `killAfter` kills it that many
   * milliseconds after its last call began.
   */
  async run(
    task: Omit<LabCase, 'moultHome' | 'orders'> & Partial<LabCase>,
    options: { limit?: number; killAfter?: number | undefined } = {},
  ): Promise<CaseEnd> {
    const child = await this.#ready();
    this.#number += 1;
    const number = this.#number;
    let killing: NodeJS.Timeout | undefined;
    return new Promise((resolve) => {
      const finish = (end: CaseEnd) => {
        clearTimeout(timer);
        clearTimeout(killing);
        child.off('message', hear).off('exit', die);
        resolve(end);
      };
      const hear = (message: { number?: number; answer?: LabAnswer; crash?: string; begins?: true }) => {
        if (message.begins === true && options.killAfter !== undefined)
          killing = setTimeout(() => child.kill('SIGKILL'), options.killAfter);
        if (message.number !== number) return;
        if (message.answer) finish({ kind: 'answer', answer: message.answer });
        else throw new Error(message.crash);
      };
      const die = (code: number | null, signal: string | null) => {
        this.#child = null;
        finish({ kind: 'killed', signal, code });
      };
      const timer = setTimeout(() => {
        child.off('exit', die);
        this.#child = null;
        child.once('exit', () => finish({ kind: 'silent' }));
        child.kill('SIGKILL');
      }, options.limit ?? 180_000);
      child.on('message', hear).on('exit', die);
      child.send({ number, task: { moultHome: this.#world.moultHome, orders: { mode: 'off' }, ...task } });
    });
  }

  /** Runs a case that must answer. */
  async must(task: Parameters<Lab['run']>[0]): Promise<LabAnswer> {
    const end = await this.run(task);
    if (end.kind !== 'answer') throw new Error(`the lab ended: ${JSON.stringify(end)}`);
    return end.answer;
  }

  /** Kills the process from outside, at any moment. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Ends the process; what nobody had closed in it is among the `strays` then. */
  async end(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    await new Promise<void>((resolve) => {
      const kill = () => child.kill('SIGKILL');
      const timer = setTimeout(kill, timeToCollect);
      child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      child.on('message', (message: { isOver?: true }) => message.isOver === true && kill());
      child.send({ isLast: true }, (error) => error !== null && kill());
    });
  }

  /** Starts the process now, so that the next case need not wait for it. */
  async warm(): Promise<void> {
    await this.#ready();
  }

  #starting: Promise<ChildProcess> | null = null;
  async #ready(): Promise<ChildProcess> {
    if (this.#child !== null) return this.#child;
    this.#starting ??= this.#start().finally(() => (this.#starting = null));
    return this.#starting;
  }

  async #start(): Promise<ChildProcess> {
    mkdirSync(this.#world.temporary, { recursive: true });
    const flags = [...quietly, ...briefly, '--expose-gc', '--import', seam];
    const child = fork(scriptOf('lab-process'), [], {
      ...(this.#core === null ? { execArgv: flags } : onCore(this.#core, flags)),
      env: { ...environmentOf(this.#world), ...(this.#keepsHelpers && { LAB_KEEPS_HELPERS: 'yes' }) },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    await new Promise<void>((resolve, reject) => {
      const early = (code: number | null) => reject(new Error(`the lab could not be started (${code})`));
      child.once('exit', early);
      child.on('message', (message: { ready?: true; stray?: string }) => {
        if (message.stray !== undefined) strays.push(message.stray);
        if (message.ready !== true) return;
        child.off('exit', early);
        resolve();
      });
    });
    this.#child = child;
    child.once('exit', () => {
      if (this.#child === child) this.#child = null;
    });
    return child;
  }
}

/**
 * How a script is forked that runs on one core only. A wait of one thread for another then wakes no other core, which in a virtual machine takes longer than what
 * it waits for.
 */
export function onCore(core: number, flags: readonly string[]): { execPath?: string; execArgv: string[] } {
  if (process.platform !== 'linux') return { execArgv: [...flags] };
  const list = String(core % availableParallelism());
  return { execPath: 'taskset', execArgv: ['--cpu-list', list, process.execPath, ...flags] };
}

/** What lives for a second is not worth optimizing: with these it takes a tenth less processor time. */
const briefly: readonly string[] = ['--no-opt', '--no-maglev', '--min-semi-space-size=16', '--initial-old-space-size=256'];

export const quietly: readonly string[] = ['--disable-warning=ExperimentalWarning', '--disable-warning=DEP0137'];

export function environmentOf(world: World): Record<string, string> {
  return { ...plainEnvironment(), ...world.env, [markOf]: world.folder, NODE_COMPILE_CACHE: world.compileCache };
}

function plainEnvironment(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !/^(?:npm_|VITEST|MOULT_|NODE_|XDG_|FAULTS_)/.test(name)) kept[name] = value;
  }
  return kept;
}
