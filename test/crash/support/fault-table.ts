/**
 * The calls of Node's file system that the fault seam stands in front of, by module. `change` alters the disk, `look` does not, `sync` makes
 * durable. A function that is in none of these lists and that `engine/platform` uses is a hole in the seam: `seam.test.ts` finds it.
 */
export const promiseCalls = {
  change: [
    'appendFile',
    'chmod',
    'chown',
    'copyFile',
    'lchown',
    'lutimes',
    'link',
    'mkdir',
    'mkdtemp',
    'open',
    'rename',
    'rm',
    'rmdir',
    'symlink',
    'truncate',
    'unlink',
    'utimes',
    'writeFile',
  ],
  look: ['access', 'lstat', 'opendir', 'readFile', 'readdir', 'readlink', 'realpath', 'stat', 'statfs'],
} as const;

export const blockingCalls = {
  change: [
    'appendFileSync',
    'chmodSync',
    'chownSync',
    'copyFileSync',
    'fchmodSync',
    'fchownSync',
    'ftruncateSync',
    'futimesSync',
    'lchownSync',
    'linkSync',
    'lutimesSync',
    'mkdirSync',
    'mkdtempSync',
    'openSync',
    'renameSync',
    'rmSync',
    'rmdirSync',
    'symlinkSync',
    'truncateSync',
    'unlinkSync',
    'utimesSync',
    'writeFileSync',
    'writeSync',
    'writevSync',
  ],
  look: [
    'accessSync',
    'fstatSync',
    'lstatSync',
    'opendirSync',
    'readFileSync',
    'readSync',
    'readdirSync',
    'readlinkSync',
    'readvSync',
    'realpathSync',
    'statSync',
    'statfsSync',
  ],
  sync: ['fdatasyncSync', 'fsyncSync'],
  close: ['closeSync'],
} as const;

export const handleCalls = {
  change: ['appendFile', 'chmod', 'chown', 'truncate', 'utimes', 'write', 'writeFile', 'writev'],
  look: ['read', 'readFile', 'readv', 'stat'],
  sync: ['datasync', 'sync'],
  close: ['close'],
} as const;

/** Streams read through calls of their own; the seam fails them when they are made. */
export const streamCalls: readonly string[] = ['createReadStream'];

/** Used, and with no way to fail: they ask only whether something is there, or are no calls. */
export const harmless: readonly string[] = ['existsSync', 'constants'];

export const errors = ['EIO', 'ENOSPC', 'EACCES', 'EBUSY', 'EXDEV', 'EMFILE', 'EPERM'] as const;
export type ErrorName = (typeof errors)[number];
