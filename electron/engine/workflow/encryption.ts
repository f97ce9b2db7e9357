/**
 * Encryption of an install's backups: for whom they are locked, and what opens them again. What is kept are public keys and the places of
 * files; never a passphrase, never a secret key. Keys that somebody types stay in the memory of the process that was given them.
 */
import { Failure } from '../../api/failure.ts';
import type { Backup } from '../../api/models.ts';
import type { EncryptionState } from '../../api/safekeeping.ts';
import { checkRecipient, recipientOf } from '../backup/age-header.ts';
import type { Keys, Lock } from '../backup/age-outside.ts';
import { knownKey } from '../backup/known-keys.ts';
import { needsKey, wrongKey } from '../backup/backup-failures.ts';
import { sealOf, unlockBackup } from '../backup/unlock-backup.ts';
import { now } from '../platform/clock.ts';
import { exists, followOrNull, readTextOrNull } from '../platform/files.ts';
import { platform } from '../platform/environment.ts';
import { loadKeptKeys } from './kept-keys.ts';
import { takeHeld } from './held-secrets.ts';
import type { Kit } from './kit.ts';

export interface EncryptionSetting {
  recipients: string[];
  /** Those of the recipients whose key was seen to open what is locked for them, and when. */
  rehearsed: Record<string, string>;
  /** For backups that are made with nobody there, when a passphrase is wanted instead of keys. */
  passphraseFile: string | null;
  /** Where keys are that open backups on this machine. */
  identityFiles: string[];
  /** The person says that a copy of the key or the passphrase is kept somewhere else. */
  keptElsewhere: boolean;
}

/** How the backup of an operation is locked, as the journal may know it. */
export type LockWish = { recipients: string[] } | { held: string } | null;

const settingName = (install: string) => `encryption:${install}`;

export function encryptionSetting(kit: Kit, install: string): EncryptionSetting | null {
  return kit.registry.setting<EncryptionSetting | null>(settingName(install), null);
}

export function setEncryptionSetting(kit: Kit, install: string, setting: EncryptionSetting | null): void {
  kit.registry.set(settingName(install), setting);
}

/** Whether the next backup of an install will be encrypted. */
export function isEncrypted(kit: Kit, install: string): boolean {
  return encryptionSetting(kit, install) !== null;
}

/**
 * What a file is to be locked with: what was asked for it, else what the install's setting says. Undefined for a file that is not named
 * `.age`; one that is named so and has nothing to be locked with is a failure.
 */
export async function lockFor(kit: Kit, install: string, to: string, wish: LockWish = null): Promise<Lock | undefined> {
  if (!to.endsWith('.age')) return undefined;
  if (wish !== null && 'recipients' in wish) return wish;
  if (wish !== null) return { passphrase: takeHeld(wish.held) };
  const setting = encryptionSetting(kit, install);
  const file = setting?.passphraseFile ?? null;
  if (file !== null) return { passphrase: await passphraseIn(file) };
  if (setting !== null) return { recipients: setting.recipients };
  throw new Failure('bad-input', `${to} is named like an encrypted backup, but nothing was said to encrypt it for.`, {
    remedy: { action: 'show-help', text: 'Say whom it is for, or leave out .age.', command: 'moult backup --help' },
  });
}

/** Makes a backup readable for this process, with what the settings name. Throws `needs-key` or `wrong-key` when that is not enough. */
export async function ensureOpen(kit: Kit, path: string): Promise<void> {
  const outside = await sealOf(path).catch(() => null);
  if (outside === null) return;
  // Another process may have made it since this one began.
  await loadKeptKeys(kit.moultHome);
  const keys = await keysOfSettings(kit);
  if (await unlockBackup(path, keys)) return;
  const tried = outside.takesPassphrase ? keys.passphrases : keys.identities;
  throw tried.length === 0 ? needsKey(path, outside.takesPassphrase) : wrongKey(path, outside.takesPassphrase);
}

/** As `ensureOpen`; false where it cannot be opened. */
export async function tryOpen(kit: Kit, path: string): Promise<boolean> {
  return ensureOpen(kit, path).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Failure && (error.code === 'needs-key' || error.code === 'wrong-key')) return false;
      throw error;
    },
  );
}

/** All keys that the settings lead to; files that are not there now are passed over: a key may be on a stick in a drawer. */
async function keysOfSettings(kit: Kit): Promise<Keys> {
  const settings = kit.registry.installs.all().flatMap((row) => encryptionSetting(kit, row.name) ?? []);
  const identities: string[] = [];
  for (const file of new Set(settings.flatMap((setting) => setting.identityFiles)))
    identities.push(...(await identitiesIn(file).catch(() => [])));
  const passphrases: string[] = [];
  for (const file of new Set(settings.flatMap(({ passphraseFile }) => passphraseFile ?? [])))
    passphrases.push(
      ...(await passphraseIn(file).then(
        (passphrase) => [passphrase],
        () => [],
      )),
    );
  return { identities, passphrases };
}

/** The secret keys in a file as age-keygen writes it: lines, with `#` for comments. */
export async function identitiesIn(path: string): Promise<string[]> {
  const text = await secretFile(path);
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const found = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (found[0]?.startsWith('age-encryption.org/') === true || found[0]?.startsWith('-----BEGIN AGE') === true) {
    throw new Failure('bad-input', `The key file ${path} is encrypted itself. Decrypt it with age first.`);
  }
  if (found.length === 0) throw new Failure('bad-input', `There is no key in ${path}.`);
  for (const identity of found) await recipientOf(identity);
  return found;
}

