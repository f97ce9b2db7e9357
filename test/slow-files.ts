/** Suites that start whole products or servers many times over: they belong to the long suite, `npm run test:e2e`, not to `npm test`. */
export const slowFiles: string[] = [
  'test/engine/workflow/adopt.test.ts',
  'test/engine/workflow/restore-part.test.ts',
  'test/engine/workflow/following.test.ts',
  'test/engine/workflow/set-up.test.ts',
  'test/engine/workflow/upgrade.test.ts',
  'test/engine/workflow/way-back.test.ts',
  'test/engine/datastore/{docker-,}postgres*.test.ts',
];
