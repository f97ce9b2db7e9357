/** Finding installs that Moult does not keep yet, and the plan of taking one over. */
import { join, resolve } from 'node:path';
import { Failure, failureFrom } from '../../api/failure.ts';
import type { Discovery } from '../../api/models.ts';
import { identify } from './identify-install.ts';
import { programsOf } from '../install/programs.ts';
import { moultFolderOf } from '../install/moult-folder.ts';
import { readRecord, slotReference, type InstallRecord } from '../install/record.ts';
import { lockHolder } from '../operation/lock.ts';
import { now } from '../platform/clock.ts';
import { expandHome, platform } from '../platform/environment.ts';
import { randomId } from '../platform/random.ts';
import type { Descriptor } from '../product/schema.ts';
import { adoptProgram } from './adopt.ts';
import { isForgotten, prepareAdoptAgain } from './adopt-again.ts';
import { channelOf } from './facts.ts';
import { refuseInterrupted } from './interrupted.ts';
import { findProduct, openAt, type Kit } from './kit.ts';
import { homeProblem, makePlan, type Prepared } from './preparation.ts';
import { makeScene, outline } from './program.ts';
import { chooseName, possibleHomes, refuseActive, refuseMisnamed } from './set-up-choices.ts';
import { bareFacts, countedItems } from './bare-facts.ts';

/** Everything found on this machine that could be taken over: in the default homes, or in the one that is named. */
export async function discover(kit: Kit, descriptors: readonly Descriptor[], home?: string): Promise<Discovery[]> {
  const found: Discovery[] = [];
  for (const descriptor of descriptors) {
    for (const where of home === undefined ? await possibleHomes(descriptor) : [resolve(home)]) {
      if (kit.registry.installs.byHome(where)?.state === 'active') continue;
      const identified = await identify(descriptor, where);
      if (identified !== null)
        found.push({ product: descriptor.product, home: where, release: identified.release, evidence: identified.evidence });
    }
  }
  return found;
}

export async function prepareAdopt(
  kit: Kit,
  wish: { product: string; home?: string | undefined; name?: string | undefined; channel?: string | undefined },
): Promise<Prepared> {
  const { descriptor } = await findProduct(kit, wish.product);
  const home = wish.home === undefined ? await homeToAdopt(descriptor) : resolve(wish.home);
  refuseMisnamed(descriptor, home);
  const problem = await homeProblem(home, 'adopt');
  if (problem !== null) throw failureFrom(problem);
  await refuseInterrupted(kit, home);
  const before = await readRecord(home);
  if (before?.state === 'active' && (await isForgotten(kit, before))) return prepareAdoptAgain(kit, descriptor, home, before, wish.name);
  refuseActive(before, home);
  const identified = await identify(descriptor, home);
  if (identified === null || identified.slot === null) throw notFound(descriptor, home, identified !== null);
  const channel = wish.channel ?? descriptor.defaultChannel;
  channelOf(descriptor, channel);
  const keeps = programsOf(descriptor) !== null;
  const record: InstallRecord = {
    format: 1,
    id: randomId(16),
    name: chooseName(kit, descriptor, null, wish.name),
    product: descriptor.product,
    state: 'active',
    release: identified.release,
    // Programs on PATH are copied into a slot of their own, which is then as good as one that Moult unpacked.
    slot: slotReference(home, keeps && identified.release !== null ? join(moultFolderOf(home).slots, identified.release) : identified.slot),
    adopted: !keeps,
    channel,
    pin: null,
    port: null,
    createdAt: now(),
    previous: null,
  };
  const opened = await openAt(descriptor, home, record);
  const scene = makeScene({ kit, operation: 'plan', action: 'adopt', install: record.name, home, descriptor, before });
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

/** The home that is adopted when none is named: the first that looks like the product, in the order in which the product itself looks. */
async function homeToAdopt(descriptor: Descriptor): Promise<string> {
  const homes = await possibleHomes(descriptor);
  for (const home of homes) if ((await identify(descriptor, home)) !== null) return home;
  return expandHome(descriptor.home[platform()]);
}

function notFound(descriptor: Descriptor, home: string, hasData: boolean): Failure {
  const looked = [join(moultFolderOf(home).slots), ...descriptor.code.candidates].join(', ');
  return new Failure(
    'not-an-install',
    hasData
      ? `${home} holds data of ${descriptor.title}, but its program was not found (looked in ${looked})`
      : `${home} does not look like ${descriptor.title}: ${descriptor.recognize.all.join(' and ')} must be there`,
    {
      remedy: {
        action: 'set-up',
        text: hasData ? 'Set it up there; the data is picked up.' : 'Name its home folder.',
        command: hasData ? `moult set-up ${descriptor.product} --home ${home}` : `moult adopt ${descriptor.product} --home FOLDER`,
      },
    },
  );
}
