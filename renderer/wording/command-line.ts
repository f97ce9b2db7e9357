/** The command line that does the same as a button. */
import type { MethodInput, OperationName } from '../../electron/api/methods.ts';

const commands: Record<OperationName, string> = {
  setUp: 'set-up',
  adopt: 'adopt',
  start: 'start',
  stop: 'stop',
  restart: 'restart',
  upgrade: 'upgrade',
  rollBack: 'rollback',
  backUp: 'backup',
  verify: 'verify',
  drill: 'drill',
  rehearse: 'rehearse',
  rescan: 'backups',
  copy: 'copy',
  restore: 'restore',
  export: 'export',
  uninstall: 'uninstall',
  freshStart: 'fresh-start',
  undo: 'undo',
  recover: 'recover',
  runAction: 'run',
};

/** What comes without a flag, in front. */
const places = ['install', 'product', 'action'];
/** Flags that stand once for each of a list. */
const lists: Readonly<Record<string, string>> = { items: 'item', files: 'file' };
/** Flags that are called otherwise than what they set. A passphrase is asked for; it never stands in a command. */
const names: Readonly<Record<string, string>> = { recipients: 'recipient', keepSecrets: 'keep-secrets', held: 'passphrase' };
/** What a press or a typed name says. */
const agreements = new Set(['digest']);

/** `moult upgrade sprig --to 2.0.0`: can be pasted into a shell as it stands. */
export function commandLine<O extends OperationName>(method: O, input: MethodInput<O>): string {
  const given = Object.entries(input).filter(([name, value]) => value !== undefined && value !== false && !agreements.has(name));
  const isPlace = (name: string): boolean => places.includes(name) || (method === 'verify' && name === 'input');
  const front = given.filter(([name]) => isPlace(name)).map(([, value]) => quoted(String(value)));
  const flags = given
    .filter(([name]) => !isPlace(name))
    .flatMap(([name, value]) => {
      if (Array.isArray(value) && lists[name] !== undefined) return value.flatMap((each) => [`--${lists[name]}`, quoted(String(each))]);
      const flag = `--${method === 'rescan' && name === 'folder' ? 'rescan' : (names[name] ?? name)}`;
      return value === true || name === 'held' ? [flag] : [flag, quoted(String(value))];
    });
  const negated = Object.entries(input)
    .filter(([name, value]) => name === 'start' && value === false)
    .map(() => '--no-start');
  return ['moult', commands[method], ...front, ...flags.filter((flag) => flag !== '--start'), ...negated].join(' ');
}

/** Single quotes where a shell would see more than a word. */
function quoted(text: string): string {
  return /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The command line that sets the limit of bytes a second, or takes it off with null. */
export function limitLine(bytesPerSecond: number | null): string {
  return `moult limit ${bytesPerSecond ?? 'off'}`;
}

export function pruneLine(install: string): string {
  return `moult prune ${quoted(install)} --dry-run`;
}

export function runScheduleLine(install: string): string {
  return `moult schedule ${quoted(install)} --run`;
}

/** The command line that follows another channel. */
export function channelLine(install: string, channel: string): string {
  return `moult channel ${quoted(install)} --to ${quoted(channel)}`;
}

/** The command line that pins to a release, or takes the pin off with null. */
export function pinLine(install: string, pin: string | null): string {
  return pin === null ? `moult unpin ${quoted(install)}` : `moult pin ${quoted(install)} --to ${quoted(pin)}`;
}
