import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files in the order of a list, those that it does not name behind them. With several files at once the longest has to begin first, or
 * the run waits for it alone at the end.
 */
export function longestFirst(names: readonly string[]): typeof BaseSequencer {
  return class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      const place = ({ moduleId }: TestSpecification) => {
        const found = names.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
        return found < 0 ? names.length : found;
      };
      return files.toSorted((one, other) => place(one) - place(other) || (one.moduleId < other.moduleId ? -1 : 1));
    }
  };
}
