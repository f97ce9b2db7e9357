/** The plan of a new install, and of taking over one that is already there. */
import { isAbsolute, join, resolve } from 'node:path';
import { Failure } from '../../api/failure.ts';
import type { Discovery, Plan, PlanItem } from '../../api/models.ts';
import { identify } from './identify-install.ts';
import { moultFolderOf } from '../install/moult-folder.ts';
import { readRecord, slotReference, type InstallRecord } from '../install/record.ts';
import { takeInventory } from '../install/inventory.ts';
import { compareVersions } from '../ledger/compare.ts';
import { lockHolder } from '../operation/lock.ts';
import { now } from '../platform/clock.ts';
import { expandHome, platform } from '../platform/environment.ts';
import { exists } from '../platform/files.ts';
import { isPortFree } from '../platform/network.ts';
import { randomId } from '../platform/random.ts';
import type { Descriptor } from '../product/schema.ts';
import type { PreflightFacts } from '../preflight/facts.ts';
import { latestFor } from '../release/channel.ts';
import type { Release } from '../release/feed.ts';
import { releaseNamed } from '../release/path.ts';
import { adoptProgram } from './adopt.ts';
import { channelOf, readSchema, releasesOf } from './facts.ts';
import { findInterrupted } from './interrupted.ts';
import { findProduct, openAt, type Kit, type OpenedInstall } from './kit.ts';
import { homeProblem, makePlan, nodeNeeds, spaceFor, type Prepared } from './preparation.ts';
import { noFindings, outline, type Scene } from './program.ts';
import { setUpProgram, type SetUpData } from './set-up.ts';

export interface SetUpWish {
  product: string;
  home?: string | undefined;
  release?: string | undefined;
  channel?: string | undefined;
  name?: string | undefined;
  port?: number | undefined;
  start?: boolean | undefined;
}

/** An unpacked release is about this many times its archive; an npm install about this many bytes. */
const unpackFactor = 5;
const npmSlotBytes = 200 * 1024 * 1024;

export async function prepareSetUp(kit: Kit, wish: SetUpWish): Promise<Prepared> {
  const { descriptor } = await findProduct(kit, wish.product);
  const home = await chooseHome(kit, descriptor, wish.home);
  const problem = await homeProblem(home, 'set-up');
  if (problem !== null) throw new Failure(problem.code, problem.message, { ...(problem.remedy && { remedy: problem.remedy }) });
  const before = await readRecord(home);
  refuseActive(before, home);
  await refuseUnadopted(descriptor, home, before);
  const channel = wish.channel ?? before?.channel ?? descriptor.defaultChannel;
  channelOf(descriptor, channel);
  const release = await chooseRelease(kit, descriptor, home, wish.release, channel);
  const record: InstallRecord = {
    format: 1,
    id: before?.id ?? randomId(16),
    name: chooseName(kit, descriptor, before, wish.name),
    product: descriptor.product,
    state: 'active',
    release: null,
    slot: null,
    adopted: false,
    channel,
    port: wish.port ?? before?.port ?? (await choosePort(kit, descriptor, home)),
    createdAt: before?.createdAt ?? now(),
    previous: null,
  };
  const data: SetUpData = { release, record, start: wish.start ?? true };
  const opened = await openAt(descriptor, home, record);
  const facts = await setUpFacts(opened, release, wish);
  const scene: Scene = { kit, operation: 'plan', action: 'set-up', install: record.name, home, folder: opened.folder, descriptor, before, found: noFindings() };
  const items = await setUpItems(opened, release);
  const plan: Plan = makePlan({
    action: 'set-up',
    install: record.name,
    product: descriptor.product,
    home,
    from: null,
    to: release.version,
    path: [],
    items,
    strays: [],
    space: facts.space,
    downtime: null,
    configChanges: [],
    warnings: items.some((item) => item.fate === 'preserve') ? ['The folder holds data of an earlier install; it is picked up where it was left.'] : [],
    steps: outline(setUpProgram(scene, data)),
    facts,
  });
  return { action: 'set-up', descriptor, install: record.name, home, before, data, plan };
}

/** Everything found on this machine that could be taken over: in the default homes, or in the one that is named. */
export async function discover(kit: Kit, descriptors: readonly Descriptor[], home?: string): Promise<Discovery[]> {
  const found: Discovery[] = [];
  for (const descriptor of descriptors) {
    const where = home === undefined ? expandHome(descriptor.home[platform()]) : resolve(home);
    if (kit.registry.installs.byHome(where)?.state === 'active') continue;
    const identified = await identify(descriptor, where);
    if (identified !== null) found.push({ product: descriptor.product, home: where, release: identified.release, evidence: identified.evidence });
  }
  return found;
}

