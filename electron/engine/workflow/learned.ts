/**
 * What Moult itself has seen a release migrate to: the last of the ways in which a release's newest migration is learned, for a product whose
 * releases tell nothing. It is handed to the ledger in the form in which the author of a descriptor could have written it.
 */
import semver from 'semver';
import { compareVersions } from '../ledger/compare.ts';
import { now } from '../platform/clock.ts';
import type { Descriptor, LedgerSpec } from '../product/schema.ts';
import type { Registry } from '../registry/registry.ts';

/** One healthy start: what stood in the ledger before it and after it. */
export interface SeenStart {
  release: string;
  before: string | null;
  after: string | null;
  /** The newest release that ever worked on these data before, as far as it is known; null where it is not. */
  newestBefore: string | null;
}

/**
 * The newest migration of a release, concluded from a healthy start; null where nothing can be concluded.
 *
 * A release that is up and healthy has applied all its own migrations, so its newest one is not above what stands in the ledger now.
 * - The ledger has gone up, or was empty: only this release has written to it, so what stands there is one of its own, and its newest.
 * - The ledger stayed: what stands there was written by an earlier release. Whether this one knows it is certain only when no newer release than
 *   this one ever worked on these data, for a release knows what those before it knew. Otherwise the data may have been ahead of
 *   it, and a release that does not mind would teach a migration that it does not have.
 * - The ledger has gone down: this is no product whose migrations are an order, and nothing is concluded.
 *
 * A product that goes on migrating after it said that it is healthy is not seen through: its descriptor has to name a source, which is asked first.
 */
export function newestMigration({ release, before, after, newestBefore }: SeenStart): string | null {
  if (after === null) return null;
  const order = before === null ? 1 : compareVersions(after, before);
  if (order !== 0) return order > 0 ? after : null;
  if (newestBefore === null || semver.valid(release) === null || semver.valid(newestBefore) === null) return null;
  return semver.gte(release, newestBefore) ? after : null;
}

/** Keeps what a healthy start taught. Answers it, or null where it taught nothing. */
export function learnFrom(registry: Registry, { product, ledger }: Descriptor, seen: SeenStart): string | null {
  const version = newestMigration(seen);
  if (ledger === undefined || version === null || semver.valid(seen.release) === null) return null;
  registry.learned.learn(product, nameOf(ledger), { release: seen.release, version }, now());
  return version;
}

/** The descriptor, with what was learned as the last source of its ledger. */
export function withLearned(registry: Registry, descriptor: Descriptor): Descriptor {
  const { ledger } = descriptor;
  if (ledger === undefined) return descriptor;
  const learned = registry.learned.of(descriptor.product, nameOf(ledger));
  if (learned.length === 0) return descriptor;
  const named = ledger.known ?? [];
  const releases = Object.fromEntries(learned.map(({ release, version }) => [release, version]));
  return { ...descriptor, ledger: { ...ledger, known: [...(Array.isArray(named) ? named : [named]), { releases }] } };
}

/** The migration that was learned of a release which may not be on this machine; null where none was. */
export function learnedOf(registry: Registry, { product, ledger }: Descriptor, release: string): string | null {
  if (ledger === undefined) return null;
  return registry.learned.of(product, nameOf(ledger)).find((one) => one.release === release)?.version ?? null;
}

/** What does the work in a home, from the history: restores and rehearsals beside it are none of it. */
const working = new Set(['set-up', 'adopt', 'upgrade', 'roll-back', 'restore', 'fresh-start', 'undo']);

/**
 * The newest release that worked on the data of an install, as its history and its backups tell, and those that are named; null where
 * one of them cannot be put in order.
 */
export function newestThatWorked(registry: Registry, install: string, named: readonly string[]): string | null {
  const history = registry.operations.of(install, 1000).filter((entry) => working.has(entry.action) && entry.outcome !== 'refused');
  const backups = registry.backups.of(install).map((backup) => backup.release);
  const releases = [...named, ...history.flatMap((entry) => [entry.from, entry.to]), ...backups].filter((release) => release !== null);
  if (releases.length === 0 || releases.some((release) => semver.valid(release) === null)) return null;
  return releases.toSorted(semver.rcompare)[0] ?? null;
}

/** Two ledgers of one product are two: what one of them was seen at says nothing of the other. */
function nameOf(ledger: LedgerSpec): string {
  return [ledger.driver, ledger.datastore, 'table' in ledger ? ledger.table : ''].join(' ').trimEnd();
}
