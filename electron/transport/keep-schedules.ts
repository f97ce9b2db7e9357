/**
 * Keeps the schedules of all installs while a face is open: asks the engine to do what is due, now and then again and again. Only one process
 * acts at a time, whoever asks; what another one does is left to it.
 */
import type { Engine } from '../api/engine.ts';
import type { Clock } from './clock.ts';

/** Milliseconds: soon enough for a window of minutes, and after a sleep. */
const pause = 60_000;

/** The answer ends it; what runs then goes on to its end. */
export function keepSchedules(engine: Pick<Engine, 'api'>, clock: Clock): () => void {
  let running = false;
  let ended = false;
  const look = async (): Promise<void> => {
    if (running || ended) return;
    running = true;
    // What goes wrong with an install is in the answer; a database that cannot be read is told by every other call.
    await engine.api.runSchedule({}).catch(() => undefined);
    running = false;
  };
  void look();
  const stop = clock.every(pause, () => void look());
  return () => {
    ended = true;
    stop();
  };
}
