import { badArchive } from './archive-rules.ts';

export interface PaxValues {
  path?: string;
  linkpath?: string;
  size?: number;
  /** Seconds since 1970. */
  mtime?: number;
}

const newline = 0x0a;
const space = 0x20;

/**
 * The records `<length> <key>=<value>\n` of a pax extended header (POSIX.1-2024, pax, "pax Extended Header"), to the letter: node-tar's own
 * parser passes over records that do not fit, and then two programs see two names. Sparse files are refused, other keys are not needed.
 */
export function parsePax(bytes: Buffer, name: string): PaxValues {
  const values: Record<string, string> = {};
  for (let at = 0; at < bytes.length;) {
    const gap = bytes.indexOf(space, at);
    const digits = gap === -1 ? '' : bytes.toString('latin1', at, gap);
    const end = at + Number(digits);
    const isWhole = /^[1-9]\d{0,7}$/.test(digits) && end > gap && end <= bytes.length && bytes[end - 1] === newline;
    const record = isWhole ? bytes.toString('utf8', gap + 1, end - 1) : '';
    const equals = record.indexOf('=');
    if (equals < 1) throw badArchive(name, 'its pax header is damaged');
    const key = record.slice(0, equals);
    if (key.startsWith('GNU.sparse') || key.startsWith('SCHILY.sparse') || key === 'SCHILY.realsize')
      throw badArchive(name, 'it is a sparse file, which no release needs');
    if (key in values && ['path', 'linkpath', 'size'].includes(key)) throw badArchive(name, `its pax header gives two values for ${key}`);
    values[key] = record.slice(equals + 1);
    at = end;
  }
  return pick(values, name);
}

/** An empty value takes a key back. */
function pick(values: Record<string, string>, name: string): PaxValues {
  const { path, linkpath, size, mtime } = values;
  if (size !== undefined && size !== '' && !/^\d{1,16}$/.test(size)) throw badArchive(name, `its size "${size}" is no number of bytes`);
  return {
    ...(path && { path }),
    ...(linkpath && { linkpath }),
    ...(size && { size: Number(size) }),
    ...(mtime && Number.isFinite(Number(mtime)) && { mtime: Number(mtime) }),
  };
}
