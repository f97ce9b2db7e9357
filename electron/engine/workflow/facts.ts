/** Facts about an install that plans, checks, status and drift are made of. Everything here only looks. */
import { Failure, toFailureData, type FailureData } from '../../api/failure.ts';
import type { UpdateInfo } from '../../api/models.ts';
import { datastoreDriver } from '../datastore/driver.ts';
import { ledgerDriver, type LedgerReading, type ReleaseMigrations, type TableReader } from '../ledger/driver.ts';
import { isWithin, latestFor } from '../release/channel.ts';
import { readFeed, type Release } from '../release/feed.ts';
import type { ChannelSpec, Descriptor } from '../product/schema.ts';
import { makeFill } from '../product/fill.ts';
import { resourcesFolder, sampleFolder, userHome } from '../platform/environment.ts';
import { probeHealth, type HealthReport } from '../service/health.ts';
import { serviceDriver, type RunningService } from '../service/driver.ts';
import { isListenedOn } from '../platform/network.ts';
import { datastoreItems, serviceTarget, type Kit, type OpenedInstall } from './kit.ts';

export interface SchemaFacts {
  /** The datastore's version; null when there is none, or when it could not be read (`error` tells). */
  version: string | null;
  /** The newest version that the active release knows; null is "unknown". */
  known: string | null;
  reading: LedgerReading | null;
  migrations: ReleaseMigrations | null;
  error: string | null;
  /** The way out of that, where it is another than a backup: a database that was killed is put in order by a start. */
  remedy?: FailureData['remedy'];
  /** What is there cannot be read by anything that is there: the programs of a database that were removed with the product. */
  unsupported: boolean;
}

/** What the ledger says and what the active release knows. */
export async function readSchema(opened: OpenedInstall): Promise<SchemaFacts> {
  const spec = opened.descriptor.ledger;
  const none: SchemaFacts = { version: null, known: null, reading: null, migrations: null, error: null, unsupported: false };
  if (spec === undefined) return none;
  const driver = ledgerDriver(spec.driver);
  const store = opened.items.find((item) => item.item.id === spec.datastore);
  const facts = { ...none };
  try {
    if (opened.slot !== null) facts.migrations = await driver.migrationsOf(spec, opened.fill);
    facts.known = facts.migrations?.known ?? null;
    if (store?.exists) facts.reading = await driver.read(spec, store.paths, tableReader(opened, spec.datastore));
    facts.version = facts.reading?.version ?? null;
  } catch (error) {
    const { code, message, remedy } = toFailureData(error);
    facts.error = message;
    if (remedy !== undefined && remedy.action !== 'restore-backup') facts.remedy = remedy;
    facts.unsupported = code === 'unsupported';
  }
  return facts;
}

/** Reads tables of a datastore that has a server of its own; undefined for one that a ledger reads by itself. */
function tableReader(opened: OpenedInstall, item: string): TableReader | undefined {
  const found = datastoreItems(opened).find((entry) => entry.store.spec.item === item);
  const driver = found === undefined ? undefined : datastoreDriver(found.driver);
  if (found === undefined || driver?.readTable === undefined) return undefined;
  return async (table, columns) => driver.readTable?.(found.store, table, columns) ?? null;
}

export interface RunningFacts {
  running: RunningService | null;
  health: HealthReport;
  /** Something answers on the port although Moult started nothing. */
  foreign: boolean;
}

/** Whether the product runs, how it is, and whether something else has its port. People look at any time, also while it is just starting. */
export async function lookAtService(opened: OpenedInstall): Promise<RunningFacts> {
  const stopped: HealthReport = { health: 'stopped', detail: null, release: null, seconds: 0 };
  if (opened.slot === null) return { running: null, health: stopped, foreign: false };
  const target = serviceTarget(opened);
  const running = await serviceDriver(opened.descriptor.service.driver).find(target);
  if (running !== null)
    return { running, health: await probeHealth(opened.descriptor.health, opened.fill, undefined, target.env), foreign: false };
  return { running: null, health: stopped, foreign: opened.port !== null && (await isListenedOn(opened.port)) };
}

/** Further ports that the product needs, beside its own, and that something listens on. */
export async function takenPorts({ port: spec }: Pick<Descriptor, 'port'>, port: number): Promise<number[]> {
  const further = (spec?.also ?? []).map((above) => port + above).filter((each) => each < 65_536);
  const taken = await Promise.all(further.map(isListenedOn));
  return further.filter((_, index) => taken[index] === true);
}

/** The releases that the product's feed offers. */
export async function releasesOf(descriptor: Descriptor, signal?: AbortSignal): Promise<Release[]> {
  const fill = makeFill({ resources: resourcesFolder(), sample: sampleFolder(), 'user-home': userHome() });
  return readFeed(descriptor.feed, { fill, product: descriptor.product, ...(signal && { signal }) });
}

/** A channel of the product. `bad-input` names those there are. */
export function channelOf(descriptor: Descriptor, name: string): ChannelSpec {
  const channel = Object.hasOwn(descriptor.channels, name) ? descriptor.channels[name] : undefined;
  if (channel) return channel;
  throw new Failure('bad-input', `${descriptor.title} has no channel "${name}"; it has ${Object.keys(descriptor.channels).join(', ')}`, {
    remedy: { action: 'retry', text: 'Name one of these channels.' },
  });
}

/** A feed gives either the notes themselves or an address where they are. */
function notesAt(descriptor: Descriptor, notes: string | null): string | null {
  return notes !== null && /^https?:\/\/\S+$/.test(notes.trim()) ? notes.trim() : (descriptor.links['releases'] ?? null);
}

/** What is newer than the install on its channel. A feed that cannot be asked is told, never taken for "nothing newer". */
export async function lookForUpdate(kit: Kit, opened: OpenedInstall): Promise<UpdateInfo> {
  const quarantined = kit.registry.quarantined(opened.home);
  try {
    const releases = await releasesOf(opened.descriptor);
    const { channel, pin, release } = opened.record;
    const failed = quarantined.map((entry) => entry.release);
    const spec = channelOf(opened.descriptor, channel);
    const latest = latestFor(releases, spec, release, { quarantined: failed, pin });
    const newest = pin === null ? null : latestFor(releases, spec, release, { quarantined: failed });
    const held = newest === null || isWithin(newest.version, pin) ? null : newest.version;
    const notes = latest?.notes ?? null;
    return { latest: latest?.version ?? null, notes, notesAt: notesAt(opened.descriptor, notes), held, quarantined, error: null };
  } catch (error) {
    return { latest: null, notes: null, notesAt: null, held: null, quarantined, error: toFailureData(error) };
  }
}
