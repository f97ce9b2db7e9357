import { statfsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { closingLine } from '../support/closing-line.ts';
import { longestFirst } from '../support/longest-first.ts';

/** `npm run test:crash`: everything that tries to break the promises. Cases wait for products half of their time: two files at once. */
process.env['MOULT_FULL'] ??= 'part';
// Tens of thousands of small worlds are built and removed: in memory where there is room, because it is the engine that is tested and not
// the disk. `MOULT_CRASH_DISK=real` keeps them in the usual temporary folder.
if (process.env['MOULT_CRASH_DISK'] !== 'real' && hasRoom('/dev/shm')) process.env['TMPDIR'] = '/dev/shm';
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/crash/**/*.test.ts', 'test/fuzz/**/*.test.ts'],
    globalSetup: ['test/support/tidy-run.ts', 'test/support/bundle-lab.ts'],
    reporters: ['default', closingLine({ eachFile: true })],
    testTimeout: 15 * 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    sequence: {
      sequencer: longestFirst([
        'kill-matrix',
        'power-cuts',
        'failing-calls',
        'small-disks',
        'random-kills',
        'random-kills-sample',
        'readers',
        'two-at-once',
        'secrets-and-links',
      ]),
    },
    passWithNoTests: false,
    allowOnly: false,
  },
});

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize > 2 * 1024 ** 3;
  } catch {
    return false;
  }
}
