/** What the suites of this folder have in common: real processes, one file after the other, with time enough. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { closingLine } from '../support/closing-line.ts';

export function longSuite(files: { include: string[]; exclude?: string[] }): ReturnType<typeof defineConfig> {
  return defineConfig({
    test: {
      root: fileURLToPath(new URL('../..', import.meta.url)),
      ...files,
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
}
