/** The story on an engine that fails, or that hangs until it is cancelled, as a process of its own. */
import { main } from '../../electron/cli/story.ts';
import { fakeEngine } from '../support/fake-engine.ts';

const engine = fakeEngine();
const work = setInterval(() => undefined, 1000);
const failure = { code: 'health-failed', message: 'Sprig is not well' } as const;
engine.play('setUp', {
  end: async (cancelled) => {
    if (process.argv[2] === 'hang') await cancelled;
    return { ok: false, error: process.argv[2] === 'hang' ? { code: 'cancelled', message: 'cancelled' } : failure };
  },
});
const code = await main(async () => {
  process.stderr.write(`MOULT_HOME=${process.env['MOULT_HOME']}\n`);
  return engine;
});
process.stderr.write(`closed=${engine.closed} last=${engine.calls.at(-1)?.method}\n`);
clearInterval(work);
process.exit(code);
