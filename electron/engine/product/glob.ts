/**
 * Globs of descriptors: `*` (any text within a name), `?` (one character), `{a,b}` (one of these) and `**` (any number of folders,
 * a part of its own). As in a shell, a wildcard does not match a dot at the beginning of a name: what is hidden is owned only when
 * it is named. Compiled once and matched in linear time, because descriptors are strangers' data and folders may hold a million files;
 * it agrees with `path.matchesGlob` of Node, which compiles anew on each call and expands braces without a bound.
 */

export interface Glob {
  readonly pattern: string;
  /** The alternatives that the braces stand for, each split at its slashes. */
  readonly alternatives: readonly (readonly string[])[];
}

/** The most alternatives that the braces of one glob may stand for. */
export const mostAlternatives = 64;

/** Why a text is no glob, or null. */
export function globProblem(pattern: string): string | null {
  if (/[[\]!]|[@+]\(/.test(pattern)) return 'has a wildcard that Moult does not know; the known ones are *, ?, {a,b} and **';
  if (/[{}]/.test(pattern.replaceAll(/\{[^{}]*\}/g, ''))) return 'has braces that are nested or not closed';
  if (/\{[^{},]*\}/.test(pattern)) return 'has braces around a single name; {a,b} stands for a or b';
  if (/\{[^{}]*\/[^{}]*\}/.test(pattern)) return 'has a slash inside braces';
  if (countAlternatives(pattern) > mostAlternatives) return `stands for more than ${mostAlternatives} alternatives`;
  if (pattern.split('/').some((part) => part.includes('**') && part !== '**'))
    return 'has ** beside other text; ** stands alone between slashes';
  return null;
}

/** Compiles a glob that `globProblem` has nothing against. Throws a `RangeError` for another. */
export function compileGlob(pattern: string): Glob {
  const problem = globProblem(pattern);
  if (problem !== null) throw new RangeError(`the glob "${pattern}" ${problem}`);
  return { pattern, alternatives: expandBraces(pattern).map((text) => text.split('/')) };
}

/** Whether the path (relative, forward slashes) matches. */
export function matchesGlob(glob: Glob, path: string): boolean {
  const parts = path.split('/');
  return glob.alternatives.some((wanted) => matchesParts(wanted, parts));
}

/** Whether the path or a folder above it matches: then everything below belongs to the match. */
export function matchesGlobOrAbove(glob: Glob, path: string): boolean {
  const parts = path.split('/');
  return parts.some((_, index) => glob.alternatives.some((wanted) => matchesParts(wanted, parts.slice(0, index + 1))));
}

/** Whether one name matches one part of a glob without slashes. */
export function matchesName(wanted: string, name: string): boolean {
  if (name.startsWith('.') && !wanted.startsWith('.')) return false;
  return matchesText(wanted, name);
}

/** How many characters of the best matching alternative are fixed: of two globs that match, the one with more is the more specific. */
export function specificity(glob: Glob, path: string): number {
  const parts = path.split('/');
  const fixed = glob.alternatives
    .filter((wanted) => matchesParts(wanted, parts))
    .map((wanted) => wanted.join('/').replaceAll(/[*?]/g, '').length);
  return Math.max(-1, ...fixed);
}

/** Whether a part of a glob has a wildcard. */
export function hasWildcard(part: string): boolean {
  return /[*?]/.test(part);
}

function countAlternatives(pattern: string): number {
  return [...pattern.matchAll(/\{([^{}]*)\}/g)].reduce((product, match) => product * (match[1] as string).split(',').length, 1);
}

function expandBraces(pattern: string): string[] {
  const match = /\{([^{}]*)\}/.exec(pattern);
  if (match === null) return [pattern];
  const before = pattern.slice(0, match.index);
  const after = expandBraces(pattern.slice(match.index + match[0].length));
  return (match[1] as string).split(',').flatMap((choice) => after.map((rest) => before + choice + rest));
}

/** Matches from the end, one row of a table at a time, so that several `**` cost a product and not a power. */
function matchesParts(wanted: readonly string[], parts: readonly string[]): boolean {
  // row[at] says whether what is left of the glob matches what is left of the path from `at`.
  let below = [...parts.map(() => false), true];
  for (let index = wanted.length - 1; index >= 0; index -= 1) {
    const part = wanted[index] as string;
    const isLast = index === wanted.length - 1;
    const row = [...parts.map(() => false), false];
    for (let at = parts.length - 1; at >= 0; at -= 1) {
      const name = parts[at] as string;
      if (part !== '**') row[at] = below[at + 1] === true && matchesName(part, name);
      // A closing ** never matches nothing: `a/**` is what is below a, not a itself.
      else if (isLast) row[at] = !name.startsWith('.') && (at === parts.length - 1 || row[at + 1] === true);
      else row[at] = below[at] === true || (!name.startsWith('.') && row[at + 1] === true);
    }
    below = row;
  }
  return below[0] === true;
}

/** Greedy with one step back: linear in the product of both lengths. */
function matchesText(wanted: string, name: string): boolean {
  let star = -1;
  let mark = 0;
  let at = 0;
  let index = 0;
  while (index < name.length) {
    if (wanted[at] === '?' || (wanted[at] !== '*' && wanted[at] === name[index])) {
      at += 1;
      index += 1;
    } else if (wanted[at] === '*') {
      star = at;
      mark = index;
      at += 1;
    } else if (star !== -1) {
      at = star + 1;
      mark += 1;
      index = mark;
    } else return false;
  }
  while (wanted[at] === '*') at += 1;
  return at === wanted.length;
}
