/** Files of the active release: changed, gone, or put there by somebody else. */
import type { Finding, FindingKind } from '../../api/models.ts';
import { isUnreadable, type DriftFacts } from './facts.ts';
import { keep, reinstall, releaseOf, type Detector } from './ways.ts';

/** The most findings of one kind; what is beyond is told as a number. */
const mostOfAKind = 100;

export const shippedFiles: Detector = {
  id: 'shipped-files',
  title: 'The files of the release are as they were shipped',
  detect: (facts) => {
    const { shipped } = facts;
    if (shipped === null) return { findings: [], unknown: `there is no list of the files that ${releaseOf(facts)} brought` };
    if (isUnreadable(shipped)) return { findings: [], unknown: shipped.error };
    return {
      findings: [
        ...some(shipped.missing, (subject) => missing(facts, subject)),
        ...some(shipped.changed, (subject) => changed(facts, subject)),
        ...some(shipped.foreign, (subject) => foreign(facts, subject)),
      ],
    };
  },
};

function some(paths: string[], describe: (subject: string) => Finding): Finding[] {
  const rest = paths.length - mostOfAKind;
  const first = paths.slice(0, mostOfAKind).map(describe);
  return rest > 0 ? [...first, describe(`${rest} more files`)] : first;
}

function missing(facts: DriftFacts, subject: string): Finding {
  const message = `${subject}: ${releaseOf(facts)} brought it, and it is not there`;
  return {
    ...about('shipped-missing', subject, 'the file as it was shipped', 'no file', message),
    ...waysBack(facts),
    severity: 'problem',
  };
}

function changed(facts: DriftFacts, subject: string): Finding {
  const message = `${subject}: not the content that ${releaseOf(facts)} brought`;
  return {
    ...about('shipped-changed', subject, 'the file as it was shipped', 'other content', message),
    ...waysBack(facts),
    severity: 'warning',
  };
}

function foreign(facts: DriftFacts, subject: string): Finding {
  const message = `${subject}: lies among the files of ${releaseOf(facts)}, which did not bring it; the next upgrade leaves it behind`;
  return {
    ...about('foreign-file', subject, 'no file', 'a file', message),
    severity: 'warning',
    remedy: keep('Keep it, and copy it to a place of your own if you need it after the next upgrade.'),
    alternatives: [reinstall(facts, ' without it; the folder as it is now goes to the trash')],
  };
}

function about(
  kind: FindingKind,
  subject: string,
  expected: string,
  found: string,
  message: string,
): Pick<Finding, 'kind' | 'subject' | 'expected' | 'found' | 'message'> {
  return { kind, subject, expected, found, message };
}

function waysBack(facts: DriftFacts): Pick<Finding, 'remedy' | 'alternatives'> {
  return {
    remedy: reinstall(facts, ', which brings the shipped files back'),
    alternatives: [keep('Keep it so; the next upgrade brings its own files and leaves this change behind.')],
  };
}
