import type { Check } from './facts.ts';

/** A release that failed here is not offered again; who names it anyway is warned. */
export const quarantineCheck: Check = {
  id: 'quarantine',
  title: 'The release did not fail here before',
  look: ({ quarantined }) =>
    quarantined === null
      ? null
      : {
          status: 'warn',
          message: `${quarantined.release} failed on this machine before: ${quarantined.reason}`,
          remedy: { action: 'choose-release', text: 'Wait for a newer release, unless you removed the cause.' },
        },
};
