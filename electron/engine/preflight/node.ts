import type { Check } from './facts.ts';

/** Releases that are run by Node tell which Node they need. */
export const nodeCheck: Check = {
  id: 'node',
  title: 'The Node that runs it is new enough',
  look: ({ node }) => {
    const bad = node.find((entry) => !entry.satisfied);
    if (node.length === 0) return null;
    if (bad === undefined)
      return { status: 'pass', message: `Node ${node[0]?.found} satisfies ${node.map((entry) => entry.needed).join(' and ')}.` };
    return {
      status: 'fail',
      message: `${bad.release} needs Node ${bad.needed}; this is Node ${bad.found}.`,
      remedy: { action: 'upgrade-moult', text: 'Use a Moult that carries a newer Node, or choose an older release.' },
    };
  },
};
