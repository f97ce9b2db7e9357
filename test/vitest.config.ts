import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { closingLine } from './support/closing-line.ts';
import { slowFiles } from './slow-files.ts';

/** The quick suite, `npm test`: every room by itself and rooms together, on real files, databases, processes and loopback servers. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('..', import.meta.url)),
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: ['test/e2e/**', 'test/bench/**', ...slowFiles, 'node_modules/**', 'dist/**'],
    globalSetup: ['test/support/tidy-run.ts', 'test/support/bundle-lab.ts'],
    reporters: ['default', closingLine()],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    // Real processes on a shared machine: what fails once on a slow moment is tried once more, and the report says so.
    retry: process.env['CI'] === 'true' ? 1 : 0,
    // Most of them wait for processes and not for the processor.
    maxWorkers: 3,
    passWithNoTests: false,
    allowOnly: false,
  },
});