export async function prepareAdopt(kit: Kit, wish: { product: string; home?: string | undefined; name?: string | undefined; channel?: string | undefined }): Promise<Prepared> {
  const { descriptor } = await findProduct(kit, wish.product);
  const home = wish.home === undefined ? expandHome(descriptor.home[platform()]) : resolve(wish.home);
  const problem = await homeProblem(home, 'adopt');
  if (problem !== null) throw new Failure(problem.code, problem.message, { ...(problem.remedy && { remedy: problem.remedy }) });
  const before = await readRecord(home);
  refuseActive(before, home);
  const identified = await identify(descriptor, home);
  if (identified === null || identified.slot === null) throw notFound(descriptor, home, identified !== null);
  const channel = wish.channel ?? descriptor.defaultChannel;
  channelOf(descriptor, channel);
  const record: InstallRecord = {
    format: 1,
    id: randomId(16),
    name: chooseName(kit, descriptor, null, wish.name),
    product: descriptor.product,
    state: 'active',
    release: identified.release,
    slot: slotReference(home, identified.slot),
    adopted: true,
    channel,
    port: null,
    createdAt: now(),
    previous: null,
  };
  const opened = await openAt(descriptor, home, record);
  const scene: Scene = { kit, operation: 'plan', action: 'adopt', install: record.name, home, folder: opened.folder, descriptor, before, found: noFindings() };
  const facts = { ...(await bareFacts('adopt', opened)), holder: await lockHolder(opened.folder.root) };
  const plan = makePlan({
    action: 'adopt',
    install: record.name,
    product: descriptor.product,
    home,
    from: identified.release,
    to: identified.release,
    path: [],
    items: await countedItems(opened, 'keep'),
    strays: [],
    space: [],
    downtime: 0,
    configChanges: [],
    warnings: [`Release ${identified.release ?? 'unknown'}: ${identified.evidence}.`],
    steps: outline(adoptProgram(scene, { record })),
    facts,
  });
  return { action: 'adopt', descriptor, install: record.name, home, before, data: { record }, plan };
}

async function setUpFacts(opened: OpenedInstall, release: Release, wish: SetUpWish): Promise<PreflightFacts> {
  const schema = await readSchema(opened);
  const known = release.schema;
  const ahead = schema.version !== null && known !== null && compareVersions(schema.version, known) > 0;
  const archive = release.artifact.bytes ?? 0;
  const unpacked = release.artifact.kind === 'npm' ? npmSlotBytes : archive * unpackFactor;
  const free = opened.port === null ? true : await isPortFree(opened.port);
  return {
    ...(await bareFacts('set-up', opened)),
    homeProblem: await homeProblem(opened.home, 'set-up'),
    space: await spaceFor([{ path: opened.folder.slots, phase: `unpack ${release.version}`, bytes: archive + unpacked }]),
    port: opened.port === null || wish.start === false ? null : { number: opened.port, free, ours: false, setting: opened.descriptor.port?.setting?.key ?? null },
    schema:
      schema.version === null && schema.error === null
        ? null
        : { version: schema.version, known, dirty: schema.reading?.dirty ?? null, error: schema.error, by: release.version, unknown: ahead ? [schema.version ?? ''] : [] },
    node: nodeNeeds([release]),
    holder: await lockHolder(opened.folder.root),
    interrupted: await findInterrupted(opened.home),
  };
}

async function bareFacts(action: 'set-up' | 'adopt', opened: OpenedInstall): Promise<PreflightFacts> {
  return {
    action,
    title: opened.descriptor.title,
    install: opened.record.name,
    home: opened.home,
    homeProblem: null,
    placesProblem: null,
    space: [],
    port: null,
    service: null,
    schema: null,
    migrations: null,
    node: [],
    config: null,
    shipped: null,
    quarantined: null,
    backupFolder: null,
    holder: null,
    interrupted: null,
  };
}

async function setUpItems(opened: OpenedInstall, release: Release): Promise<PlanItem[]> {
  const items = await countedItems(opened, 'preserve');
  return items.map((item) => (item.files > 0 || item.bytes > 0 ? item : { ...item, fate: 'refresh', before: 'not there', after: `made by ${release.version}` }));
}

async function countedItems(opened: OpenedInstall, fate: PlanItem['fate']): Promise<PlanItem[]> {
  const inventory = await takeInventory(opened.items, { hash: false });
  return opened.items.map((entry) => {
    const counted = inventory.find((known) => known.item === entry.item.id);
    return {
      item: entry.item.id,
      title: entry.item.title,
      what: entry.item.what,
      fate,
      note: entry.item.note ?? null,
      paths: entry.kind === 'keys' && entry.keys ? entry.keys.keys.map((key) => `${entry.keys?.file}: ${key}`) : entry.paths,
      files: counted?.files ?? 0,
      bytes: counted?.bytes ?? 0,
      before: null,
      after: fate === 'preserve' ? 'unchanged' : null,
      list: (counted?.list ?? []).map((file) => ({ ...file, change: 'kept' as const })),
    };
  });
}

