/** An install of the sample as a person uses it: set up through `moult`, signed in to, written to. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { World } from './moult.ts';
import { askSprig, freePort, signIn } from './sprig.ts';

export interface SprigInstall {
  home: string;
  port: number;
  password: string;
  /** A session of the browser, from the first sign-in. */
  token: string;
  ask: (path: string, more?: { method?: string; body?: unknown; token?: string }) => ReturnType<typeof askSprig>;
  write: (name: string, text: string, tags?: string[]) => Promise<void>;
  /** The texts and tags of all notes, as the server tells them. */
  notes: () => Promise<Record<string, { text: string; tags: string[] }>>;
  /** What `/healthz` tells; null where nothing answers. */
  health: () => Promise<{ status: string; version: string; build: string; schema: string } | null>;
}

/** Sets up a release, signs in with the password of the first login, and gives what a test needs to use it. */
export async function setUpSprig(
  world: World,
  release: string,
  name: string = 'sprig',
  more: readonly string[] = [],
): Promise<SprigInstall> {
  const home = world.home(name);
  const port = await freePort();
  await world.must(['set-up', 'sprig', '--release', release, '--home', home, '--port', String(port), '--name', name, ...more]);
  const password = await firstPassword(home);
  return useSprig(home, port, password, await signIn(port, password));
}

/** The password that a set-up made. */
export async function firstPassword(home: string): Promise<string> {
  const found = /^password: (.+)$/m.exec(await readFile(join(home, 'first-login.txt'), 'utf8'))?.[1];
  if (found === undefined) throw new Error('first-login.txt holds no password');
  return found;
}

export function useSprig(home: string, port: number, password: string, token: string): SprigInstall {
  const ask: SprigInstall['ask'] = async (path, more = {}) => askSprig(port, path, { token, ...more });
  return {
    home,
    port,
    password,
    token,
    ask,
    write: async (name, text, tags) => {
      const { status } = await ask(`/api/notes/${encodeURIComponent(name)}`, { method: 'PUT', body: { text, ...(tags && { tags }) } });
      if (status !== 200) throw new Error(`writing the note ${name} was answered with ${status}`);
    },
    notes: async () => {
      const list = (await ask('/api/notes')).value as { name: string; tags: string[] }[];
      const texts = await Promise.all(
        list.map(async ({ name }) => ((await ask(`/api/notes/${encodeURIComponent(name)}`)).value as { text: string }).text),
      );
      return Object.fromEntries(list.map(({ name, tags }, index) => [name, { text: texts[index] ?? '', tags }]));
    },
    health: async () =>
      askSprig(port, '/healthz').then(
        ({ value }) => value as { status: string; version: string; build: string; schema: string },
        () => null,
      ),
  };
}
