import type { Check } from './facts.ts';

/** A datastore with a server of its own: programs that can read it, and a server that is its own. */
export const datastoreServerCheck: Check = {
  id: 'datastore-server',
  title: 'The datastore can be worked with',
  look: ({ servers = [] }) => {
    if (servers.length === 0) return null;
    const problem = servers.flatMap(({ problems }) => problems)[0];
    if (problem !== undefined) {
      return {
        status: 'fail',
        code: problem.code,
        message: problem.message,
        ...(problem.remedy && { remedy: problem.remedy }),
        ...(problem.details && { details: problem.details }),
      };
    }
    const warning = servers.flatMap(({ warnings }) => warnings)[0];
    if (warning !== undefined) return { status: 'warn', message: `${warning}.` };
    return { status: 'pass', message: `${servers.map(({ detail }) => detail).join('; ')}.` };
  },
};
