/** Start, stop and restart: the smallest workflows. */
import type { Program, Scene } from './program.ts';
import { haltStep, startStep } from './steps/service-steps.ts';
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

export function restartProgram(scene: Scene): Program {
  const stop = stopProgram(scene);
  const start = startProgram(scene);
  return { ...start, steps: [...stop.steps, ...start.steps] };
}
