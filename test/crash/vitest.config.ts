import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { closingLine } from '../support/closing-line.ts';

/** `npm run test:crash`: everything that tries to break the promises, whole. Each file uses both cores itself. */
process.env['MOULT_FULL'] ??= '1';
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/crash/**/*.test.ts', 'test/fuzz/**/*.test.ts'],
    globalSetup: ['test/support/tidy-run.ts'],
    reporters: ['default', closingLine()],
    testTimeout: 15 * 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    fileParallelism: false,
    passWithNoTests: false,
    allowOnly: false,
  },
});
