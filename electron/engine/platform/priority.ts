/** Letting others go first. */
import { constants, setPriority } from 'node:os';

/**
 * Lowers the priority of the calling thread, and of those that it starts, so that what somebody is waiting for goes first; on Linux the disk
 * follows the processor's priority (ioprio_set(2)). Elsewhere a priority is of the whole process, which others wait for: nothing is done there.
 */
export function goLast(): void {
  if (process.platform !== 'linux') return;
  try {
    // 0 is the calling thread: setpriority(2), "C library/kernel differences".
    setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A sandbox that forbids it: then it is as urgent as the rest.
  }
}
