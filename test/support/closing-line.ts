import type { Reporter } from 'vitest/node';

/**
 * The last line of every suite, the same in all of them: `N passed, N failed`. Skipped tests are named before it, never silently dropped.
 * `eachFile`: each file is a suite of its own and has such a line too.
 */
export function closingLine({ eachFile = false }: { eachFile?: boolean } = {}): Reporter {
  return {
    onTestRunEnd(modules, errors) {
      const counts = { passed: 0, failed: 0 };
      const skipped: string[] = [];
      for (const module of modules) {
        const before = { ...counts };
        // A file that could not even be loaded has no tests; it is a failure all the same.
        if (module.state() === 'failed' && [...module.children.allTests()].every((test) => test.result().state !== 'failed'))
          counts.failed += 1;
        for (const test of module.children.allTests()) {
          const { state } = test.result();
          if (state === 'passed' || state === 'failed') counts[state] += 1;
          else skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
        }
        if (eachFile)
          console.log(`${module.relativeModuleId}: ${counts.passed - before.passed} passed, ${counts.failed - before.failed} failed`);
      }
      counts.failed += errors.length;
      for (const name of skipped) console.log(`SKIPPED: ${name}`);
      console.log(`${counts.passed} passed, ${counts.failed} failed`);
    },
  };
}
