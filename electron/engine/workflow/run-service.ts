/** Start, stop and restart: the smallest workflows. */
import type { Program, Scene } from './program.ts';
import type { Step } from '../operation/step.ts';
import { toFailureData } from '../../api/failure.ts';
import { haltStep, startStep, stopStep } from './steps/service-steps.ts';
import { mustHave } from './upgrade.ts';

export function startProgram(scene: Scene): Program {
  const before = mustHave(scene.before);
  return {
    steps: [startStep(scene, 'start', `Start ${scene.descriptor.title} and check its health`, async () => before)],
    from: before.release,
    to: before.release,
    endState: 'new-and-healthy',
    failedState: 'stopped-and-kept',
  };
}

export function stopProgram(scene: Scene): Program {
  const before = mustHave(scene.before);
  return {
    steps: [{ ...haltStep(scene, 'stop', `Stop ${scene.descriptor.title}`, async () => before), touches: false }],
    from: before.release,
    to: before.release,
    endState: 'done',
  };
}

/** One that fails before the product was stopped, or that is cut off, leaves it running as it was; one whose start fails leaves it stopped. */
export function restartProgram(scene: Scene): Program {
  const before = mustHave(scene.before);
  return {
    steps: [stopAgain(scene), startAgain(scene)],
    from: before.release,
    to: before.release,
    endState: 'new-and-healthy',
  };
}

function stopAgain(scene: Scene): Step {
  const { title } = scene.descriptor;
  const stop = stopStep(scene, mustHave(scene.before), { brokenConfig: true });
  return {
    ...stop,
    title: `Stop ${title}`,
    touches: false,
    undo: async (tools) => {
      if (tools.memory['startFailed'] === true) return tools.remember({ leftStopped: true });
      try {
        await stop.undo?.(tools);
      } catch (error) {
        await tools.remember({ leftStopped: true });
        tools.note(`${title} could not be started again: ${toFailureData(error).message}`, 'warning');
      }
    },
  };
}

/** What did not become healthy is not tried a second time by going back. */
function startAgain(scene: Scene): Step {
  const before = mustHave(scene.before);
  const start = startStep(scene, 'start', `Start ${scene.descriptor.title} and check its health`, async () => before);
  return {
    ...start,
    run: async (tools) => {
      try {
        await start.run(tools);
      } catch (error) {
        await tools.remember({ startFailed: true }).catch(() => undefined);
        throw error;
      }
    },
  };
}
