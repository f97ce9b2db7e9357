/** Verify: reads every byte of a backup and files the verdict. It needs no install and changes nothing but the catalogue. */
import type { Program, Scene } from './program.ts';
import { verifyStep } from './restore.ts';

export interface VerifyData {
  path: string;
  id: string | null;
}

export function verifyProgram(scene: Scene, data: VerifyData): Program {
  return { steps: [verifyStep(scene, data.path, data.id)], from: null, to: null, endState: 'done' };
}
