import { slowFiles } from '../slow-files.ts';
import { longSuite } from './long-suite.ts';

/** The long suite, `npm run test:e2e`: the built `moult` on real products, kills at checkpoints, whole workflows. */
export default longSuite({
  include: ['test/e2e/**/*.test.ts', ...slowFiles],
  // The stories on the screens have a command of their own, `npm run test:screens`.
  exclude: ['test/e2e/screens*.test.ts', 'test/e2e/every-screen.test.ts'],
  // The Docker Engine and its images are there once; how soon the built command starts is measured, and
  // what a window does within moments is waited for.
  alone: [
    'test/e2e/leoflow-docker.test.ts',
    'test/engine/datastore/docker-postgres.test.ts',
    'test/e2e/built-command.test.ts',
    'test/e2e/desktop-*.test.ts',
  ],
  longest: ['recover', 'zoo', 'leoflow-anew', 'node-red', 'leoflow', 'leoflow-trouble', 'sprig-story', 'way-back', 'bad-input', 'dexaflow'],
});
