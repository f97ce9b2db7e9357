/** Turns what the schema found wrong into sentences that name what is allowed. */
import { z } from 'zod';
import { nearest } from './nearest.ts';

export interface Complaint {
  path: PropertyKey[];
  what: string;
  /** The complaint is about the key itself and not about its value. */
  aboutKey?: boolean;
}

type Issue = z.core.$ZodIssue;

/** All complaints of a schema about a value; empty where it has none. */
export function complaintsOf(schema: z.ZodType, value: unknown): Complaint[] {
  const result = schema.safeParse(value, { error: sentenceFor, reportInput: true });
  return result.success ? [] : result.error.issues.flatMap((issue) => explain(issue, [], value));
}

function explain(issue: Issue, above: readonly PropertyKey[], root: unknown): Complaint[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path, issue.message.split(', ')));
  if (issue.code === 'invalid_key') {
    const why = issue.issues[0]?.message ?? 'no valid key';
    return [{ path, what: `is no valid key; allowed: ${why}`, aboutKey: true }];
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const branch = branchMeant(issue.errors);
    if (branch !== null) return branch.flatMap((inner) => explain(inner, path, root));
  }
  const given = valueAt(root, path);
  if (given === undefined) return [{ path, what: `is missing; allowed: ${issue.message}` }];
  if (issue.code === 'custom' && issue.params?.['refused'] === true) return [{ path, what: `${quote(given)}${issue.message}` }];
  return [{ path, what: `${quote(given)}is not allowed; allowed: ${issue.message}` }];
}

function unknownKey(key: string, path: readonly PropertyKey[], allowed: readonly string[]): Complaint {
  const meant = nearest(key, allowed);
  const suggestion = meant === null ? '' : `; did you mean "${meant}"?`;
  return { path: [...path, key], what: `is unknown here${suggestion}; allowed: ${allowed.join(', ')}`, aboutKey: true };
}

/** The one alternative of a union that was plainly meant: the only one with the fewest missing and unknown keys at its top. */
function branchMeant(branches: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const scored = branches.map((issues) => ({ issues, strange: issues.filter(isAboutShape).length })).sort((a, b) => a.strange - b.strange);
  const [first, second] = scored;
  if (first === undefined || first.strange > 1 || (second !== undefined && second.strange === first.strange)) return null;
  return first.issues;
}

function isAboutShape(issue: Issue): boolean {
  if (issue.code === 'unrecognized_keys' || issue.code === 'invalid_type' || issue.code === 'invalid_value')
    return issue.path.length === 0 || issue.input === undefined;
  return issue.input === undefined;
}

/** What is allowed, in words. For unknown keys the known ones, separated by commas. Refinements bring their own sentence. */
function sentenceFor(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.map(String).join(', ');
    case 'unrecognized_keys':
      return knownKeys(issue.inst).join(', ');
    case 'invalid_union':
      return issue.discriminator === undefined ? undefined : optionsOf(issue).join(', ');
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array' ? 'at least one' : `at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string' ? `at most ${issue.maximum} characters` : `at most ${issue.maximum}`;
    default:
      return undefined;
  }
}

function optionsOf(issue: object): string[] {
  const options = (issue as { options?: unknown }).options;
  return Array.isArray(options) ? options.map(String) : [];
}

const typeNames: Partial<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
};

function knownKeys(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** The given value at the head of a sentence, short; nothing for collections. */
function quote(value: unknown): string {
  if (value === null) return 'an empty value ';
  if (Array.isArray(value)) return 'a list ';
  if (typeof value === 'object') return 'a map of keys and values ';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `"${text.length > 60 ? `${text.slice(0, 57)}…` : text}" `;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
