/**
 * Puts options into the text of a config file and leaves the rest of it alone. Only texts are made here; nothing is written. It promises
 * that the text says afterwards what it said before, but for the given options, and refuses where it cannot keep that.
 */
import { Failure } from '../../api/failure.ts';
import type { ConfigFile } from '../product/schema.ts';
import { editYaml } from '../product/yaml-edit.ts';
import { optionsOf, parseConfig, valueAt, type ConfigText } from './config-file.ts';

/** The text with these values; `undefined` takes an option out. `path` is only named in messages. Throws `unsupported`. */
export function withValues(config: ConfigText, values: ReadonlyMap<string, unknown>, path: string): string {
  const changes = [...values].filter(([key, value]) => !isSame(valueAt(config, key), value));
  if (changes.length === 0) return config.text;
  const text = editors[config.format](config, changes);
  if (text !== null && keepsTheRest(config, text, values, path)) return text;
  throw new Failure('unsupported', `the options cannot be put into ${path} without changing the rest of it`, {
    remedy: { action: 'restore-backup', text: 'Restore the whole file instead.' },
    details: { path, keys: changes.map(([key]) => key) },
  });
}

type Changes = readonly (readonly [string, unknown])[];

const editors: Record<ConfigFile['format'], (config: ConfigText, changes: Changes) => string | null> = {
  yaml: ({ text, value }, changes) =>
    editYaml(
      text,
      changes.map(([key, to]) => [pathOf(value, key), to] as const),
    ),
  json: editJson,
  env: ({ text }, changes) => editLines(text, changes, (key) => new RegExp(`^(\\s*(?:export\\s+)?${escaped(key)}\\s*=\\s*)`), quoted),
  // Without a section, as INI files for one program have them; the rest is refused by the look afterwards.
  ini: ({ text }, changes) => editLines(text, changes, (key) => new RegExp(`^(\\s*${escaped(key)}\\s*=\\s*)`), String),
  text: () => null,
};

function editJson({ text, value }: ConfigText, changes: Changes): string {
  const copy = structuredClone(value) as Record<string, unknown>;
  for (const [key, to] of changes) setAt(copy, pathOf(value, key), to);
  const indent = /\n([ \t]+)"/.exec(text)?.[1] ?? (text.includes('\n') ? '  ' : '');
  return `${JSON.stringify(copy, null, indent)}${/\s*$/.exec(text)?.[0] ?? ''}`;
}

function editLines(text: string, changes: Changes, head: (key: string) => RegExp, write: (value: unknown) => string): string | null {
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.split(/\r?\n/);
  for (const [key, to] of changes) {
    const at = lines.findIndex((line) => head(key).test(line));
    if (typeof to === 'object') return null;
    if (to === undefined) lines.splice(at, at < 0 ? 0 : 1);
    else if (at < 0) lines.splice(lines.at(-1) === '' ? lines.length - 1 : lines.length, 0, `${key}=${write(to)}`);
    else lines[at] = `${head(key).exec(lines[at] ?? '')?.[1] ?? ''}${write(to)}`;
  }
  return lines.join(end);
}

/** Where the option is written now: a key may have dots itself. */
function pathOf(value: unknown, key: string): string[] {
  const parts = key.split('.');
  for (let taken = parts.length; taken >= 1; taken -= 1) {
    const name = parts.slice(0, taken).join('.');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) continue;
    return taken === parts.length ? [name] : [name, ...pathOf((value as Record<string, unknown>)[name], parts.slice(taken).join('.'))];
  }
  return parts;
}

function setAt(root: Record<string, unknown>, path: readonly string[], to: unknown): void {
  let at = root;
  for (const name of path.slice(0, -1)) {
    if (typeof at[name] !== 'object' || at[name] === null) at[name] = {};
    at = at[name] as Record<string, unknown>;
  }
  const last = path.at(-1) ?? '';
  if (to === undefined) delete at[last];
  else at[last] = to;
}

function keepsTheRest(before: ConfigText, text: string, values: ReadonlyMap<string, unknown>, path: string): boolean {
  let after: ConfigText;
  try {
    after = parseConfig(text, before.format, path);
  } catch {
    return false;
  }
  for (const [key, value] of values) if (!isSame(valueAt(after, key), value)) return false;
  const isRest = (option: string) =>
    ![...values.keys()].some((key) => option === key || option.startsWith(`${key}.`) || key.startsWith(`${option}.`));
  const [was, is] = [optionsOf(before).filter(isRest), optionsOf(after).filter(isRest)];
  return was.length === is.length && was.every((option) => isSame(valueAt(before, option), valueAt(after, option)));
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function quoted(value: unknown): string {
  const text = String(value);
  return /^[\w./:@+-]*$/.test(text) ? text : text.includes("'") ? `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"` : `'${text}'`;
}

function escaped(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}
