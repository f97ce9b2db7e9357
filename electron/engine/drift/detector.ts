/**
 * Drift: what is, against what should be. One detector a file; each is a pure function over facts that the workflow gathered.
 * The room promises that each finding says what was expected, what was found and more than one way out, and that what could not be
 * looked at is said too. It refuses to repair anything, and "begin again with nothing" is never the way out it offers.
 */
import type { Finding, Severity } from '../../api/models.ts';
import { configOptions } from './config-options.ts';
import type { DriftFacts } from './facts.ts';
import { itemMissing } from './item-missing.ts';
import { migrationAltered } from './migration-altered.ts';
import { migrationMissing } from './migration-missing.ts';
import { datastoreSecond } from './datastore-second.ts';
import { programsStale } from './programs-stale.ts';
import { runtimeMismatch } from './runtime-mismatch.ts';
import { schemaAhead } from './schema-ahead.ts';
import { schemaDirty } from './schema-dirty.ts';
import { schemaUnreadable } from './schema-unreadable.ts';
import { serviceMismatch } from './service-mismatch.ts';
import { shippedFiles } from './shipped-files.ts';
import type { Detector } from './ways.ts';

export type { DriftFacts } from './facts.ts';
export type { Detector } from './ways.ts';

/** All of them, the gravest first. */
export const detectors: readonly Detector[] = [
  schemaAhead,
  schemaDirty,
  schemaUnreadable,
  serviceMismatch,
  programsStale,
  itemMissing,
  datastoreSecond,
  migrationAltered,
  migrationMissing,
  shippedFiles,
  runtimeMismatch,
  configOptions,
];

const gravity: Record<Severity, number> = { problem: 0, warning: 1, info: 2 };

/** Everything that all detectors found, the gravest first, and which of them could not look, and why. */
export function detectDrift(facts: DriftFacts): { findings: Finding[]; unknown: { detector: string; reason: string }[] } {
  const results = detectors.map((detector) => ({ detector: detector.id, ...detector.detect(facts) }));
  return {
    // The sort is stable: findings of equal gravity stay in the detectors' order.
    findings: results.flatMap((result) => result.findings).sort((a, b) => gravity[a.severity] - gravity[b.severity]),
    unknown: results.flatMap(({ detector, unknown }) => (unknown === undefined ? [] : [{ detector, reason: unknown }])),
  };
}
