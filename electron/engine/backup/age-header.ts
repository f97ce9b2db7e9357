/**
 * The header of an age file: who can open it. Made and opened by the library of age's author; the payload is not, because the library
 * reads it from its beginning to its end only, and a backup is read at random and by several threads.
 */
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient, Stanza, type Identity } from 'age-encryption';
import { Failure } from '../../api/failure.ts';
import { nonceBytes, tagBytes, unwrapWithPassphrase, wrapWithPassphrase } from '../platform/sealing.ts';
import { fits, takesPassphrase, type Keys, type Lock } from './age-outside.ts';

/**
 * A new header, and the key of the file it belongs to. The passphrase is tried on the header before anything is encrypted under it.
 */
export async function makeHeader(lock: Lock): Promise<{ header: Buffer; fileKey: Uint8Array }> {
  const encrypter = new Encrypter();
  let captured: Uint8Array | null = null;
  const recipients = 'recipients' in lock ? lock.recipients : [];
  for (const recipient of recipients) addRecipient(encrypter, recipient);
  // Learns the key that the others are wrapped around; a passphrase stands alone in its header.
  encrypter.addRecipient({
    wrapFileKey: (fileKey) => {
      captured = Uint8Array.from(fileKey);
      return 'passphrase' in lock ? [passphraseStanza(fileKey, lock.passphrase)] : [];
    },
  });
  const empty = Buffer.from(await encrypter.encrypt(new Uint8Array()));
  const header = Buffer.from(empty.subarray(0, empty.length - nonceBytes - tagBytes));
  const fileKey = 'passphrase' in lock ? await openHeader(header, { passphrases: [lock.passphrase], identities: [] }) : captured;
  if (fileKey === null || !fits(fileKey, header)) throw new Failure('internal', 'a header was made that its own key does not open');
  return { header, fileKey };
}

/** The key of the file, when one of the keys opens it; else null. */
export async function openHeader(header: Buffer, keys: Keys): Promise<Uint8Array | null> {
  const attempts = takesPassphrase(header)
    ? keys.passphrases.map((passphrase) => (decrypter: Decrypter) => decrypter.addIdentity(passphraseIdentity(passphrase)))
    : keys.identities.map((identity) => (decrypter: Decrypter) => decrypter.addIdentity(identity));
  for (const add of attempts) {
    const decrypter = new Decrypter();
    try {
      add(decrypter);
      return await decrypter.decryptHeader(header);
    } catch {
      // The library says of a wrong key what it says of a broken one; the next one may fit.
    }
  }
  return null;
}

/** As age itself: about a second of a fast core, and 256 MiB. */
const workFactor = 18;
/** What a file may ask for: 1 GiB. A file that asks for more was made to stop who opens it. */
const mostWork = 20;

function passphraseStanza(fileKey: Uint8Array, passphrase: string): Stanza {
  const { salt, body } = wrapWithPassphrase(fileKey, passphrase, workFactor);
  return new Stanza(['scrypt', Buffer.from(salt).toString('base64').replaceAll('=', ''), String(workFactor)], body);
}

function passphraseIdentity(passphrase: string): Identity {
  return {
    unwrapFileKey: ([stanza, ...others]) => {
      const [type, salt = '', work = ''] = stanza?.args ?? [];
      if (stanza === undefined || type !== 'scrypt' || others.length > 0 || !/^[1-9]\d?$/.test(work) || Number(work) > mostWork)
        return null;
      return unwrapWithPassphrase(stanza.body, passphrase, Buffer.from(salt, 'base64'), Number(work));
    },
  };
}

/** A new key pair. */
export async function newIdentity(): Promise<{ identity: string; recipient: string }> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** The public part of a key; throws `bad-input` for what is none. Never quotes it. */
export async function recipientOf(identity: string): Promise<string> {
  return identityToRecipient(identity).catch(() => {
    throw new Failure('bad-input', 'A key is a line that begins with AGE-SECRET-KEY-1; one of those given is none, or is mistyped.');
  });
}

/** Throws `bad-input` when it is not the public part of a key. */
export function checkRecipient(recipient: string): void {
  addRecipient(new Encrypter(), recipient);
}

function addRecipient(encrypter: Encrypter, recipient: string): void {
  try {
    encrypter.addRecipient(recipient);
  } catch {
    const shown = recipient.startsWith('AGE-SECRET-KEY')
      ? 'a secret key was given where its public part belongs'
      : `"${recipient}" is none`;
    throw new Failure('bad-input', `The public part of a key looks like age1…; ${shown}.`, {
      remedy: { action: 'show-help', text: 'Make a key; its public part is printed.', command: 'moult encryption --new-key FILE' },
    });
  }
}
