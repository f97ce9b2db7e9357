import type { CancelAnswer, Engine } from '../api/engine.ts';
import type { EngineEvent } from '../api/events.ts';
import type { OperationName } from '../api/methods.ts';
import type { OperationOutcome } from '../api/models.ts';
import { follow } from '../transport/follow.ts';
import { cancelled, CommandFailure } from './command-failure.ts';
import type { Interrupts } from './interrupts.ts';
import { ProgressView } from './progress.ts';
import type { Screen } from './screen.ts';
import { marks } from './view/marks.ts';

/**
 * Runs an operation to its end, showing it. Throws `CommandFailure` when it failed.
 * The first interrupt asks the engine to stop; a later one is told that it is still finishing. Neither cuts anything off.
 */
export async function operate(
  means: { engine: Engine; screen: Screen; interrupts: Interrupts },
  method: OperationName,
  input: Record<string, unknown>,
): Promise<OperationOutcome> {
  const { engine, screen, interrupts } = means;
  if (interrupts.signal.aborted) throw cancelled();
  const view = new ProgressView(screen);
  const seen: { begun: boolean; outcome: OperationOutcome | null } = { begun: false, outcome: null };
  const listen = (event: EngineEvent): void => {
    if (event.event === 'step') seen.begun = true;
    if (event.event === 'ended') seen.outcome = event.outcome;
    view.take(event);
  };
  const followed = follow(engine, method, input, listen);
  let answer: CancelAnswer | null = null;
  const holder = (time: number): void => {
    if (time > 1 && answer !== null) {
      screen.print([[marks.info, ' Still finishing safely; please wait. ', answer.possible ? '' : answer.text]]);
    } else if (time === 1) {
      followed.cancel((given) => {
        answer = given;
        screen.print([[marks.warning, ' ', given.text === '' ? defaultText(given) : given.text]]);
      });
    }
  };
  const ended = await interrupts.hold(holder, () => followed.end);
  screen.settle();
  if (ended.ok) return ended.result;
  throw new CommandFailure(ended.error, seen);
}

function defaultText({ possible }: CancelAnswer): string {
  return possible ? 'Cancelling …' : 'It cannot be cancelled any more; it goes on to its end.';
}
