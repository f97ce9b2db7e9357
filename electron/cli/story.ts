/**
 * The story of the sample, told in the terminal: what `npm run story` shows.
 * Promises: everything happens in a folder of its own, with a free port and its own MOULT_HOME, on the real engine; nothing of it is
 * left behind, also after Ctrl-C. Refuses: to go on when what it tells is not what is there.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../api/engine.ts';
import { toFailureData } from '../api/failure.ts';
import { call } from '../transport/call.ts';
import { cancelled, CommandFailure } from './command-failure.ts';
import { exitCodeOf, exitCodes } from './exit-code.ts';
import { Interrupts } from './interrupts.ts';
import { Screen } from './screen.ts';
import { chapters } from './story-chapters.ts';
import { Narrator } from './story-narrator.ts';
import { failureLines } from './view/failure-view.ts';

/** Tells the whole story and gives the exit code. `openEngine` is called after MOULT_HOME was set for it. */
export async function main(openEngine: () => Promise<Engine>): Promise<number> {
  const streams = { input: process.stdin, output: process.stdout, errors: process.stderr };
  const isDumb = process.env['TERM'] === 'dumb';
  const screen = new Screen(streams, { json: false, colour: (process.env['NO_COLOR'] ?? '') === '' && !isDumb, redraw: !isDumb });
  const interrupts = new Interrupts(process);
  const folder = await mkdtemp(join(tmpdir(), 'moult-story-'));
  process.env['MOULT_HOME'] = join(folder, 'moult');
  try {
    return await tell(openEngine, screen, interrupts, folder);
  } catch (error) {
    const { failure, aftermath } =
      error instanceof CommandFailure ? error : { failure: toFailureData(error), aftermath: { begun: true, outcome: null } };
    screen.complain(failureLines(failure, aftermath, screen.width));
    return exitCodeOf(failure.code);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    await screen.flush();
    interrupts.close();
  }
}

async function tell(openEngine: () => Promise<Engine>, screen: Screen, interrupts: Interrupts, folder: string): Promise<number> {
  const engine = await openEngine();
  try {
    const narrator = new Narrator({ engine, screen, interrupts, folder, port: await freePort() });
    narrator.open();
    for (const [index, chapter] of chapters.entries()) {
      if (interrupts.signal.aborted) throw cancelled();
      narrator.chapter(index + 1, chapters.length, chapter.title, chapter.text);
      await chapter.tell(narrator);
    }
    narrator.close();
    return exitCodes.done;
  } finally {
    await stopEverything(engine);
    await engine.close();
  }
}

/** Whatever came before, no server stays behind. */
async function stopEverything(engine: Engine): Promise<void> {
  const installs = await call(engine, 'installs', {});
  for (const { install } of installs.ok ? installs.result : []) {
    const stopped = await call(engine, 'stop', { install });
    if (stopped.ok) await engine.wait(stopped.result.operation);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1' }, () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no free port'))));
    });
  });
}
