/** The person of the story: signs in to the sample and writes notes through its HTTP interface, as a browser would. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface SprigSession {
  user: string;
  token: string;
}

/** Seconds that an answer may take. */
const limit = 10;

/** Signs in with the first login, which Sprig leaves in its home and removes afterwards. */
export async function signIn(address: string, home: string): Promise<SprigSession> {
  const text = await readFile(join(home, 'first-login.txt'), 'utf8');
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1] ?? '';
  const answer = await request(`${address}/login`, {
    method: 'POST',
    body: JSON.stringify({ user: field('user'), password: field('password') }),
  });
  if (answer.status !== 200) throw new Error(`Sprig refused the first login: ${answer.status}`);
  return (await answer.json()) as SprigSession;
}

/** Whether a session is believed. */
export async function isSignedIn(address: string, session: SprigSession): Promise<boolean> {
  return (await request(`${address}/api/me`, {}, session)).status === 200;
}

export async function writeNote(address: string, session: SprigSession, name: string, text: string, tags: string[]): Promise<void> {
  const answer = await request(
    `${address}/api/notes/${encodeURIComponent(name)}`,
    { method: 'PUT', body: JSON.stringify({ text, tags }) },
    session,
  );
  if (answer.status !== 200) throw new Error(`Sprig did not take the note ${name}: ${answer.status} ${await answer.text()}`);
}

/** The names of the notes that Sprig shows, in their order. */
export async function noteNames(address: string, session: SprigSession): Promise<string[]> {
  const answer = await request(`${address}/api/notes`, {}, session);
  if (answer.status !== 200) throw new Error(`Sprig does not show its notes: ${answer.status}`);
  return ((await answer.json()) as { name: string }[]).map((note) => note.name).sort();
}

async function request(url: string, options: RequestInit, session?: SprigSession): Promise<Response> {
  const headers = session === undefined ? {} : { authorization: `Bearer ${session.token}` };
  return fetch(url, { ...options, headers, signal: AbortSignal.timeout(limit * 1000) });
}
