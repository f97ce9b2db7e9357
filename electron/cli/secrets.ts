/**
 * Passphrases and keys on the command line. Never an argument: a process list shows those to everybody. They come from a question, from a
 * file, or from a pipe, go to the engine once, and are not kept.
 */
import { readFile } from 'node:fs/promises';
import { Failure } from '../api/failure.ts';
import { ask, type Context, type Given, type OptionSpec } from './command.ts';
import { cancelled, CommandFailure } from './command-failure.ts';
import { absolutePath } from './paths.ts';

/** What opens an encrypted backup. */
export const openingOptions: OptionSpec[] = [
  { flags: '--identity-file <file>', text: "the key that opens it, in age's form; - for the standard input", kind: 'path' },
  { flags: '--passphrase-file <file>', text: 'a file whose first line is its passphrase; - for the standard input', kind: 'path' },
  { flags: '--passphrase', text: 'ask for its passphrase' },
];

/** Does what needs the contents of a backup: opens it with the keys that were given, or asks when it turns out to take a passphrase. */
export async function withKeys<Done>(context: Context, given: Given, backup: string, work: () => Promise<Done>): Promise<Done> {
  const keys = await keysGiven(context, given, false);
  if (Object.keys(keys).length > 0) await ask(context, 'unlock', { backup, ...keys });
  try {
    return await work();
  } catch (error) {
    const { code, details } = error instanceof CommandFailure ? error.failure : { code: null, details: undefined };
    if (code !== 'needs-key' || details?.['passphrase'] !== true || !context.screen.canAsk) throw error;
    await ask(context, 'unlock', { backup, passphrase: await askPassphrase(context, false) });
    return work();
  }
}

/** The keys that the options name, as the engine takes them. */
export async function keysGiven(context: Context, given: Given, twice: boolean): Promise<{ passphrase?: string; identities?: string[] }> {
  const { identityFile, passphraseFile } = given;
  const identities = typeof identityFile === 'string' ? { identities: await identitiesFrom(context, identityFile) } : {};
  if (typeof passphraseFile === 'string')
    return { ...identities, passphrase: firstLine(await contentOf(context, passphraseFile), passphraseFile) };
  return given['passphrase'] === true ? { ...identities, passphrase: await askPassphrase(context, twice) } : identities;
}

/** Public keys from an option with commas between them, and from a file of lines. */
export async function recipientsGiven(context: Context, given: Given): Promise<string[]> {
  const { recipient, recipientsFile } = given;
  const typed = typeof recipient === 'string' ? recipient.split(',') : [];
  const listed = typeof recipientsFile === 'string' ? linesOf(await contentOf(context, recipientsFile)) : [];
  return [...typed, ...listed].map((text) => text.trim()).filter((text) => text !== '');
}

/** Twice where something is to be locked with it: what was mistyped once would never open again. */
async function askPassphrase(context: Context, twice: boolean): Promise<string> {
  const { screen, interrupts } = context;
  try {
    const passphrase = await screen.askSecret(['Passphrase:'], interrupts.signal);
    if (passphrase === null && screen.canAsk) throw cancelled();
    if (passphrase === null || passphrase === '') throw new Failure('bad-input', 'No passphrase was given.');
    if (!twice) return passphrase;
    const again = await screen.askSecret(['The same again:'], interrupts.signal);
    if (again === passphrase) return passphrase;
    if (again === null && screen.canAsk) throw cancelled();
    throw new Failure('bad-input', 'The passphrases are not the same. Nothing was encrypted.');
  } finally {
    await screen.endSecrets();
  }
}

async function identitiesFrom(context: Context, file: string): Promise<string[]> {
  const found = linesOf(await contentOf(context, file));
  if (found.length === 0 || found.some((line) => !line.startsWith('AGE-SECRET-KEY-'))) {
    throw new Failure('bad-input', `${file} is no key file: its lines begin with AGE-SECRET-KEY-1, or with # for a comment.`);
  }
  return found;
}

async function contentOf(context: Context, file: string): Promise<string> {
  try {
    return file === '-' ? await context.screen.readInput() : await readFile(absolutePath(file, context.folder), 'utf8');
  } catch (error) {
    throw new Failure('bad-input', `${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'an error'}.`);
  }
}

function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function firstLine(text: string, file: string): string {
  const [line = ''] = text.split(/\r?\n/);
  if (line === '') throw new Failure('bad-input', `There is no passphrase in the first line of ${file}.`);
  return line;
}
