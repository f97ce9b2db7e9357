/** Runs the command line in this process against the fake engine, with streams that the test reads. */
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { OpenServer } from '../../electron/cli/served-screens.ts';
import { runCommandLine } from '../../electron/cli/run.ts';
import { type FakeEngine, fakeEngine } from '../support/fake-engine.ts';
import { present } from '../support/fake-world.ts';

export interface Terminal {
  openServer?: OpenServer;
  /** Whether input and output are a terminal. */
  isTerminal?: boolean;
  columns?: number;
  /** What the person types: at a terminal once there is a question. */
  types?: string;
  /** What was typed at the terminal before the question was there. */
  typesAhead?: string;
  engine?: FakeEngine;
  environment?: Record<string, string>;
  folder?: string;
  /** The double of `process`, for a test that sends signals. */
  signals?: EventEmitter;
  /** Whether the input stays open though nothing is typed. */
  staysOpen?: boolean;
}

export interface Session {
  code: number;
  output: string;
  errors: string;
  /** The lines of `--json`, parsed. */
  json: Record<string, unknown>[];
  engine: FakeEngine;
}

export async function moult(typed: string, terminal: Terminal = {}): Promise<Session> {
  const engine = terminal.engine ?? fakeEngine();
  const streams = { input: new PassThrough(), output: new PassThrough(), errors: new PassThrough() };
  const read = { output: '', errors: '' };
  streams.output.setEncoding('utf8').on('data', (text: string) => (read.output += text));
  streams.errors.setEncoding('utf8').on('data', (text: string) => (read.errors += text));
  const shape = { ...(terminal.isTerminal && { isTTY: true }), ...(terminal.columns !== undefined && { columns: terminal.columns }) };
  if (terminal.typesAhead !== undefined) streams.input.write(terminal.typesAhead);
  if (terminal.staysOpen !== true) {
    if (terminal.isTerminal !== true) streams.input.end(terminal.types ?? '');
    else streams.output.on('data', () => /(?:\[y\/N\]|to go on:) $/.test(read.output) && streams.input.end(terminal.types ?? ''));
  }
  const code = await runCommandLine({
    typed: typed.split(' ').filter((word) => word !== ''),
    openEngine: async () => engine,
    openServer: terminal.openServer ?? (async () => Promise.reject(new Error('no server here'))),
    streams: {
      input: Object.assign(streams.input, shape),
      output: Object.assign(streams.output, shape),
      errors: Object.assign(streams.errors, shape),
    },
    signals: terminal.signals ?? new EventEmitter(),
    environment: terminal.environment ?? { NO_COLOR: '1' },
    folder: terminal.folder ?? '/home/ann',
    version: '0.0.0-test',
    now: () => new Date(present),
  });
  const json = typed.includes('--json')
    ? read.output
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    : [];
  return { code, ...read, json, engine };
}
