/** Copy: brings what waits to the destinations of an install. It changes nothing of the install and of its backups. */
import type { Program, Scene } from './program.ts';
import type { Step } from '../operation/step.ts';
import { copyWaiting } from './destinations.ts';

export interface CopyData {
  folders: string[];
  limit: number | null | undefined;
}

export function copyProgram(scene: Scene, data: CopyData): Program {
  return { steps: copySteps(scene, data), from: null, to: null, endState: 'done' };
}

/** One step a destination. A copy that fails is said and filed, and fails nothing else. */
export function copySteps(scene: Scene, { folders, limit }: CopyData): Step[] {
  return folders.map((folder, index) => ({
    id: index === 0 ? 'copy' : `copy-${index + 1}`,
    title: `Copy to ${folder}`,
    weight: 20,
    run: async (tools) => copyWaiting(scene.kit, scene.install, folder, tools, limit),
  }));
}
