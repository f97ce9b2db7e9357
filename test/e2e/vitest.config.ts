import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { slowFiles } from '../slow-files.ts';
import { closingLine } from '../support/closing-line.ts';

/** The long suite, `npm run test:e2e`: the built `moult` on real products, kills at checkpoints, whole workflows. One file after the other. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/e2e/**/*.test.ts', ...slowFiles],
    // The stories on the screens have a command of their own, `npm run test:screens`.
    exclude: ['test/e2e/screens*.test.ts', 'test/e2e/every-screen.test.ts'],
    globalSetup: ['test/support/tidy-run.ts'],
    reporters: ['verbose', closingLine()],
    testTimeout: 10 * 60_000,
    hookTimeout: 5 * 60_000,
    pool: 'forks',
    // Real processes on a shared machine: what fails once on a slow moment is tried once more, and the report says so.
    retry: process.env['CI'] === 'true' ? 1 : 0,
    fileParallelism: false,
    passWithNoTests: false,
    allowOnly: false,
  },
});
