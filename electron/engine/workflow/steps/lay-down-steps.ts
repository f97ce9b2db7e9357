/** Steps in which the product lays down what no backup holds: a first start with nothing in it, and a stop. */
import type { InstallRecord } from '../../install/record.ts';
import type { Step } from '../../operation/step.ts';
import type { Scene } from '../program.ts';
import { haltStep, startStep } from './service-steps.ts';

/** To be put after the product's own set-up, and before anything of a backup is in place. `titles`: of the items that are laid down. */
export function layDownSteps(scene: Scene, next: InstallRecord, titles: readonly string[]): Step[] {
  const record = async () => next;
  const title = `Let ${next.release} lay down what no backup holds: ${titles.join(', ')}`;
  return [
    startStep(scene, 'lay-down', title, record, { passing: true }),
    haltStep(scene, 'halt', 'Stop it, before its data is put in place', record),
  ];
}
