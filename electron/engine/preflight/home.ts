import type { Check } from './facts.ts';

export const homeCheck: Check = {
  id: 'home',
  title: 'The home folder can be used',
  look: ({ homeProblem, home }) =>
    homeProblem === null
      ? { status: 'pass', message: home }
      : { status: 'fail', code: homeProblem.code, message: homeProblem.message, ...(homeProblem.remedy && { remedy: homeProblem.remedy }) },
};
