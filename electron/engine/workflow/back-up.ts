/** Back up: one step while the product runs, read back from the disk before it counts. */
import type { Backup } from '../../api/models.ts';
import type { Program, Scene } from './program.ts';
import { backUpStep } from './steps/backup-steps.ts';
import { mustHave } from './upgrade.ts';

export interface BackUpData {
  to: string;
  /** Absent in journals of before there were schedules. */
  reason?: Backup['reason'];
}

export function backUpProgram(scene: Scene, data: BackUpData): Program {
  const before = mustHave(scene.before);
  return {
    steps: [backUpStep(scene, before, { to: data.to, reason: data.reason ?? 'asked' })],
    from: before.release,
    to: before.release,
    endState: 'done',
  };
}