async function chooseHome(kit: Kit, descriptor: Descriptor, asked: string | undefined): Promise<string> {
  if (asked !== undefined) return isAbsolute(asked) ? resolve(asked) : expandHome(asked);
  const standard = expandHome(descriptor.home[platform()]);
  for (let count = 1; ; count += 1) {
    const home = count === 1 ? standard : `${standard}-${count}`;
    const row = kit.registry.installs.byHome(home);
    if (row === null || row.state !== 'active') return home;
  }
}

async function chooseRelease(kit: Kit, descriptor: Descriptor, home: string, asked: string | undefined, channel: string): Promise<Release> {
  const releases = await releasesOf(descriptor);
  if (asked !== undefined) return releaseNamed(releases, asked);
  const latest = latestFor(releases, channelOf(descriptor, channel), null, kit.registry.quarantined(home).map((entry) => entry.release));
  if (latest) return latest;
  throw new Failure('unknown-release', `the channel "${channel}" of ${descriptor.title} offers no release`, {
    remedy: { action: 'choose-release', text: 'Choose another channel or name a release.', command: `moult set-up ${descriptor.product} --release R` },
  });
}

function chooseName(kit: Kit, descriptor: Descriptor, before: InstallRecord | null, asked: string | undefined): string {
  const taken = (name: string) => {
    const row = kit.registry.installs.byName(name);
    return row !== null && row.id !== before?.id;
  };
  if (asked !== undefined) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(asked)) throw new Failure('bad-input', `"${asked}" is not a name: letters, digits, dot, hyphen and underscore, at most 63, beginning with a letter or digit`);
    if (taken(asked)) throw new Failure('name-in-use', `there is an install called "${asked}" already`, { remedy: { action: 'choose-folder', text: 'Choose another name.' } });
    return asked;
  }
  if (before !== null && !taken(before.name)) return before.name;
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? descriptor.product : `${descriptor.product}-${count}`;
    if (!taken(name)) return name;
  }
}

/** The product's own port, or the next one that no other install of this machine has. */
async function choosePort(kit: Kit, descriptor: Descriptor, home: string): Promise<number | null> {
  if (descriptor.port === undefined) return null;
  const taken = new Set<number>();
  for (const row of kit.registry.installs.all()) {
    if (row.home === home || row.state !== 'active') continue;
    const record = await readRecord(row.home).catch(() => null);
    if (record?.port !== null && record?.port !== undefined) taken.add(record.port);
  }
  let port = descriptor.port.default;
  while (taken.has(port) || (port !== descriptor.port.default && !(await isPortFree(port)))) port += 1;
  return port;
}

function refuseActive(before: InstallRecord | null, home: string): void {
  if (before === null || before.state !== 'active') return;
  throw new Failure('home-in-use', `${home} belongs to the install "${before.name}" (${before.product} ${before.release ?? ''})`, {
    remedy: { action: 'choose-folder', text: 'Name another home folder.', command: `moult set-up ${before.product} --home FOLDER` },
  });
}

/** A running install that Moult does not keep yet is adopted, never set up over. */
async function refuseUnadopted(descriptor: Descriptor, home: string, before: InstallRecord | null): Promise<void> {
  if (before !== null || !(await exists(home))) return;
  const identified = await identify(descriptor, home);
  if (identified === null || identified.slot === null || !identified.slot.startsWith(`${home}/`)) return;
  throw new Failure('home-in-use', `${home} already holds ${descriptor.title} ${identified.release ?? ''} that Moult does not keep yet`, {
    remedy: { action: 'set-up', text: 'Adopt it instead.', command: `moult adopt ${descriptor.product} --home ${home}` },
  });
}

function notFound(descriptor: Descriptor, home: string, hasData: boolean): Failure {
  const looked = [join(moultFolderOf(home).slots), ...descriptor.code.candidates].join(', ');
  return new Failure('not-an-install', hasData ? `${home} holds data of ${descriptor.title}, but its program was not found (looked in ${looked})` : `${home} does not look like ${descriptor.title}: ${descriptor.recognize.all.join(' and ')} must be there`, {
    remedy: { action: 'set-up', text: hasData ? 'Set it up there; the data is picked up.' : 'Name its home folder.', command: hasData ? `moult set-up ${descriptor.product} --home ${home}` : `moult adopt ${descriptor.product} --home FOLDER` },
  });
}
