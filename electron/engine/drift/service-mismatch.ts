/** Another release answers than the one that is active. */
import { releaseOf, type Detector } from './ways.ts';

export const serviceMismatch: Detector = {
  id: 'service-mismatch',
  title: 'The active release is the one that runs',
  detect: (facts) => {
    const { running, runningRelease } = facts.service;
    if (!running) return { findings: [] };
    if (runningRelease === null) return { findings: [], unknown: 'the running product does not tell its release' };
    if (facts.release === null) return { findings: [], unknown: `nobody can tell which release is active; ${runningRelease} is running` };
    if (runningRelease === facts.release) return { findings: [] };
    return {
      findings: [
        {
          kind: 'service-mismatch',
          severity: 'problem',
          subject: 'service',
          expected: facts.release,
          found: runningRelease,
          message: `${releaseOf(facts)} is active, but release ${runningRelease} is running`,
          remedy: {
            action: 'start-service',
            text: `Restart the product, so that ${releaseOf(facts)} runs.`,
            command: `moult restart ${facts.install}`,
          },
          alternatives: [
            { action: 'stop-service', text: 'Stop the product, and whatever else starts it.', command: `moult stop ${facts.install}` },
          ],
        },
      ],
    };
  },
};
