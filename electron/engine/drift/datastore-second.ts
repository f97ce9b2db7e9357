/** One install with two datastores: nobody can tell by looking which of them holds the data that a person means. */
import { keep, open, type Detector } from './ways.ts';

export const datastoreSecond: Detector = {
  id: 'datastore-second',
  title: 'There is one datastore',
  detect: (facts) => {
    const { datastores } = facts;
    if (datastores === null || datastores.others.length === 0) return { findings: [] };
    const { live, others } = datastores;
    return {
      findings: others.map((other) => ({
        kind: 'datastore-second' as const,
        severity: 'warning' as const,
        subject: 'datastore',
        expected: live === null ? 'a datastore that Moult can keep' : `only ${live}`,
        found: other,
        message:
          live === null
            ? `the data is in ${other}, which this Moult can neither back up nor bring back`
            : `there is a second datastore, ${other}; only ${live} is backed up and upgraded, and the two hold different data`,
        remedy: keep('Look into both with the product, and keep the one you work with.'),
        alternatives: open(keep('Leave the second as it is: nothing of it is touched.')),
      })),
    };
  },
};
