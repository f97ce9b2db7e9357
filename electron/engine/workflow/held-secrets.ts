/**
 * Secrets that a person gave for one operation, in the memory of this process only. An operation's data, its journal and its events name
 * them by a random number; after a kill they are gone, and what was begun with them is undone.
 */
import { Failure } from '../../api/failure.ts';
import { randomId } from '../platform/random.ts';

const held = new Map<string, string>();

/** Holds a secret until it is taken; answers its name. */
export function holdSecret(secret: string): string {
  const name = randomId(16);
  held.set(name, secret);
  return name;
}

/** The secret of that name, once. */
export function takeHeld(name: string): string {
  const secret = held.get(name);
  held.delete(name);
  if (secret === undefined) {
    throw new Failure('bad-input', 'The passphrase is not known any more; type it again.', {
      remedy: { action: 'give-key', text: 'Begin again, and type the passphrase twice.' },
    });
  }
  return secret;
}
