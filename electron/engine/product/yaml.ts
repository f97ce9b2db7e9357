/**
 * Reads YAML (1.2, core schema) as data with positions.
 * It promises linear time and no surprise: duplicate keys, collections as keys, tags of foreign kinds, second documents and aliases that
 * multiply are problems; nothing is dropped or merged silently. Sentences never quote values, because config files hold secrets.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Scalar,
  type YAMLMap,
  type YAMLError,
} from 'yaml';

export interface Position {
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 code units. */
  column: number;
}

export interface YamlProblem extends Position {
  /** The path of keys it is about, empty for the whole text. */
  path: PropertyKey[];
  what: string;
}

export interface YamlReading {
  value: unknown;
  problems: YamlProblem[];
  /** Where the value at a path begins; the nearest thing above it where there is none. */
  at: (path: readonly PropertyKey[]) => Position;
  /** Where the key of a value is written. */
  keyAt: (path: readonly PropertyKey[]) => Position;
}

export interface YamlLimits {
  /** The most values after aliases are put in place. */
  values: number;
  depth: number;
}

interface Walk {
  document: Document.Parsed;
  lines: LineCounter;
  limits: YamlLimits;
  left: number;
  problems: YamlProblem[];
  values: Map<string, Position>;
  keys: Map<string, Position>;
}

/** The most syntax problems that are told of one text. */
const mostProblems = 20;

/** How deep brackets may be open before the parser is asked at all; it needs time that grows faster than the text. */
const mostOpenBrackets = 200;

export function readYaml(text: string, limits: YamlLimits): YamlReading {
  const start = { line: 1, column: 1 };
  const nowhere = { value: undefined, at: () => start, keyAt: () => start };
  const tooDeep = bracketDepth(text) > mostOpenBrackets;
  if (tooDeep) return { ...nowhere, problems: [{ ...start, path: [], what: `more than ${mostOpenBrackets} brackets are open at once` }] };
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    merge: false,
    version: '1.2',
    logLevel: 'error',
  });
  const walk: Walk = { document, lines, limits, left: limits.values, problems: [], values: new Map(), keys: new Map() };
  if (document.errors.length > 0) {
    const problems = document.errors
      .slice(0, mostProblems)
      .map((error) => ({ ...positionOf(walk, error.pos[0]), path: [], what: sentenceFor(error) }));
    return { ...nowhere, problems };
  }
  for (const warning of document.warnings.slice(0, mostProblems)) complain(walk, warning.pos[0], [], sentenceFor(warning));
  const value = document.contents === null ? undefined : toValue(walk, document.contents, [], 0, []);
  const nearestTo = (path: readonly PropertyKey[], places: Map<string, Position>): Position =>
    places.get(keyOf(path)) ?? (path.length === 0 ? start : nearestTo(path.slice(0, -1), walk.values));
  return { value, problems: walk.problems, at: (path) => nearestTo(path, walk.values), keyAt: (path) => nearestTo(path, walk.keys) };
}

function toValue(walk: Walk, node: Node, path: PropertyKey[], depth: number, above: readonly Node[]): unknown {
  if (isAlias(node)) {
    const target = node.resolve(walk.document);
    if (target === undefined || above.includes(target))
      return complain(walk, node.range?.[0], path, target ? 'an alias of something it is in' : 'an alias of nothing');
    return toValue(walk, target, path, depth, above);
  }
  if (!walk.values.has(keyOf(path))) walk.values.set(keyOf(path), positionOf(walk, node.range?.[0]));
  walk.left -= 1;
  if (walk.left === -1) complain(walk, node.range?.[0], [], `more than ${walk.limits.values} values once aliases are put in place`);
  if (walk.left < 0) return undefined;
  if (isScalar(node)) return scalarValue(node);
  if (depth >= walk.limits.depth) return complain(walk, node.range?.[0], path, `nested deeper than ${walk.limits.depth}`);
  const chain = [...above, node];
  if (isSeq(node)) return node.items.map((entry, index) => toValue(walk, entry as Node, [...path, index], depth + 1, chain));
  return isMap(node) ? mapValue(walk, node, path, depth, chain) : undefined;
}

