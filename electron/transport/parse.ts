/**
 * Transport: the one way from a face to the engine, the same for the command line, IPC and HTTP.
 * Promises that nothing reaches the engine that the contract in `api/methods.ts` does not allow, and that every answer is a `Result`.
 * Refuses unknown methods, unknown fields and values out of bounds, naming the field and what is allowed.
 */
import type { z } from 'zod';
import { Failure } from '../api/failure.ts';
import { type MethodName, methods } from '../api/methods.ts';
import { nearest } from './nearest.ts';

/** What a method's input is after it was checked. */
export type ParsedInput<M extends MethodName> = z.output<(typeof methods)[M]['input']>;

/** Whether a name that came over a wire is a method of the contract. */
export function isMethod(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}

/** Throws `bad-input` for a name that is no method, with the nearest one that is. */
export function parseMethod(name: string): MethodName {
  if (isMethod(name)) return name;
  const suggestion = nearest(name, Object.keys(methods));
  throw new Failure('bad-input', `there is no call "${name}"${suggestion === null ? '' : `; did you mean "${suggestion}"?`}`);
}

/** The input of a method, checked. Throws `bad-input` naming every field that is wrong and what is allowed there. */
export function parseInput<M extends MethodName>(method: M, input: unknown): ParsedInput<M> {
  const schema: z.ZodObject = methods[method].input;
  const given = input ?? {};
  const parsed = schema.safeParse(given);
  const problems = [
    ...unknownFields(schema, given),
    ...(parsed.success ? [] : parsed.error.issues.map((issue) => ({ field: issue.path.join('.'), message: wordsFor(issue, given) }))),
  ];
  if (problems.length === 0 && parsed.success) return parsed.data as ParsedInput<M>;
  const sentence = problems.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join('; ');
  throw new Failure('bad-input', sentence, {
    remedy: { action: 'show-help', text: 'Look at what this command takes.' },
    details: { method, fields: problems.map(({ field }) => field) },
  });
}

interface Problem {
  field: string;
  message: string;
}

function unknownFields(schema: z.ZodObject, given: unknown): Problem[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return [];
  const known = Object.keys(schema.shape);
  return Object.keys(given)
    .filter((field) => !known.includes(field))
    .map((field) => {
      const suggestion = nearest(field, known);
      return {
        field,
        message: suggestion === null ? `unknown; allowed: ${known.join(', ') || 'nothing'}` : `unknown; did you mean "${suggestion}"?`,
      };
    });
}

/** One sentence for one of zod's issues; values are only repeated where they are short and harmless. */
function wordsFor(issue: z.core.$ZodIssue, given: unknown): string {
  const value = valueAt(given, issue.path);
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined
        ? `missing; ${article(issue.expected)} is needed`
        : `must be ${article(issue.expected)}, not ${kindOf(value)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string' ? `must not be longer than ${issue.maximum} characters` : `must be at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined),
    given,
  );
}

function article(kind: string): string {
  if (kind === 'int') return 'a whole number';
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return String(value);
  return article(typeof value);
}
