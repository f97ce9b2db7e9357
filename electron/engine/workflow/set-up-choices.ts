/** What a set-up decides when the person leaves it open: home folder, name, port, release; and which homes it refuses. */
import { basename, isAbsolute, join, resolve } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { takenPorts } from './facts.ts';
import { identify } from './identify-install.ts';
import { readRecord, type InstallRecord } from '../install/record.ts';
import { expandHome, platform } from '../platform/environment.ts';
import { programsOf } from '../install/programs.ts';
import { exists, realPathOrNull } from '../platform/files.ts';
import { isPortFree } from '../platform/network.ts';
import type { Descriptor } from '../product/schema.ts';
import { latestFor } from '../release/channel.ts';
import type { Release } from '../release/feed.ts';
import { releaseNamed } from '../release/path.ts';
import { channelOf, releasesOf } from './facts.ts';
import { type Kit } from './kit.ts';

export async function chooseHome(kit: Kit, descriptor: Descriptor, asked: string | undefined): Promise<string> {
  if (asked !== undefined) return isAbsolute(asked) ? resolve(asked) : expandHome(asked);
  const standard = expandHome(descriptor.home[platform()]);
  for (let count = 1; ; count += 1) {
    const home = count === 1 ? standard : `${standard}-${count}`;
    const row = kit.registry.installs.byHome(home);
    if (row === null || row.state !== 'active') return home;
  }
}

export async function chooseRelease(
  kit: Kit,
  descriptor: Descriptor,
  home: string,
  asked: string | undefined,
  channel: string,
  pin: string | null,
): Promise<Release> {
  const releases = await releasesOf(descriptor);
  if (asked !== undefined) return releaseNamed(releases, asked);
  const quarantined = kit.registry.quarantined(home).map((entry) => entry.release);
  const latest = latestFor(releases, channelOf(descriptor, channel), null, { quarantined, pin });
  if (latest) return latest;
  throw new Failure('unknown-release', `the channel "${channel}" of ${descriptor.title} offers no release`, {
    remedy: {
      action: 'choose-release',
      text: 'Choose another channel or name a release.',
      command: `moult set-up ${descriptor.product} --release R`,
    },
  });
}

export function chooseName(kit: Kit, descriptor: Descriptor, before: InstallRecord | null, asked: string | undefined): string {
  const taken = (name: string) => {
    const row = kit.registry.installs.byName(name);
    return row !== null && row.id !== before?.id;
  };
  if (asked !== undefined) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(asked))
      throw new Failure(
        'bad-input',
        `"${asked}" is not a name: letters, digits, dot, hyphen and underscore, at most 63, beginning with a letter or digit`,
        { remedy: { action: 'retry', text: 'Choose another name.' } },
      );
    if (taken(asked))
      throw new Failure('name-in-use', `there is an install called "${asked}" already`, {
        remedy: { action: 'choose-folder', text: 'Choose another name.' },
      });
    return asked;
  }
  if (before !== null && !taken(before.name)) return before.name;
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? descriptor.product : `${descriptor.product}-${count}`;
    if (!taken(name)) return name;
  }
}

/** The product's own port, or the next one that no other install of this machine has. */
export async function choosePort(kit: Kit, descriptor: Descriptor, home: string): Promise<number | null> {
  if (descriptor.port === undefined) return null;
  const taken = new Set<number>();
  for (const row of kit.registry.installs.all()) {
    if (row.home === home || row.state !== 'active') continue;
    const record = await readRecord(row.home).catch(() => null);
    if (record?.port !== null && record?.port !== undefined) taken.add(record.port);
  }
  let port = descriptor.port.default;
  const isTaken = async (one: number) => !(await isPortFree(one)) || (await takenPorts(descriptor, one)).length > 0;
  while (taken.has(port) || (port !== descriptor.port.default && (await isTaken(port)))) port += 1;
  return port;
}

/** The homes in which an install of a product may be, in the order in which the product looks; two names of one folder are one. */
export async function possibleHomes(descriptor: Descriptor): Promise<string[]> {
  const homes = new Map<string, string>();
  for (const named of [...descriptor.home.also, descriptor.home[platform()]]) {
    const path = expandHome(named);
    const real = (await realPathOrNull(path)) ?? path;
    // The folder itself rather than the link to it: what Moult moves, it moves in the folder.
    if (!homes.has(real) || path === real) homes.set(real, path);
  }
  return [...homes.values()];
}

/** A product that finds its home by name below $HOME would not look into a folder of another name. */
export function refuseMisnamed(descriptor: Descriptor, home: string): void {
  const { names } = descriptor.home;
  if (names.length === 0 || names.includes(basename(home))) return;
  throw new Failure('bad-home', `${home} cannot be a home of ${descriptor.title}, which only finds one called ${names.join(' or ')}`, {
    remedy: { action: 'choose-folder', text: `Name a folder that is called ${names[0]}, such as ${join(home, names[0] ?? '')}.` },
  });
}

export function refuseActive(before: InstallRecord | null, home: string, isForgotten: boolean = false): void {
  if (before === null || before.state !== 'active') return;
  throw new Failure('home-in-use', `${home} belongs to the install "${before.name}" (${before.product} ${before.release ?? ''})`, {
    remedy: isForgotten
      ? { action: 'set-up', text: 'Take it up again.', command: `moult adopt ${before.product} --home ${home}` }
      : { action: 'choose-folder', text: 'Name another home folder.', command: `moult set-up ${before.product} --home FOLDER` },
  });
}

/** A running install that Moult does not keep yet is adopted, never set up over. */
export async function refuseUnadopted(descriptor: Descriptor, home: string, before: InstallRecord | null): Promise<void> {
  if (before !== null || !(await exists(home))) return;
  const identified = await identify(descriptor, home);
  // Programs on PATH stand elsewhere and belong to the home all the same.
  const isItsOwn = identified?.slot?.startsWith(`${home}/`) === true || programsOf(descriptor) !== null;
  if (identified === null || identified.slot === null || !isItsOwn) return;
  throw new Failure('home-in-use', `${home} already holds ${descriptor.title} ${identified.release ?? ''} that Moult does not keep yet`, {
    remedy: { action: 'set-up', text: 'Adopt it instead.', command: `moult adopt ${descriptor.product} --home ${home}` },
  });
}
