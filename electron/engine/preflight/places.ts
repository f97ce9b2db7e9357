import type { Check } from './facts.ts';

/** Items whose place a setting names must not lead where Moult may not go. */
export const placesCheck: Check = {
  id: 'places',
  title: 'Every item is inside the owned folders',
  look: ({ placesProblem, action }) => {
    if (action === 'set-up') return null;
    if (placesProblem === null) return { status: 'pass', message: 'No item leads outside.' };
    return {
      status: 'fail',
      code: placesProblem.code,
      message: placesProblem.message,
      ...(placesProblem.remedy && { remedy: placesProblem.remedy }),
    };
  },
};
