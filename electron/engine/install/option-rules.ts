/**
 * Compares the options in a config file with those that a release knows. The release tells them as a JSON Schema; of that vocabulary
 * only what says something about options is read: properties, patternProperties, additionalProperties, type, enum, deprecated and
 * local `$ref`s, and three keywords of our own: `x-renamed-from` (on the new option), `x-renamed-to` and `x-removed` (on the old).
 */
import { Failure } from '../../api/failure.ts';
import type { ConfigText } from './config-file.ts';

type Schema = Record<string, unknown>;

/** What a release's JSON Schema says of the options of one config file. */
export interface OptionRules {
  schema: Record<string, unknown>;
  /** Old names of options and the new ones. */
  renamed: ReadonlyMap<string, string>;
}

export interface OptionFindings {
  /** Options that the release does not know; only the topmost of a whole unknown group. */
  unknown: string[];
  deprecated: { option: string; message: string }[];
  renamed: { option: string; to: string }[];
  removed: { option: string; message: string }[];
  /** `found` is the kind of value, never the value. */
  wrongType: { option: string; expected: string; found: string }[];
}

/** Deeper than this no option is looked at: a schema may refer to itself. */
const deepest = 50;

/** Reads the JSON Schema that a release ships. Throws `bad-config` where it is none. */
export function readOptionRules(jsonSchemaText: string): OptionRules {
  const schema = parse(jsonSchemaText);
  if (!isMap(schema)) {
    throw new Failure('bad-config', 'the JSON Schema of the options that the release ships cannot be read', {
      remedy: { action: 'reinstall-release', text: 'Stage the release again: its file is damaged.' },
    });
  }
  const renamed = new Map<string, string>();
  collectRenamed(schema, schema, '', renamed, 0);
  return { schema, renamed };
}

/** What the release would say of this file. Never holds a value. */
export function compareOptions(rules: OptionRules, config: ConfigText): OptionFindings {
  const findings: OptionFindings = { unknown: [], deprecated: [], renamed: [], removed: [], wrongType: [] };
  if (isMap(config.value))
    compareMap(rules, rules.schema, config.value, '', findings, config.format === 'env' || config.format === 'ini', 0);
  return findings;
}

function compareMap(
  rules: OptionRules,
  schema: Schema,
  value: Schema,
  above: string,
  findings: OptionFindings,
  textOnly: boolean,
  depth: number,
): void {
  for (const [key, below] of Object.entries(value)) {
    const option = above === '' ? key : `${above}.${key}`;
    const to = rules.renamed.get(option);
    const rule = ruleFor(rules.schema, schema, key);
    if (to !== undefined) findings.renamed.push({ option, to });
    else if (rule === 'unknown') findings.unknown.push(option);
    else if (rule !== 'anything') compareValue(rules, resolve(rules.schema, rule), below, option, findings, textOnly, depth);
  }
}

function compareValue(
  rules: OptionRules,
  rule: Schema,
  value: unknown,
  option: string,
  findings: OptionFindings,
  textOnly: boolean,
  depth: number,
): void {
  const removed = rule['x-removed'];
  if (removed === true || typeof removed === 'string') {
    findings.removed.push({ option, message: typeof removed === 'string' ? removed : describe(rule, 'it has no effect any more') });
    return;
  }
  if (rule['deprecated'] === true) findings.deprecated.push({ option, message: describe(rule, 'it will go away in a later release') });
  const expected = textOnly ? null : mismatch(rule, value);
  if (expected !== null) findings.wrongType.push({ option, expected, found: kindOf(value) });
  else if (isMap(value) && depth < deepest) compareMap(rules, rule, value, option, findings, textOnly, depth + 1);
}

/** The rule for one key. An object that lists its properties knows no others, unless it says `additionalProperties`. */
function ruleFor(root: Schema, schema: Schema, key: string): Schema | 'unknown' | 'anything' {
  const properties = schema['properties'];
  if (isMap(properties) && Object.hasOwn(properties, key)) return isMap(properties[key]) ? properties[key] : 'anything';
  const patterns = schema['patternProperties'];
  for (const [pattern, rule] of isMap(patterns) ? Object.entries(patterns) : []) {
    if (matches(pattern, key)) return isMap(rule) ? rule : 'anything';
  }
  const others = schema['additionalProperties'];
  if (isMap(others)) return resolve(root, others);
  if (others === true) return 'anything';
  return isMap(properties) || others === false ? 'unknown' : 'anything';
}

function collectRenamed(root: Schema, schema: Schema, above: string, renamed: Map<string, string>, depth: number): void {
  const properties = schema['properties'];
  if (!isMap(properties) || depth > 8) return;
  const rules = Object.entries(properties).flatMap(([key, below]) =>
    isMap(below) ? [{ option: above === '' ? key : `${above}.${key}`, rule: resolve(root, below) }] : [],
  );
  // What is said nearer to the top counts, in a schema that refers to itself.
  const add = (from: unknown, to: unknown) =>
    typeof from === 'string' && typeof to === 'string' && !renamed.has(from) && renamed.set(from, to);
  for (const { option, rule } of rules) {
    add(option, rule['x-renamed-to']);
    const from = rule['x-renamed-from'];
    for (const old of Array.isArray(from) ? (from as unknown[]) : [from]) add(old, option);
  }
  for (const { option, rule } of rules) collectRenamed(root, rule, option, renamed, depth + 1);
}

/** Follows `$ref: "#/…"`; other references are not followed and allow anything. What stands beside a reference counts too. */
function resolve(root: Schema, rule: Schema): Schema {
  let current = rule;
  for (let step = 0; step < 20; step += 1) {
    const { $ref, ...beside } = current;
    if (typeof $ref !== 'string') return current;
    let target: unknown = $ref.startsWith('#') ? root : undefined;
    for (const part of $ref.slice(2).split('/').filter(Boolean)) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      target = isMap(target) && Object.hasOwn(target, key) ? target[key] : undefined;
    }
    if (!isMap(target)) return beside;
    current = { ...target, ...beside };
  }
  return {};
}

/** What was expected, in words, when the value does not fit; null when it does. */
function mismatch(rule: Schema, value: unknown): string | null {
  const types = (Array.isArray(rule['type']) ? (rule['type'] as unknown[]) : [rule['type']]).filter((type) => typeof type === 'string');
  if (types.length > 0 && !types.some((type) => fits(type, value))) return types.map((type) => typeNames[type] ?? type).join(' or ');
  const allowed = rule['enum'];
  if (!Array.isArray(allowed) || isMap(value) || Array.isArray(value) || allowed.includes(value)) return null;
  return `one of ${allowed.map((one) => JSON.stringify(one)).join(', ')}`;
}

function fits(type: string, value: unknown): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isMap(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type;
  }
}

const typeNames: Partial<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of options',
  null: 'nothing',
};

function kindOf(value: unknown): string {
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  return type === 'boolean' ? 'true or false' : (typeNames[type] ?? type);
}

function describe(rule: Schema, otherwise: string): string {
  for (const key of ['x-message', 'deprecationMessage', 'description']) {
    const said = rule[key];
    if (typeof said === 'string' && said !== '') return said;
  }
  return otherwise;
}

/** Patterns of strangers: those that are none match nothing. */
function matches(pattern: string, key: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(key.slice(0, 200));
  } catch {
    return false;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
