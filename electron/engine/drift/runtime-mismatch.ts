/** The managed runtime is not the one that the release pins. */
import type { DriftFacts } from './facts.ts';
import { keep, reinstall, releaseOf, type Detector } from './ways.ts';

export const runtimeMismatch: Detector = {
  id: 'runtime-mismatch',
  title: 'The managed runtime is the pinned one',
  detect: (facts) => {
    const { runtime } = facts;
    if (runtime === null) return { findings: [] };
    const pinned = runtime.pinned?.trim() ?? null;
    const found = runtime.found?.trim() ?? null;
    if (pinned === null) return { findings: [], unknown: `${releaseOf(facts)} does not tell which runtime it pins` };
    if (pinned === found) return { findings: [] };
    return { findings: [mismatch(facts, pinned, found)] };
  },
};

function mismatch(facts: DriftFacts, pinned: string, found: string | null) {
  return {
    kind: 'runtime-mismatch' as const,
    severity: 'problem' as const,
    subject: 'runtime',
    expected: pinned,
    found: found ?? 'none',
    message: `${releaseOf(facts)} pins runtime ${pinned}, but ${found === null ? 'there is none' : `${found} is there`}`,
    remedy: reinstall(facts, ` with runtime ${pinned}`),
    alternatives: [
      keep(found === null ? 'Put the pinned runtime there yourself.' : `Keep ${found}; the next upgrade puts the pinned one in its place.`),
    ],
  };
}
