/** The small words of a descriptor: what a path, a duration, a text with placeholders or a version range may look like. */
import semver from 'semver';
import { z } from 'zod';
import { placeholders, placeholdersIn } from './fill.ts';
import { globProblem } from './glob.ts';
import { nearest } from './nearest.ts';

/** Control characters: they would let a descriptor write to a person's terminal. Line breaks are among them. */
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** One line for a person. */
export const text = z
  .string()
  .min(1)
  .max(2000)
  .refine((value) => !control.test(value), 'one line without control characters');

const plain = z
  .string()
  .min(1)
  .max(1024)
  .refine((value) => !control.test(value), 'a text without control characters');

export const identifier = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, beginning with a letter, at most 63')
  .describe('Lower-case letters, digits and hyphens');

const isDuration = /^\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h)$/;

/** A duration such as `500ms`, `10s`, `5m` or `2h`; at most seven days. */
export const duration = z
  .string()
  .regex(isDuration, 'a duration such as 500ms, 10s, 5m or 2h')
  .refine((value) => !isDuration.test(value) || seconds(value) <= 7 * 86_400, 'a duration of at most seven days')
  .describe('A duration: 500ms, 10s, 5m, 2h');

/** A dotted path to a value inside a config file: `admin.password_hash`. */
export const dottedKey = z
  .string()
  .max(256)
  .regex(/^[^.\s]+(?:\.[^.\s]+)*$/, 'a dotted key such as admin.password_hash')
  .describe('A dotted key: admin.password_hash');

/** In JSON Schema, as far as a pattern can say it; the code below says more and gives reasons. */
const insidePattern = String.raw`^(?![~/]|[A-Za-z]:|\.moult(?:/|$))(?!(?:.*/)?\.{0,2}(?:/|$))[^\\]+$`;

/** A path inside the home folder (or inside a release): relative, with forward slashes, never climbing out, never Moult's own folder. */
export const ownedPath = z
  .string()
  .max(1024)
  .superRefine(
    refusing((value) => pathProblem(value) ?? (/[*?{}]/.test(value) ? 'has a wildcard or a brace; wildcards belong in a glob' : null)),
  )
  .meta({ description: 'A path inside the home folder: relative, with forward slashes', pattern: insidePattern });

/** A path with wildcards, under the rules of `ownedPath`. */
export const ownedGlob = z
  .string()
  .max(1024)
  .superRefine(refusing((value) => pathProblem(value) ?? globProblem(value) ?? climbsInBraces(value)))
  .meta({ description: 'A path with * ? {a,b} or **, inside the home folder', pattern: insidePattern });

/** Where a new install goes: a folder of the person's own, with `~`, `%NAME%` or `$NAME` in front, or an absolute one. */
export const homePath = plain.superRefine(refusing((value) => homeProblem(value)));

/** Text with placeholders; which ones may stand in it. */
export type Stage = 'anywhere' | 'before-release';
const early: readonly string[] = ['home', 'home-parent', 'user-home', 'resources', 'sample'];

export function template(stage: Stage = 'anywhere') {
  return z
    .string()
    .min(1)
    .max(4096)
    .superRefine(refusing((value) => (control.test(value) ? 'has a control character' : placeholderProblem(value, stage))));
}

/** A file or folder of a release or of the home: `{slot}/release.json`. */
export const shippedPath = template().superRefine(
  refusing((value) => {
    const match = /^\{(?:slot|home)\}\/(.+)$/s.exec(value);
    return match === null ? 'begins with neither {slot}/ nor {home}/' : pathProblem(match[1] as string);
  }),
);

/** The folder a command runs in. */
export const workingFolder = template().superRefine(
  refusing((value) => {
    const match = /^\{(?:slot|home|item:[a-z0-9-]+)\}(?:\/(.+))?$/s.exec(value);
    if (match === null) return 'begins with none of {home}, {slot} and {item:ID}';
    return match[1] === undefined ? null : pathProblem(match[1]);
  }),
);

