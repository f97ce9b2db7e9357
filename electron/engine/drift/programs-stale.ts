/** A copy of a program on PATH is not the one of the active release: a server and a command line of different versions, or a stranger. */
import { reinstall, keep, open, releaseOf, type Detector } from './ways.ts';

export const programsStale: Detector = {
  id: 'programs-stale',
  title: 'All copies of the programs are of the active release',
  detect: (facts) => {
    const { programs } = facts;
    if (programs === null) return { findings: [] };
    const stale = (programs.stale ?? []).map((path) => ({
      kind: 'programs-stale' as const,
      severity: 'problem' as const,
      subject: path,
      expected: `the program of ${releaseOf(facts)}`,
      found: 'another one',
      message: `${path} is not the program of ${releaseOf(facts)}: a server and a command line of different versions would work on the same data`,
      remedy: reinstall(facts, ', which puts its programs back'),
      alternatives: open(keep(`Remove ${path}, if you do not use it.`)),
    }));
    const strange = programs.strange.map((path) => ({
      kind: 'programs-stale' as const,
      severity: 'warning' as const,
      subject: path,
      expected: `programs in ${programs.folder} only`,
      found: 'a further copy on PATH',
      message: `${path} is a further copy of the program on PATH, which no upgrade replaces`,
      remedy: keep(`Remove ${path}, or take its folder off PATH.`),
      alternatives: open(keep('Leave it, if it is never started on the data of this install.')),
    }));
    return { findings: [...stale, ...strange] };
  },
};
