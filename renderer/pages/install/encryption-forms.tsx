/** The ways to say what backups are encrypted with: a new key, a key of one's own, a passphrase in a file. */
import { useState } from 'react';
import type { MethodInput } from '../../../electron/api/methods.ts';
import { Button } from '../../components/button.tsx';
import { CheckField } from '../../components/check-field.tsx';
import { Disclosure } from '../../components/disclosure.tsx';
import { Form } from '../../components/form.tsx';
import { PathField } from '../../components/path-field.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useChange } from '../../components/use-change.ts';
import { useStores } from '../../store/use-stores.ts';
import { keysIn } from '../../wording/public-keys.ts';

/** All three, the usual one first. */
export function EncryptionForms({ install }: { install: string }) {
  return (
    <>
      <NewKey install={install} />
      <Disclosure summary="Use a key of mine">{() => <OwnKey install={install} />}</Disclosure>
      <Disclosure summary="Use a passphrase in a file">{() => <PassphraseFile install={install} />}</Disclosure>
    </>
  );
}

/** Sets it and shows how it stands then. */
function useSetting(install: string) {
  const { client, encryption } = useStores();
  const { busy, failure, change } = useChange();
  const set = async (input: Omit<MethodInput<'setEncryption'>, 'install'>, before?: Parameters<typeof change>[0]): Promise<boolean> => {
    if (before !== undefined && !(await change(before))) return false;
    if (!(await change(() => client.call('setEncryption', { install, ...input })))) return false;
    await encryption.load({ install });
    return true;
  };
  return { busy, failure, set };
}

/** Makes a key in a file and encrypts for it. */
function NewKey({ install }: { install: string }) {
  const { client } = useStores();
  const { busy, failure, set } = useSetting(install);
  const [path, setPath] = useState('');
  return (
    <Form
      onSubmit={() => {
        if (path !== '') void set({ identityFiles: [path] }, () => client.call('makeKey', { path }));
      }}
      failure={failure}
      install={install}
    >
      <TextField
        label="File for a new key"
        hint="Moult writes a new key there that only you can read. Copy it to somewhere else afterwards."
        placeholder="/home/me/backup-key.txt"
        value={path}
        onChange={setPath}
        isPath
        required
      />
      <div className="row">
        <Button type="submit" kind="primary" busy={busy} disabled={path === ''}>
          Make a key and encrypt
        </Button>
      </div>
    </Form>
  );
}

/** A key that is there already. It is tried once; only its file's place is kept, and only if the person likes. */
function OwnKey({ install }: { install: string }) {
  const { busy, failure, set } = useSetting(install);
  const [file, setFile] = useState('');
  const [secret, setSecret] = useState('');
  const [keys, setKeys] = useState('');
  const recipients = keysIn(keys);
  const use = async (): Promise<void> => {
    const shown = { ...(file !== '' && { identityFiles: [file] }), ...(secret !== '' && { identities: [secret.trim()] }) };
    if (await set({ ...shown, ...(recipients.length > 0 && { recipients }) })) setSecret('');
  };
  return (
    <Form
      onSubmit={() => {
        if (file !== '' || secret !== '') void use();
      }}
      failure={failure}
      install={install}
    >
      <PathField
        label="Key file on this machine"
        hint="Moult remembers where it is, to restore and to drill by itself."
        choose="chooseBackup"
        placeholder="/home/me/backup-key.txt"
        value={file}
        onChange={setFile}
      />
      <TextField
        label="Or the key itself"
        hint="It is tried once and then forgotten; without it nothing is encrypted that nobody could open."
        type="password"
        autoComplete="off"
        placeholder="AGE-SECRET-KEY-1…"
        value={secret}
        onChange={setSecret}
      />
      <TextField
        label="Public keys that open the backups"
        hint="With spaces or commas between them; the key above has to be of one of them. Without any, that key alone opens them."
        placeholder="age1…"
        value={keys}
        onChange={setKeys}
        isPath
      />
      <div className="row">
        <Button type="submit" busy={busy} disabled={file === '' && secret === ''}>
          Try it and encrypt
        </Button>
      </div>
    </Form>
  );
}

/** For backups that are made with nobody there. */
function PassphraseFile({ install }: { install: string }) {
  const { busy, failure, set } = useSetting(install);
  const [file, setFile] = useState('');
  const [isElsewhere, setElsewhere] = useState(false);
  return (
    <Form
      onSubmit={() => {
        if (file !== '') void set({ passphraseFile: file, ...(isElsewhere && { keptElsewhere: true }) });
      }}
      failure={failure}
      install={install}
    >
      <PathField
        label="File with the passphrase"
        hint="Its first line is the passphrase. Only you may be able to read it, and it has to stay there."
        choose="chooseBackup"
        placeholder="/home/me/backup-passphrase.txt"
        value={file}
        onChange={setFile}
        required
      />
      <CheckField checked={isElsewhere} onChange={setElsewhere}>
        I keep the passphrase in another place too
      </CheckField>
      <div className="row">
        <Button type="submit" busy={busy} disabled={file === ''}>
          Encrypt with it
        </Button>
      </div>
    </Form>
  );
}
