/**
 * A process of its own that wants an install's lock.
 * `hold FOLDER`: takes it, says `held`, and keeps it until it is killed or its standard input ends (then it exits without releasing).
 * `race FOLDER TIMES INSIDE`: takes and releases it TIMES times; INSIDE is a file that must never be there twice. Says what it saw as JSON.
 */
import { open, rm } from 'node:fs/promises';
import { Failure } from '../../electron/api/failure.ts';
import { takeLock } from '../../electron/engine/operation/lock.ts';

const [mode, folder = '', times = '1', inside = ''] = process.argv.slice(2);

if (mode === 'hold') {
  await takeLock(folder, 'upgrade to 2.0.0');
  process.stdout.write('held\n');
  process.stdin.on('end', () => process.exit(0)).resume();
} else {
  process.stdout.write(`${JSON.stringify(await race(Number(times)))}\n`);
}

async function race(wanted: number): Promise<{ taken: number; refused: number; violations: number }> {
  const seen = { taken: 0, refused: 0, violations: 0 };
  while (seen.taken < wanted) {
    const lock = await takeLock(folder, 'race').catch((error: unknown) => {
      if (error instanceof Failure && error.code === 'locked') return null;
      throw error;
    });
    if (lock === null) {
      seen.refused += 1;
      continue;
    }
    seen.taken += 1;
    const alone = await open(inside, 'wx').catch(() => null);
    if (alone === null) seen.violations += 1;
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
    await alone?.close();
    await rm(inside, { force: true });
    await lock.release();
  }
  return seen;
}
