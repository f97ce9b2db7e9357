/** What an install follows: its channel, and the pin that ends how far it may go. Both are changed at once, under the install's lock. */
import semver from 'semver';
import { Failure } from '../../api/failure.ts';
import { readRecord, type InstallRecord, writeRecord } from '../install/record.ts';
import { takeLock } from '../operation/lock.ts';
import { isWithin } from '../release/channel.ts';
import { releaseNamed } from '../release/path.ts';
import { channelOf, releasesOf } from './facts.ts';
import { refuseInterrupted } from './interrupted.ts';
import { type Kit, open, type OpenedInstall } from './kit.ts';

/** Follows another channel of the product. `bad-input` names those there are. Resolves with the install's name. */
export async function followChannel(kit: Kit, install: string | undefined, channel: string): Promise<string> {
  const opened = await open(kit, install);
  channelOf(opened.descriptor, channel);
  return changeRecord(kit, opened, { channel });
}

/**
 * Pins an install to a release, or takes the pin off with null. The release that is there needs no feed; another one must be in it, so
 * that a slip of the pen does not hold back everything. `unknown-release`, `downgrade`, `feed-unreachable`. Resolves with the install's name.
 */
export async function pinTo(kit: Kit, install: string | undefined, pin: string | null): Promise<string> {
  const opened = await open(kit, install);
  const { release } = opened.record;
  if (pin !== null && pin !== release) {
    const { version } = releaseNamed(await releasesOf(opened.descriptor), pin);
    if (release !== null && semver.valid(release) !== null && semver.lt(version, release)) throw behind(opened.record, version);
  }
  return changeRecord(kit, opened, { pin });
}

/** A pin is a person's word. Only a person takes it back, and never in passing. */
export function holdToPin({ name, pin }: InstallRecord, wanted: string): void {
  if (isWithin(wanted, pin)) return;
  throw new Failure('pinned', `${name} is pinned to ${pin}, and ${wanted} is newer`, {
    remedy: { action: 'unpin', text: 'Take the pin off first.', command: `moult unpin ${name}` },
  });
}

async function changeRecord(kit: Kit, opened: OpenedInstall, change: Partial<Pick<InstallRecord, 'channel' | 'pin'>>): Promise<string> {
  const lock = await takeLock(opened.folder.root, 'pin' in change ? 'set pin' : 'set channel');
  try {
    // An operation may have ended, or been cut off, since the record was read.
    await refuseInterrupted(kit, opened.home, 'held');
    await writeRecord(opened.home, { ...((await readRecord(opened.home)) ?? opened.record), ...change });
  } finally {
    await lock.release();
  }
  return opened.record.name;
}

function behind({ name, release }: InstallRecord, pin: string): Failure {
  return new Failure('downgrade', `${name} is on ${release} already, which is newer than ${pin}`, {
    remedy: { action: 'choose-release', text: `Pin it to ${release} or a newer release. To go back, roll back or restore a backup.` },
  });
}
