import { slowFiles } from '../slow-files.ts';
import { longSuite } from './long-suite.ts';

/** The long suite, `npm run test:e2e`: the built `moult` on real products, kills at checkpoints, whole workflows. */
export default longSuite({
  include: ['test/e2e/**/*.test.ts', ...slowFiles],
  // The stories on the screens have a command of their own, `npm run test:screens`.
  exclude: ['test/e2e/screens*.test.ts', 'test/e2e/every-screen.test.ts'],
});
