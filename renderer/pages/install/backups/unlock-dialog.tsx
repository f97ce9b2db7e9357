/** Asks for what opens an encrypted backup. It is held by the engine until it ends, and goes nowhere else. */
import { useState } from 'react';
import type { Unlocked } from '../../../../electron/api/safekeeping.ts';
import { Button } from '../../../components/button.tsx';
import { CopyablePath } from '../../../components/copyable.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Form } from '../../../components/form.tsx';
import { TextField } from '../../../components/text-field.tsx';
import { useChange } from '../../../components/use-change.ts';
import { useStores } from '../../../store/use-stores.ts';

export function UnlockDialog({ lock, onOpen, onClose }: { lock: Unlocked; onOpen: () => void; onClose: () => void }) {
  const { client } = useStores();
  const { busy, failure, change } = useChange();
  const [secret, setSecret] = useState('');
  const isPassphrase = lock.takes === 'passphrase';
  const unlock = async (): Promise<void> => {
    const keys = isPassphrase ? { passphrase: secret } : { identities: [secret.trim()] };
    if (await change(() => client.call('unlock', { backup: lock.path, ...keys }))) onOpen();
  };
  return (
    <Dialog title="This backup is encrypted" onClose={onClose}>
      <Form onSubmit={() => void unlock()} failure={failure}>
        <CopyablePath path={lock.path} />
        <TextField
          label={isPassphrase ? 'Its passphrase' : 'The key that it was locked for'}
          hint="It opens the backup for this Moult until it is closed, and is stored nowhere."
          type="password"
          autoComplete="off"
          placeholder={isPassphrase ? '' : 'AGE-SECRET-KEY-1…'}
          value={secret}
          onChange={setSecret}
          required
        />
        <div className="row">
          <Button type="submit" kind="primary" busy={busy} disabled={secret === ''}>
            Open it
          </Button>
          <Button onClick={onClose}>Leave it closed</Button>
        </div>
      </Form>
    </Dialog>
  );
}