/** The first line of a file that nobody else may read. */
export async function passphraseIn(path: string): Promise<string> {
  const [line = ''] = (await secretFile(path)).split(/\r?\n/);
  if (line === '') throw new Failure('bad-input', `There is no passphrase in the first line of ${path}.`);
  return line;
}

async function secretFile(path: string): Promise<string> {
  const stats = await followOrNull(path);
  if (stats === null || !stats.isFile()) {
    throw new Failure('bad-input', `There is no file ${path}.`, {
      remedy: { action: 'choose-folder', text: 'Name the file that holds the key or the passphrase.' },
    });
  }
  if (platform() !== 'windows' && (stats.mode & 0o077) !== 0) {
    throw new Failure('bad-input', `Others may read ${path}, so what is in it is no secret.`, {
      remedy: { action: 'retry', text: 'Make it private, then try again.', command: `chmod 600 ${path}` },
    });
  }
  return (await readTextOrNull(path)) ?? '';
}

/** What a person is to know of the encryption of an install. */
export async function encryptionState(kit: Kit, install: string): Promise<EncryptionState> {
  const setting = encryptionSetting(kit, install);
  if (setting === null)
    return { install, by: null, recipients: [], passphraseFile: null, identityFiles: [], keyOnlyHere: false, keptElsewhere: false };
  const { recipients, rehearsed, passphraseFile, identityFiles, keptElsewhere } = setting;
  return {
    install,
    by: passphraseFile === null ? 'recipients' : 'passphrase',
    recipients: recipients.map((recipient) => ({ recipient, rehearsedAt: rehearsed[recipient] ?? null })),
    passphraseFile,
    identityFiles,
    keyOnlyHere: await isKeyOnlyHere(setting),
    keptElsewhere,
  };
}

/**
 * Whether all that is known to open the backups lies on this machine. A second recipient whose key is not among the files here counts as a
 * key elsewhere once it was tried; and so does the person's word.
 */
async function isKeyOnlyHere(setting: EncryptionSetting): Promise<boolean> {
  if (setting.keptElsewhere) return false;
  if (setting.passphraseFile !== null) return exists(setting.passphraseFile);
  const here = new Set<string>();
  for (const file of setting.identityFiles)
    for (const identity of await identitiesIn(file).catch(() => [])) here.add(await recipientOf(identity));
  const tried = setting.recipients.filter((recipient) => setting.rehearsed[recipient] !== undefined);
  return here.size > 0 && tried.every((recipient) => here.has(recipient));
}

/** A setting out of what a person asked for: every name is checked, and the key is tried before anything counts as encrypted. */
export async function settingFrom(asked: {
  recipients: readonly string[];
  identities: readonly string[];
  identityFiles: readonly string[];
  passphraseFile: string | null;
  keptElsewhere: boolean;
}): Promise<EncryptionSetting> {
  const { passphraseFile, keptElsewhere } = asked;
  const identityFiles = [...asked.identityFiles];
  if (passphraseFile !== null) {
    if (asked.recipients.length > 0) throw new Failure('bad-input', 'A backup is locked either with a passphrase or for keys, not both.');
    await passphraseIn(passphraseFile);
    return { recipients: [], rehearsed: {}, passphraseFile, identityFiles, keptElsewhere };
  }
  const identities = [...asked.identities];
  for (const file of identityFiles) identities.push(...(await identitiesIn(file)));
  const owned = new Set<string>();
  for (const identity of identities) owned.add(await recipientOf(identity));
  const recipients = asked.recipients.length > 0 ? [...new Set(asked.recipients)] : [...owned];
  for (const recipient of recipients) checkRecipient(recipient);
  const tried = recipients.filter((recipient) => owned.has(recipient));
  if (tried.length === 0) {
    throw new Failure(
      'needs-key',
      'Nobody has shown a key that opens what is locked for these recipients, so nothing is encrypted for them yet.',
      {
        remedy: {
          action: 'give-key',
          text: 'Show the key once, in a file or typed: it is tried, and not kept unless you say so.',
          command: 'moult encryption --identity-file FILE',
        },
      },
    );
  }
  const at = now();
  return {
    recipients,
    rehearsed: Object.fromEntries(tried.map((recipient) => [recipient, at])),
    passphraseFile: null,
    identityFiles,
    keptElsewhere,
  };
}

/** A list of backups, with what it takes to read each encrypted one. */
export async function withEncryption(kit: Kit, backups: readonly Backup[]): Promise<Backup[]> {
  const states = new Map<string, boolean>();
  const keys = await keysOfSettings(kit);
  const listed: Backup[] = [];
  for (const backup of backups) {
    const outside = backup.path.endsWith('.age') ? await sealOf(backup.path).catch(() => null) : null;
    if (outside === null) {
      listed.push({ ...backup, encryption: null });
      continue;
    }
    const takes = outside.takesPassphrase ? 'passphrase' : 'key';
    const keyOnlyHere = states.get(backup.install) ?? (await encryptionState(kit, backup.install)).keyOnlyHere;
    states.set(backup.install, keyOnlyHere);
    // A passphrase is not tried only to show a list: that takes seconds.
    const opensHere =
      knownKey(outside.sealId) !== null || (takes === 'passphrase' ? keys.passphrases.length > 0 : await unlockBackup(backup.path, keys));
    listed.push({ ...backup, encryption: { takes, opensHere, keyOnlyHere } });
  }
  return listed;
}
