/** The plan of a new install. */
import { failureFrom } from '../../api/failure.ts';
import type { Plan, PlanItem } from '../../api/models.ts';
import { readRecord, type InstallRecord } from '../install/record.ts';
import { compareVersions } from '../ledger/compare.ts';
import { lockHolder } from '../operation/lock.ts';
import { now } from '../platform/clock.ts';
import { isPortFree } from '../platform/network.ts';
import { randomId } from '../platform/random.ts';
import type { PreflightFacts } from '../preflight/facts.ts';
import { isWithin } from '../release/channel.ts';
import type { Release } from '../release/feed.ts';
import { channelOf, readSchema, takenPorts } from './facts.ts';
import { findInterrupted, refuseInterrupted } from './interrupted.ts';
import { findProduct, openAt, type Kit, type OpenedInstall } from './kit.ts';
import { isForgotten } from './adopt-again.ts';
import { backupFile } from './backup-file.ts';
import { heldItems } from './capture.ts';
import { backupPlace, homeProblem, makePlan, nodeNeeds, spaceFor, type Prepared } from './preparation.ts';
import { makeScene, outline } from './program.ts';
import { sizeOfRelease } from './release-size.ts';
import { setUpProgram, type SetUpData } from './set-up.ts';
import { chooseHome, chooseRelease, chooseName, choosePort, refuseActive, refuseMisnamed, refuseUnadopted } from './set-up-choices.ts';
import { bareFacts, countedItems } from './bare-facts.ts';

export interface SetUpWish {
  product: string;
  home?: string | undefined;
  release?: string | undefined;
  channel?: string | undefined;
  name?: string | undefined;
  port?: number | undefined;
  start?: boolean | undefined;
}

export async function prepareSetUp(kit: Kit, wish: SetUpWish): Promise<Prepared> {
  const { descriptor } = await findProduct(kit, wish.product);
  const home = await chooseHome(kit, descriptor, wish.home);
  refuseMisnamed(descriptor, home);
  const problem = await homeProblem(home, 'set-up');
  if (problem !== null) throw failureFrom(problem);
  await refuseInterrupted(kit, home);
  const before = await readRecord(home);
  refuseActive(before, home, before !== null && (await isForgotten(kit, before)));
  await refuseUnadopted(descriptor, home, before);
  const channel = wish.channel ?? before?.channel ?? descriptor.defaultChannel;
  channelOf(descriptor, channel);
  const pinned = before?.pin ?? null;
  const release = await chooseRelease(kit, descriptor, home, wish.release, channel, pinned);
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
    // Who names a newer release than the pin of an earlier time has changed their mind.
    pin: isWithin(release.version, pinned) ? pinned : null,
    port: wish.port ?? before?.port ?? (await choosePort(kit, descriptor, home)),
    createdAt: before?.createdAt ?? now(),
    previous: null,
  };
  const opened = await openAt(descriptor, home, record);
  const backupTo = heldItems(opened).length === 0 ? null : await backupFile(kit, opened, 'before-upgrade');
  const data: SetUpData = { release, record, start: wish.start ?? true, backupTo };
  const scene = makeScene({ kit, operation: 'plan', action: 'set-up', install: record.name, home, descriptor, before });
  const items = await setUpItems(opened, release);
  const facts = await setUpFacts(opened, release, wish, backupTo, items);
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
    warnings: items.some((item) => item.fate === 'preserve')
      ? ['The folder holds data of an earlier install; it is picked up where it was left.']
      : [],
    steps: outline(setUpProgram(scene, data)),
    facts,
  });
  return { action: 'set-up', descriptor, install: record.name, home, before, data, plan };
}

async function setUpFacts(
  opened: OpenedInstall,
  release: Release,
  wish: SetUpWish,
  backupTo: string | null,
  items: readonly PlanItem[],
): Promise<PreflightFacts> {
  const schema = await readSchema(opened);
  const known = release.schema;
  const ahead = schema.version !== null && known !== null && compareVersions(schema.version, known) > 0;
  const { archive, unpacked } = sizeOfRelease(release);
  const free = opened.port === null ? true : await isPortFree(opened.port);
  return {
    ...(await bareFacts('set-up', opened)),
    homeProblem: await homeProblem(opened.home, 'set-up'),
    space: await spaceFor([
      { path: opened.folder.slots, phase: `unpack ${release.version}`, bytes: archive + unpacked },
      ...(backupTo === null ? [] : spaceToKeep(opened, backupTo, items)),
    ]),
    backupFolder: backupTo === null ? null : await backupPlace(opened, backupTo),
    port:
      opened.port === null || wish.start === false
        ? null
        : {
            number: opened.port,
            free,
            ours: false,
            setting: opened.descriptor.port?.setting?.key ?? null,
            taken: await takenPorts(opened.descriptor, opened.port),
          },
    schema:
      // A release that is not there yet brings the programs that can read it, and is the one to refuse what it does not know.
      schema.unsupported || (schema.version === null && schema.error === null)
        ? null
        : {
            version: schema.version,
            known,
            dirty: schema.reading?.dirty ?? null,
            error: schema.error,
            ...(schema.remedy && { remedy: schema.remedy }),
            by: release.version,
            unknown: ahead ? [schema.version ?? ''] : [],
          },
    node: nodeNeeds([release]),
    holder: await lockHolder(opened.folder.root),
    interrupted: await findInterrupted(opened.home),
  };
}

/** The backup of what is there, its snapshot, and putting it back beside what a failed release left. */
function spaceToKeep(opened: OpenedInstall, backupTo: string, items: readonly PlanItem[]): Parameters<typeof spaceFor>[0] {
  const held = new Set(heldItems(opened).map((item) => item.item.id));
  const bytes = items.reduce((sum, item) => sum + (held.has(item.item) ? item.bytes : 0), 0);
  return [
    { path: backupTo, phase: 'backup', bytes },
    { path: opened.folder.staging, phase: 'snapshot', bytes },
  ];
}

async function setUpItems(opened: OpenedInstall, release: Release): Promise<PlanItem[]> {
  const items = await countedItems(opened, 'preserve');
  return items.map((item) =>
    item.files > 0 || item.bytes > 0 ? item : { ...item, fate: 'refresh', before: 'not there', after: `made by ${release.version}` },
  );
}
