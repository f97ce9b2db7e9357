import { longSuite } from './long-suite.ts';

/** The stories on the screens, and every screen in every state, in a real browser, `npm run test:screens`. */
export default longSuite({ include: ['test/e2e/screens*.test.ts', 'test/e2e/every-screen.test.ts'] });
