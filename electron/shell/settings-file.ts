/**
 * What the desktop app remembers by itself: a small JSON file in its own folder, 0600 because a webhook's address is often a secret.
 * A file that cannot be understood is put aside, never thrown away.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

const place = z.object({ x: z.number(), y: z.number(), width: z.number().min(100), height: z.number().min(100), maximized: z.boolean() });

const remembered = z.object({
  version: z.literal(1),
  startAtLogin: z.boolean().default(false),
  keepInTray: z.boolean().default(true),
  checkForUpdates: z.boolean().default(true),
  webhook: z.string().nullable().default(null),
  place: place.nullable().default(null),
  /** Whether a person was told that closing the window leaves Moult in the tray. */
  toldOfTray: z.boolean().default(false),
  /** By install: the newest release that a notification told of. */
  toldOf: z.record(z.string(), z.string()).default({}),
});

export type WindowPlace = z.output<typeof place>;
export type Remembered = z.output<typeof remembered>;

export interface SettingsFile {
  readonly current: Remembered;
  /** Changes some of it, at once for readers and soon on disk. Rejects when it cannot be written. */
  change(part: Partial<Remembered>): Promise<void>;
  /** Waits for what is being written. */
  settled(): Promise<void>;
}

export async function openSettingsFile(path: string): Promise<SettingsFile> {
  let current = await read(path);
  let writing: Promise<void> = Promise.resolve();
  return {
    get current() {
      return current;
    },
    change(part) {
      current = { ...current, ...part };
      // One after the other, each with the newest state.
      writing = writing.catch(() => undefined).then(() => write(path, current));
      return writing;
    },
    settled: () => writing.catch(() => undefined),
  };
}

async function read(path: string): Promise<Remembered> {
  const text = await readFile(path, 'utf8').catch(() => null);
  const usual = remembered.parse({ version: 1 });
  if (text === null) return usual;
  const parsed = remembered.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  await rename(path, `${path}.not-understood`).catch(() => undefined);
  return usual;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

async function write(path: string, value: Remembered): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
