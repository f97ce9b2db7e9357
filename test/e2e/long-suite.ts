/** What the suites of this folder have in common: real processes, with time enough, one file after the other or a few at once. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { closingLine } from '../support/closing-line.ts';
import { longestFirst } from '../support/longest-first.ts';

interface Files {
  include: string[];
  exclude?: string[];
  /** Files that want the machine for themselves, because they measure or because what they use is there once. All where not said. */
  alone?: string[];
  /** Names of the longest files, the longest first. */
  longest?: string[];
}

/** Files at once: most of them wait for products to start and to stop, and not for the processor. */
const atOnce = 2;

export function longSuite({ include, exclude = [], alone = include, longest = [] }: Files): ReturnType<typeof defineConfig> {
  const shared = {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    testTimeout: 10 * 60_000,
    hookTimeout: 5 * 60_000,
    pool: 'forks' as const,
    // Real processes on a shared machine: what fails once on a slow moment is tried once more, and the report says so.
    retry: process.env['CI'] === 'true' ? 1 : 0,
  };
  const together = { name: 'together', include, exclude: [...exclude, ...alone], maxWorkers: atOnce, sequence: { groupOrder: 0 } };
  const apart = { name: 'alone', include: alone, exclude, fileParallelism: false, sequence: { groupOrder: 1 } };
  return defineConfig({
    test: {
      root: shared.root,
      globalSetup: ['test/support/tidy-run.ts'],
      reporters: ['verbose', closingLine()],
      passWithNoTests: false,
      allowOnly: false,
      sequence: { sequencer: longestFirst(longest) },
      projects: (alone === include ? [apart] : [together, apart]).map((project) => ({ test: { ...shared, ...project } })),
    },
  });
}
