import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { closingLine } from '../support/closing-line.ts';

/** The long suite, `npm run test:e2e`: the built `moult` on real products, and kills at every checkpoint. One file after the other. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/e2e/**/*.test.ts', 'test/crash/**/*.test.ts'],
    globalSetup: ['test/support/tidy-run.ts'],
    reporters: ['verbose', closingLine()],
    testTimeout: 10 * 60_000,
    hookTimeout: 5 * 60_000,
    pool: 'forks',
    fileParallelism: false,
    passWithNoTests: false,
    allowOnly: false,
  },
});