/** A place that is only read, before there is a release: `{home}/app`, `/usr/lib/node_modules/node-red`, `~/apps/x`. */
export const readPlace = template('before-release').refine(
  (value) =>
    !value.split(/[/\\]/).includes('..') && (/^(?:\{[a-z-]+\}|~)(?:[/\\]|$)/.test(value) || /^(?:[/\\]|[A-Za-z]:[/\\]|%|\$)/.test(value)),
  'an absolute path, or one that begins with {home}, {resources}, {sample}, {user-home} or ~, without ".."',
);

/** A folder with programs that Moult runs: `{home}/postgres/bin`, `{item:binaries}/bin`, `/usr/lib/postgresql/16/bin`. */
export const programFolder = template().refine(isRooted, 'an absolute path, or one that begins with a placeholder or ~, without ".."');

/** A program of a release: `{slot}/bin/server`. */
export const programFile = template().refine(isRooted, 'a path that begins with a placeholder, without ".."');

/** An address that Moult asks, with placeholders such as `{port}`. */
export const probeUrl = template().refine(
  (value) => isHttp(value.replaceAll(/\{[a-z:-]+\}/g, '1')),
  'an address that begins with http:// or https://',
);
export const httpUrl = z.string().max(2000).refine(isHttp, 'an address that begins with http:// or https://').describe('A web address');

/** A JSON Pointer, RFC 6901, to something below the whole document. */
export const jsonPointer = z
  .string()
  .max(512)
  .regex(/^(?:\/(?:[^~/]|~[01])*)+$/, 'a JSON Pointer (RFC 6901) such as /version')
  .describe('A JSON Pointer (RFC 6901): /version');

export const semverRange = z
  .string()
  .min(1)
  .max(200)
  .refine((value) => semver.validRange(value) !== null, 'a range of versions such as >=1.2.0')
  .describe('A semver range');

/** A regular expression (ECMAScript, no flags), with at least so many groups. */
export function regularExpression(groups = 0) {
  return z
    .string()
    .min(1)
    .max(300)
    .refine(
      (value) => groupsOf(value) >= groups,
      groups === 0 ? 'a regular expression' : 'a regular expression with a group for the version',
    );
}

export const sqlName = z
  .string()
  .max(63)
  .regex(/^[A-Za-z_]\w*$/, 'a name of letters, digits and underscores');
/** A name that may have to be quoted, such as that of a database or a role. */
export const sqlIdentifier = z
  .string()
  .max(63)
  .regex(/^[A-Za-z_][\w$-]*$/, 'a name of letters, digits, underscores and hyphens');
/** The name of a volume of Docker. */
export const volumeName = z
  .string()
  .max(255)
  .regex(/^(?:[A-Za-z0-9]|\{home-hash\})(?:[\w.-]|\{home-hash\})*$/, 'the name of a Docker volume, with {home-hash}')
  .refine((value) => !value.startsWith('moult-'), "a name that does not begin with moult-, which is Moult's own");
export const variableName = z
  .string()
  .max(128)
  .regex(/^[A-Za-z_]\w*$/, 'the name of an environment variable');
export const variablePattern = z
  .string()
  .max(128)
  .regex(/^[A-Za-z_*][\w*]*$/, 'the name of an environment variable, * for any text');
export const npmPackage = z
  .string()
  .max(214)
  .regex(/^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/, 'the name of an npm package');

/** `owner/name`, as GitHub spells it. */
export const gitHubRepository = z
  .string()
  .max(140)
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/[A-Za-z0-9._-]{1,100}$/, 'a repository such as owner/name');
/** The name of a file of a release, with `{version}`, `{tag}`, `{os}` and `{arch}`. */
export const assetName = z
  .string()
  .min(1)
  .max(200)
  .regex(/^(?:[A-Za-z0-9._+~-]|\{(?:version|tag|os|arch)\})+$/, 'a file name, with {version}, {tag}, {os} or {arch}');
