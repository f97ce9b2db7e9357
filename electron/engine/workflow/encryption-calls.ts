/** The calls about encryption: what is set, setting it, making a key, opening a backup for this process, holding a passphrase. */
import { resolve } from 'node:path';
import type { Api } from '../../api/methods.ts';
import { Failure } from '../../api/failure.ts';
import { newIdentity } from '../backup/age-header.ts';
import { mustUnlock, sealOf } from '../backup/unlock-backup.ts';
import { now } from '../platform/clock.ts';
import { exists, makeFolderDurably, writeDurably } from '../platform/files.ts';
import { dirname } from 'node:path';
import { encryptionSetting, encryptionState, setEncryptionSetting, settingFrom, tryOpen } from './encryption.ts';
import { holdSecret } from './held-secrets.ts';
import { findInstall, type Kit } from './kit.ts';

type EncryptionCalls = Pick<Api, 'encryption' | 'setEncryption' | 'makeKey' | 'unlock' | 'holdPassphrase'>;

export function encryptionCalls(kit: Kit): EncryptionCalls {
  return {
    encryption: async ({ install }) => encryptionState(kit, findInstall(kit, install).name),
    setEncryption: async ({ install, off, keptElsewhere, ...asked }) => {
      const { name } = findInstall(kit, install);
      const before = encryptionSetting(kit, name);
      const isNew =
        asked.recipients !== undefined ||
        asked.identityFiles !== undefined ||
        asked.identities !== undefined ||
        asked.passphraseFile !== undefined;
      if (off === true) setEncryptionSetting(kit, name, null);
      else if (!isNew && before !== null)
        setEncryptionSetting(kit, name, { ...before, keptElsewhere: keptElsewhere ?? before.keptElsewhere });
      else {
        const setting = await settingFrom({
          recipients: asked.recipients ?? [],
          identities: asked.identities ?? [],
          identityFiles: (asked.identityFiles ?? []).map((file) => resolve(file)),
          passphraseFile: asked.passphraseFile === undefined ? null : resolve(asked.passphraseFile),
          keptElsewhere: keptElsewhere ?? false,
        });
        setEncryptionSetting(kit, name, setting);
      }
      return encryptionState(kit, name);
    },
    makeKey: async ({ path }) => {
      const file = resolve(path);
      if (await exists(file)) {
        throw new Failure('bad-input', `${file} is there already; a key is never overwritten.`, {
          remedy: { action: 'choose-folder', text: 'Name another file.' },
        });
      }
      const { identity, recipient } = await newIdentity();
      await makeFolderDurably(dirname(file));
      await writeDurably(file, `# created: ${now()}\n# public key: ${recipient}\n${identity}\n`, 0o600);
      return { path: file, recipient };
    },
    unlock: async ({ backup, passphrase, identities }) => {
      const path = kit.registry.backups.find(backup)?.path ?? resolve(backup);
      const outside = await sealOf(path);
      if (outside === null) return { path, open: true, takes: null };
      const given = { passphrases: passphrase === undefined ? [] : [passphrase], identities: identities ?? [] };
      if (given.passphrases.length + given.identities.length > 0) await mustUnlock(path, given);
      return { path, open: await tryOpen(kit, path), takes: outside.takesPassphrase ? 'passphrase' : 'key' };
    },
    holdPassphrase: async ({ passphrase, again }) => {
      if (again !== undefined && again !== passphrase)
        throw new Failure('bad-input', 'The passphrases are not the same. Nothing was encrypted.');
      return { held: holdSecret(passphrase) };
    },
  };
}
