/**
 * Reads a product's config files. It never writes them, and no sentence of it holds a value: a login and a signing secret live there.
 */
import { Failure } from '../../api/failure.ts';
import { followOrNull, readBytes } from '../platform/files.ts';
import type { ConfigFile } from '../product/schema.ts';
import { configParsers } from './config-formats.ts';

export interface ConfigText {
  format: ConfigFile['format'];
  text: string;
  /** What the file says; for the format `text` the text itself. */
  value: unknown;
}

/** Longest config file that is read, in bytes. */
const longest = 4 * 1024 * 1024;

/** The file's content; null where there is none. Throws `bad-config` naming file, line and column, and `io` where it cannot be read. */
export async function readConfig(path: string, format: ConfigFile['format']): Promise<ConfigText | null> {
  const stats = await followOrNull(path).catch(cannotRead(path));
  if (stats === null) return null;
  if (!stats.isFile()) throw refuse(path, null, 'is not a file');
  if (stats.size > longest) throw refuse(path, null, `is ${stats.size} bytes long; config files are read up to ${longest}`);
  return parseConfig(decode(await readBytes(path).catch(cannotRead(path)), path), format, path);
}

/** The same for a text that is already at hand; `path` is only named in messages. */
export function parseConfig(text: string, format: ConfigFile['format'], path: string): ConfigText {
  const parsed = configParsers[format](text);
  if ('what' in parsed) throw refuse(path, parsed, parsed.what);
  return { format, text, value: parsed.value };
}

/**
 * The value of an option, `undefined` where there is none. `admin.password_hash` is the key `password_hash` inside `admin`; a key that
 * has dots itself is found too.
 */
export function valueAt(config: ConfigText, key: string): unknown {
  return descend(config.value, key.split('.'));
}

/** Dotted names of all options that hold a value; lists are values. */
export function optionsOf(config: ConfigText): string[] {
  return [...leaves(config.value, '')];
}

function* leaves(value: unknown, path: string): Generator<string> {
  if (!isMap(value) || (Object.keys(value).length === 0 && path !== '')) {
    if (path !== '') yield path;
    return;
  }
  for (const [key, below] of Object.entries(value)) yield* leaves(below, path === '' ? key : `${path}.${key}`);
}

function descend(value: unknown, parts: readonly string[]): unknown {
  if (parts.length === 0) return value;
  if (!isMap(value)) return undefined;
  for (let taken = 1; taken <= parts.length; taken += 1) {
    const key = parts.slice(0, taken).join('.');
    const found = Object.hasOwn(value, key) ? descend(value[key], parts.slice(taken)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refuse(path, null, 'is not UTF-8 text');
  }
}

function refuse(path: string, place: { line: number; column: number } | null, what: string): Failure {
  const where = place === null ? path : `${path}:${place.line}:${place.column}`;
  return new Failure('bad-config', place === null ? `${where} ${what}` : `${where} cannot be read: ${what}`, {
    remedy: { action: 'edit-config', text: 'Correct the file, or restore it from a backup.' },
    details: { path, ...place, what },
  });
}

function cannotRead(path: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    throw new Failure('io', `${path} cannot be read: ${error.code === 'EACCES' ? 'permission denied' : (error.code ?? error.message)}`, {
      cause: error,
    });
  };
}
