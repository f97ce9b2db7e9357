/**
 * Options in config files that the installed release, or the one an upgrade would lead to, does not know any more. What concerns only the
 * target is foresight: nothing is wrong today, and it is graver only where the option would be lost.
 */
import type { Finding, FindingKind, Severity } from '../../api/models.ts';
import type { ConfigFacts, DriftFacts, OptionFindings } from './facts.ts';
import { editConfig, keep, releaseOf, restoreBackup, type Detector } from './ways.ts';

export const configOptions: Detector = {
  id: 'config-options',
  title: 'Config files hold options that the releases know',
  detect: (facts) => {
    const silent = facts.config.filter((config) => config.error === undefined && config.installed === null).map((config) => config.file);
    return {
      findings: facts.config.flatMap((config) =>
        config.error === undefined ? findingsOf(facts, config) : [unreadable(facts, config.file, config.error)],
      ),
      ...(silent.length > 0 && { unknown: `${releaseOf(facts)} does not tell which options it knows in ${silent.join(', ')}` }),
    };
  },
};

function findingsOf(facts: DriftFacts, { file, installed, target }: ConfigFacts): Finding[] {
  const now = installed === null ? [] : inInstalled(facts, file, installed);
  const already = new Set(now.map((finding) => finding.subject));
  const then = target === null ? [] : inTarget(facts, file, target);
  return [...now, ...then.filter((finding) => !already.has(finding.subject))];
}

function inInstalled(facts: DriftFacts, file: string, options: OptionFindings): Finding[] {
  const release = releaseOf(facts);
  return [
    ...options.unknown.map((option) =>
      finding('config-unknown', 'warning', file, option, {
        release,
        state: 'unknown',
        message: `${release} does not know it and ignores it`,
      }),
    ),
    ...options.removed.map(({ option, message }) =>
      finding('config-unknown', 'warning', file, option, {
        release,
        state: 'removed',
        message: `${release} no longer knows it: ${message}`,
      }),
    ),
    ...options.renamed.map(({ option, to }) =>
      finding('config-deprecated', 'warning', file, option, { release, state: 'renamed', message: `${release} calls it ${to}`, to }),
    ),
    ...options.deprecated.map(({ option, message }) =>
      finding('config-deprecated', 'warning', file, option, {
        release,
        state: 'deprecated',
        message: `${release} will drop it: ${message}`,
      }),
    ),
  ];
}

function inTarget(facts: DriftFacts, file: string, options: OptionFindings): Finding[] {
  const release = `release ${facts.target}`;
  const lost: FindingKind = 'config-removed-in-target';
  return [
    ...options.unknown.map((option) =>
      finding(lost, 'warning', file, option, { release, state: 'unknown', message: `${release} does not know it and would ignore it` }),
    ),
    ...options.removed.map(({ option, message }) =>
      finding(lost, 'warning', file, option, { release, state: 'removed', message: `${release} no longer knows it: ${message}` }),
    ),
    ...options.renamed.map(({ option, to }) =>
      finding(lost, 'info', file, option, { release, state: 'renamed', message: `${release} calls it ${to}`, to }),
    ),
    ...options.deprecated.map(({ option, message }) =>
      finding('config-deprecated', 'info', file, option, { release, state: 'deprecated', message: `${release} will drop it: ${message}` }),
    ),
  ];
}

function finding(
  kind: FindingKind,
  severity: Severity,
  file: string,
  option: string,
  { release, state, message, to }: { release: string; state: string; message: string; to?: string },
): Finding {
  return {
    kind,
    severity,
    subject: `${file}: ${option}`,
    expected: to === undefined ? `options that ${release} knows` : to,
    found: `${option} (${state})`,
    message: `${option} in ${file}: ${message}`,
    remedy: editConfig(file, to === undefined ? `Take ${option} out, or replace it` : `Rename ${option} to ${to}`),
    alternatives: [keep(`Keep ${option}: an upgrade does not change the file.`)],
  };
}

function unreadable(facts: DriftFacts, file: string, error: string): Finding {
  return {
    kind: 'config-unreadable',
    severity: 'problem',
    subject: file,
    expected: 'a config file that can be read',
    found: error,
    message: `${file} cannot be read: ${error}`,
    remedy: editConfig(file, 'Mend what is wrong'),
    alternatives: [restoreBackup(facts)],
  };
}
