/** Rows as JSON Lines in a new private file. For a worker: it blocks. */
import { closeFile, openNew, syncOpen, writeFrom } from '../platform/blocking-files.ts';
import { privateFile } from '../platform/files.ts';

/** Characters that are gathered before they are written. */
const gathered = 64 * 1024;

/** Writes what `fill` hands over, a line each, and makes it durable. Refuses where something stands already. */
export function writeJsonLines(path: string, fill: (line: (value: unknown) => void) => void): void {
  const file = openNew(path, privateFile);
  let waiting = '';
  let at = 0;
  const flush = () => {
    const bytes = Buffer.from(waiting);
    writeFrom(file, bytes, at);
    at += bytes.length;
    waiting = '';
  };
  try {
    fill((value) => {
      waiting += `${JSON.stringify(value, plain)}\n`;
      if (waiting.length >= gathered) flush();
    });
    flush();
    syncOpen(file);
  } finally {
    closeFile(file);
  }
}

/** What JSON has no word for: large integers as text, bytes in base64. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint')
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value);
  // A Buffer has turned itself into an object before it comes here.
  const isBytes = typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'Buffer';
  return isBytes ? { base64: Buffer.from((value as { data: number[] }).data).toString('base64') } : value;
}
