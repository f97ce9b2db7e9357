/**
 * Named checkpoints at which a test can stop the engine: `MOULT_TEST_FAILPOINT=switch:before:kill`.
 * The runner passes each step's id here before and after it, while it runs and while it is undone.
 */
import { Failure } from '../../api/failure.ts';
import { pause } from '../platform/clock.ts';
import { variable } from '../platform/environment.ts';
import { ownPid, signalProcess } from '../platform/processes.ts';

export type CheckpointMoment = 'before' | 'after' | 'before-undo' | 'after-undo';

/** Does nothing unless a test asked for this very checkpoint. */
export async function checkpoint(step: string, moment: CheckpointMoment, signal?: AbortSignal): Promise<void> {
  const asked = variable('MOULT_TEST_FAILPOINT');
  if (asked === undefined || asked === '') return;
  const [effect, when, ...id] = asked.split(':').reverse();
  if (when !== moment || id.reverse().join(':') !== step) return;
  if (effect === 'kill') {
    signalProcess(ownPid(), 'SIGKILL');
    await pause(60_000);
  }
  if (effect === 'throw') throw new Failure('io', `the test stopped ${step} ${moment}`);
  // As what the engine waits for hangs: for ever, or until the person cancels.
  if (effect === 'hang') await pause(24 * 3600 * 1000, signal);
}