/** The name of one file or folder. */
export const programName = z
  .string()
  .min(1)
  .max(100)
  .regex(/^(?!\.{1,2}$)(?!\.moult$)[A-Za-z0-9._+-]+$/, 'the name of one file, without a folder');

/** Seconds in a duration of the descriptor. */
export function seconds(value: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(value);
  if (!match) throw new RangeError(`not a duration: ${value}`);
  const unit = { ms: 0.001, s: 1, m: 60, h: 3600 }[match[2] as 'ms' | 's' | 'm' | 'h'];
  return Number(match[1]) * unit;
}

/** A check that refuses with a reason, where a pattern could only say what is allowed. */
function refusing(problemOf: (value: string) => string | null) {
  return (value: string, context: z.RefinementCtx<string>): void => {
    const message = problemOf(value);
    if (message !== null) context.addIssue({ code: 'custom', message, params: { refused: true } });
  };
}

function pathProblem(value: string): string | null {
  if (value === '') return 'is empty';
  if (control.test(value)) return 'has a control character';
  if (value.includes('\\')) return 'has a backslash; paths are written with forward slashes';
  if (value.startsWith('/') || /^[A-Za-z]:/.test(value))
    return 'is absolute and so leaves the owned roots; paths are relative to the home folder';
  if (value.startsWith('~')) return 'begins with ~ and so leaves the owned roots; paths are relative to the home folder';
  const parts = value.split('/');
  if (parts.includes('..')) return 'climbs with ".." and so leaves the owned roots';
  if (parts.includes('.') || parts.includes('')) return 'has an empty part or "."; name what is meant';
  if (parts[0]?.toLowerCase() === '.moult') return "is in .moult, which is Moult's own folder";
  return null;
}

/** Braces could put together what the check of the text did not see: `{..,a}/b`. */
function climbsInBraces(value: string): string | null {
  return /[{,](?:\.{0,2}|\.moult)[,}]/.test(value) ? 'has "..", "." , ".moult" or nothing as an alternative in braces' : null;
}

function homeProblem(value: string): string | null {
  const match = /^(?:~|%[A-Za-z_]+%|\$\{?[A-Z_]+\}?|[A-Za-z]:)?[/\\](.*)$/s.exec(value);
  if (match === null) return 'is not absolute; a home begins with ~/, %NAME%/, $NAME/, a drive or /';
  const parts = (match[1] as string).split(/[/\\]/);
  if (parts.includes('..')) return 'climbs with ".."';
  return parts.every((part) => part === '' || part === '.')
    ? "names no folder of its own; a whole drive or a person's whole folder cannot be a home"
    : null;
}

function placeholderProblem(value: string, stage: Stage): string | null {
  const allowed = stage === 'anywhere' ? placeholders : early;
  for (const name of placeholdersIn(value)) {
    if (stage === 'anywhere' && /^(?:item:[a-z][a-z0-9-]*|program:[A-Za-z0-9._+-]+)$/.test(name)) continue;
    if (allowed.some((known) => known === name)) continue;
    const meant = nearest(name, allowed);
    const list = [...allowed, ...(stage === 'anywhere' ? ['item:ID'] : [])].map((known) => `{${known}}`).join(' ');
    return `has the unknown placeholder {${name}}${meant === null ? '' : ` (did you mean {${meant}}?)`}; allowed here: ${list}`;
  }
  return null;
}

function isRooted(value: string): boolean {
  return !value.split(/[/\\]/).includes('..') && /^(?:\{[a-z][a-z0-9:-]*\}|~[/\\]|[/\\]|[A-Za-z]:[/\\])/.test(value);
}

function isHttp(value: string): boolean {
  return /^https?:\/\/[^/]/.test(value) && URL.canParse(value);
}

/** Capturing groups of a regular expression; -1 where it is none. */
function groupsOf(source: string): number {
  try {
    return (new RegExp(`${source}|`).exec('')?.length ?? 1) - 1;
  } catch {
    return -1;
  }
}