function mapValue(walk: Walk, node: YAMLMap, path: PropertyKey[], depth: number, chain: readonly Node[]): Record<string, unknown> {
  const seen = new Set<string>();
  const entries: [string, unknown][] = [];
  for (const pair of node.items) {
    const keyNode = pair.key as Node;
    if (!isScalar(keyNode)) {
      complain(walk, keyNode.range?.[0] ?? node.range?.[0], path, 'a key that is itself a collection or an alias');
      continue;
    }
    const key = keyText(keyNode);
    const below = [...path, key];
    if (seen.has(key)) {
      complain(walk, keyNode.range?.[0], below, 'written twice');
      continue;
    }
    seen.add(key);
    walk.keys.set(keyOf(below), positionOf(walk, keyNode.range?.[0]));
    entries.push([key, pair.value === null ? null : toValue(walk, pair.value as Node, below, depth + 1, chain)]);
  }
  // fromEntries defines own properties, so that a key such as __proto__ is data like any other.
  return Object.fromEntries(entries);
}

/** Keys are texts, however they are written. */
function keyText({ value, source }: Scalar): string {
  return typeof value === 'string' ? value : (source ?? '');
}

/** Numbers that a double cannot hold exactly stay the text they are written as. */
function scalarValue(node: Scalar): unknown {
  const value = node.value;
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) return node.source ?? String(value);
  return value;
}

function complain(walk: Walk, offset: number | undefined, path: PropertyKey[], what: string): undefined {
  if (walk.problems.length < mostProblems) walk.problems.push({ ...positionOf(walk, offset), path, what });
}

function positionOf(walk: Walk, offset: number | undefined): Position {
  const found = walk.lines.linePos(offset ?? 0);
  return { line: Math.max(1, found.line), column: Math.max(1, found.col) };
}

function keyOf(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map(String));
}

/** Brackets that are open at once, at most. Quotes are not looked at: what this counts too much in them stays far below the limit. */
function bracketDepth(text: string): number {
  let depth = 0;
  let most = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (character === 0x5b || character === 0x7b) most = Math.max(most, (depth += 1));
    else if ((character === 0x5d || character === 0x7d) && depth > 0) depth -= 1;
  }
  return most;
}

/** The parser's codes in our own words; its sentences may quote the text. */
const sentences: Partial<Record<YAMLError['code'], string>> = {
  BAD_ALIAS: 'a bad alias or anchor',
  BAD_DQ_ESCAPE: 'an unknown escape in double quotes; in double quotes a backslash is written twice',
  BAD_INDENT: 'wrong indentation, or a bracket that is not closed',
  BAD_SCALAR_START: 'a value cannot begin with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a ": " where it is not expected; put the value in quotes or on lines of its own',
  BLOCK_IN_FLOW: 'an indented block inside brackets',
  DUPLICATE_KEY: 'a key that is written twice',
  KEY_OVER_1024_CHARS: 'a key longer than 1024 characters',
  MISSING_CHAR: 'a missing quote, bracket, comma, colon or space',
  MULTILINE_IMPLICIT_KEY: 'a key that goes over several lines; a colon is missing',
  MULTIPLE_DOCS: 'a second document after "---"; one file holds one',
  RESOURCE_EXHAUSTION: 'nested too deep',
  TAB_AS_INDENT: 'a tab as indentation; YAML takes spaces only',
  TAG_RESOLVE_FAILED: 'a tag (!…); none is known here',
  UNEXPECTED_TOKEN: 'something that cannot stand here',
};

function sentenceFor(error: YAMLError): string {
  return sentences[error.code] ?? `not valid YAML (${error.code.toLowerCase().replaceAll('_', ' ')})`;
}
