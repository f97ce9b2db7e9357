import type { Check } from './facts.ts';

export const shippedCheck: Check = {
  id: 'shipped',
  title: 'Nobody changed the files of the release',
  look: ({ shipped, install }) => {
    if (shipped === null) return null;
    if (shipped.changed + shipped.missing === 0) return { status: 'pass', message: 'All shipped files are as they were shipped.' };
    return {
      status: 'warn',
      message: `${shipped.changed} shipped files were changed and ${shipped.missing} are missing; the new release does not have these changes.`,
      remedy: { action: 'accept', text: 'Look at the findings and keep what you need.', command: `moult drift ${install}` },
    };
  },
};
