/** Back up: one step while the product runs, read back from the disk before it counts; then a copy to each destination. */
import type { Backup } from '../../api/models.ts';
import { copySteps } from './copy.ts';
import type { LockWish } from './encryption.ts';
import type { Program, Scene } from './program.ts';
import { backUpStep } from './steps/backup-steps.ts';
import { mustHave } from './upgrade.ts';

export interface BackUpData {
  to: string;
  /** Absent in journals of before there were schedules. */
  reason?: Backup['reason'];
  lock?: LockWish;
  /** Bytes a second, when it is not the setting's. */
  limit?: number | undefined;
  /** Folders that it is copied to afterwards. */
  copies?: string[];
}

export function backUpProgram(scene: Scene, data: BackUpData): Program {
  const before = mustHave(scene.before);
  return {
    steps: [
      backUpStep(scene, before, { to: data.to, reason: data.reason ?? 'asked', lock: data.lock ?? null, limit: data.limit }),
      ...copySteps(scene, { folders: data.copies ?? [], limit: data.limit }),
    ],
    from: before.release,
    to: before.release,
    endState: 'done',
  };
}
