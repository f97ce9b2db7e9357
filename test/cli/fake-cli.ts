/** The command line on the fake engine, as a process of its own: for what only a process can show. */
import { runCommandLine } from '../../electron/cli/run.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { install, outcomeOf } from '../support/fake-world.ts';

const engine = fakeEngine();
engine.answer(
  'installs',
  Array.from({ length: 20_000 }, (_, index) => ({ ...install, install: `sprig-${index}` })),
);
// The process lives on through the work, as it does with files and sockets.
const work = setInterval(() => undefined, 1000);
engine.play('backUp', {
  end: async (cancelled) => {
    await cancelled;
    return { ok: false, error: { code: 'cancelled', message: 'the backup was cancelled' } };
  },
});
engine.play('restart', {
  end: async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.stderr.write('the engine came to its end\n');
    return { ok: true, result: outcomeOf('restart') };
  },
});

const code = await runCommandLine({
  typed: process.argv.slice(2),
  openEngine: async () => engine,
  openServer: async () => Promise.reject(new Error('no server here')),
  streams: { input: process.stdin, output: process.stdout, errors: process.stderr },
  signals: process,
  environment: process.env,
  folder: process.cwd(),
  version: '0.0.0-test',
  now: () => new Date(),
});
clearInterval(work);
process.exit(code);
