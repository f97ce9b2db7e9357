/**
 * Changes a config file of a copy, so that it works with its own places and its own port. A product's own config file is never written:
 * this is for what was unpacked elsewhere.
 */
import { Failure } from '../../api/failure.ts';
import { moveYaml } from '../product/yaml-move.ts';
import type { ConfigFile } from '../product/schema.ts';
import { configParsers } from './config-formats.ts';

export interface ConfigMove {
  /** Dotted keys with their new values; a key that is not there is added. */
  set: ReadonlyMap<string, string | number>;
  /** Old paths and what stands in their place, in every value that is one of them or something below it. */
  paths: readonly (readonly [from: string, to: string])[];
}

/** The text with the changes made. Throws `bad-config` for one that cannot be read, `unsupported` where a plain text should get a value. */
export function moveConfig(text: string, format: ConfigFile['format'], move: ConfigMove, path: string): string {
  const parsed = configParsers[format](text);
  if ('what' in parsed) throw new Failure('bad-config', `${path}:${parsed.line}:${parsed.column} cannot be read: ${parsed.what}`);
  const [first] = move.set.keys();
  switch (format) {
    case 'yaml':
      return moveYaml(text, move.set, (value) => elsewhere(value, move.paths));
    case 'json':
      return `${JSON.stringify(editData(parsed.value, move), null, 2)}\n`;
    case 'env':
      return editLines(text, move, (name, value) => `${name}=${JSON.stringify(String(value))}`);
    case 'ini':
      return editLines(text, move, (name, value) => `${name} = ${value}`);
    default:
      if (first !== undefined) throw new Failure('unsupported', `${path} is plain text, so "${first}" cannot be set in it`);
      return pathsInText(text, move.paths);
  }
}

/** A path moved to its new place; anything else as it is. */
function elsewhere(value: string, paths: ConfigMove['paths']): string {
  for (const [from, to] of paths) if (value === from || value.startsWith(`${from}/`)) return to + value.slice(from.length);
  return value;
}

/** Paths wherever they stand in a text, but not as the beginning of a longer name. */
function pathsInText(text: string, paths: ConfigMove['paths']): string {
  return paths.reduce((changed, [from, to]) => {
    const pattern = new RegExp(`${from.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}(?![\\w.-])`, 'g');
    return changed.replaceAll(pattern, () => to);
  }, text);
}

function editData(value: unknown, move: ConfigMove): unknown {
  const moved = (inner: unknown): unknown => {
    if (typeof inner === 'string') return elsewhere(inner, move.paths);
    if (Array.isArray(inner)) return inner.map(moved);
    if (!isMap(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, below]) => [key, moved(below)]));
  };
  const root = moved(value);
  for (const [key, wanted] of move.set) {
    let map = isMap(root) ? root : {};
    const parts = key.split('.');
    for (let at = 0; at < parts.length;) {
      const rest = parts.slice(at);
      const taken = Math.max(1, rest.findIndex((_, index) => Object.hasOwn(map, rest.slice(0, index + 1).join('.'))) + 1);
      const name = rest.slice(0, taken).join('.');
      at += taken;
      if (at === parts.length) map[name] = wanted;
      else {
        const below: unknown = map[name];
        const next: Record<string, unknown> = isMap(below) ? below : {};
        map[name] = next;
        map = next;
      }
    }
  }
  return root;
}

/** `NAME=value` and `[section]` with `key = value`; a key with a dot is in the section before the dot. */
function editLines(text: string, move: ConfigMove, written: (name: string, value: string | number) => string): string {
  const left = new Map(move.set);
  let section = '';
  const lines = pathsInText(text, move.paths)
    .split('\n')
    .map((line) => {
      section = /^\s*\[([^\]]+)\]/.exec(line)?.[1]?.trim() ?? section;
      const name = /^\s*(?:export\s+)?([\w.-]+)\s*[=:]/.exec(line)?.[1];
      const key = name === undefined ? undefined : section === '' ? name : `${section}.${name}`;
      if (name === undefined || key === undefined || !left.has(key)) return line;
      const value = left.get(key) as string | number;
      left.delete(key);
      return written(name, value);
    });
  // What was not there comes first, where no section has begun yet.
  return [...[...left].map(([key, value]) => written(key, value)), ...lines].join('\n');
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
