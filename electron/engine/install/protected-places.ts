/** Places that no install may own, whatever a person, a setting or a descriptor says. */
import { dirname, join, parse, resolve } from 'node:path';
import { moultHome, platform, temporaryFolder, userHome, type Platform } from '../platform/environment.ts';
import { readMounts, type Mounts } from '../platform/mounts.ts';
import { isSamePath, isWithin, realPathSoFar } from './paths.ts';

/** Folders of the system that hold other things too: what is inside may be owned, they themselves may not. */
const shared: Record<Platform, readonly string[]> = {
  linux: [
    ...['/home', '/media', '/mnt', '/opt', '/root', '/run', '/snap', '/srv', '/tmp', '/usr', '/var', '/dev/shm'],
    ...[
      '/usr/local',
      '/usr/local/bin',
      '/usr/local/etc',
      '/usr/local/include',
      '/usr/local/lib',
      '/usr/local/sbin',
      '/usr/local/share',
      '/usr/local/src',
    ],
    ...[
      '/var/backups',
      '/var/cache',
      '/var/lib',
      '/var/local',
      '/var/log',
      '/var/mail',
      '/var/opt',
      '/var/run',
      '/var/spool',
      '/var/tmp',
      '/var/www',
    ],
  ],
  macos: [
    ...[
      '/Applications',
      '/Library',
      '/Users',
      '/Users/Shared',
      '/Volumes',
      '/opt',
      '/opt/homebrew',
      '/private',
      '/private/tmp',
      '/private/var',
      '/tmp',
      '/usr',
      '/var',
    ],
    ...[
      '/usr/local',
      '/usr/local/bin',
      '/usr/local/etc',
      '/usr/local/lib',
      '/usr/local/share',
      '/usr/local/var',
      '/Library/Application Support',
    ],
  ],
  windows: ['\\Users', '\\Users\\Public', '\\Program Files', '\\Program Files (x86)', '\\ProgramData'],
};

/** Folders of the system in which nothing may be owned. */
const closed: Record<Platform, readonly string[]> = {
  linux: [
    '/bin',
    '/boot',
    '/dev',
    '/etc',
    '/lib',
    '/lib32',
    '/lib64',
    '/libx32',
    '/proc',
    '/sbin',
    '/sys',
    '/usr',
    '/var/lib/dpkg',
    '/var/lib/apt',
  ],
  macos: ['/System', '/bin', '/dev', '/etc', '/private/etc', '/sbin', '/usr'],
  windows: ['\\Windows'],
};

/** Inside a closed one, and open. */
const open = ['/usr/local', '/dev/shm'];

/** Folders in a person's own that hold everything and nothing. */
const personal = [
  ...[
    'Desktop',
    'Documents',
    'Downloads',
    'Music',
    'Pictures',
    'Public',
    'Templates',
    'Videos',
    'Movies',
    'Library',
    'Library/Application Support',
    'Applications',
  ],
  ...[
    'AppData',
    'AppData/Local',
    'AppData/Roaming',
    'OneDrive',
    '.cache',
    '.config',
    '.local',
    '.local/share',
    '.local/state',
    '.ssh',
    '.gnupg',
    'bin',
    'snap',
  ],
];

/** Why a place cannot be owned, as the end of a sentence that begins with the path; null when nothing speaks against it. Links are resolved. */
export async function refusalOf(path: string, mounts?: Mounts): Promise<string | null> {
  const told = resolve(path);
  const real = await realPathSoFar(told);
  const { isAt } = mounts ?? (await readMounts());
  for (const one of new Set([told, real])) {
    const refusal = (await refusalByName(one)) ?? ((await isAt(one)) ? mountRefusal : null);
    if (refusal !== null) return one === told ? refusal : `leads to ${one}, which ${refusal}`;
  }
  return null;
}

export const mountRefusal = 'is a mount point: a disk or share of its own, which can be neither renamed nor removed';

async function refusalByName(path: string): Promise<string | null> {
  const root = parse(path).root;
  if (isSamePath(path, root)) return root === '/' ? 'is the root of the whole system' : 'is a whole drive';
  for (const person of await homes()) {
    if (isSamePath(path, person)) return 'is your whole personal folder';
    if (isWithin(path, person)) return 'holds your whole personal folder';
    if (personal.some((name) => isSamePath(path, join(person, name))))
      return 'is a folder where many programs and people keep their things';
  }
  if (['/home', '/Users', join(root, 'Users')].some((folder) => isSamePath(dirname(path), folder)))
    return "is somebody's whole personal folder";
  const system = systemRefusal(path, root);
  if (system !== null) return system;
  const own = await realPathSoFar(moultHome());
  if (isWithin(own, path)) return "is inside Moult's own folder";
  if (isWithin(path, own)) return "holds Moult's own folder";
  return path.split(/[/\\]/).includes('.moult') ? 'is inside a .moult folder, where Moult keeps what belongs to an install' : null;
}

function systemRefusal(path: string, root: string): string | null {
  const absolute = (name: string) => resolve(root, name);
  const isShared = [...shared[platform()], temporaryFolder()].some((name) => isWithin(path, absolute(name)));
  if (isShared) return 'is a folder of the system that holds other things too';
  const isOpen = open.some((name) => isWithin(absolute(name), path));
  return !isOpen && closed[platform()].some((name) => isWithin(absolute(name), path)) ? 'is inside a folder of the system' : null;
}

async function homes(): Promise<string[]> {
  const home = userHome();
  return [...new Set([resolve(home), await realPathSoFar(home)])];
}
