import type { Check } from './facts.ts';

/** Two datastores of one install hold different data, and a backup of one is not a backup of the other. */
export const datastoresCheck: Check = {
  id: 'datastores',
  title: 'There is one datastore',
  look: ({ datastores, title }) => {
    if (datastores === null) return null;
    const { live, others } = datastores;
    if (others.length === 0) return live === null ? null : { status: 'pass', message: `The data is in ${live}.` };
    if (live === null) {
      return {
        status: 'fail',
        code: 'unsupported',
        message: `${title} keeps its data in ${others.join(' and ')}, which this Moult can neither back up nor bring back.`,
        remedy: { action: 'accept', text: `Go on with ${title}'s own commands, or move its data to its managed database first.` },
        details: { others },
      };
    }
    return {
      status: 'warn',
      message: `The data is in ${live}, and there is a second datastore: ${others.join(', ')}. Only the first is backed up and upgraded.`,
      remedy: { action: 'accept', text: 'Make sure that the first is the one you work with; the second stays as it is.' },
      details: { live, others },
    };
  },
};
