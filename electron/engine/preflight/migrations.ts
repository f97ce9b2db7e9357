import type { Check } from './facts.ts';

export const migrationsCheck: Check = {
  id: 'migrations',
  title: 'Applied migrations are the ones that were shipped',
  look: ({ migrations, install }) => {
    if (migrations === null) return null;
    const { altered, missing } = migrations;
    if (altered.length + missing.length === 0) return { status: 'pass', message: 'All applied migrations match their files.' };
    return {
      status: 'warn',
      message: `${altered.length} migrations were changed and ${missing.length} are missing since they were applied.`,
      remedy: { action: 'accept', text: 'Look at the findings.', command: `moult drift ${install}` },
    };
  },
};
