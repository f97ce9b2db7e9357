import { type ReactNode, useEffect, useState } from 'react';
import type { Unlocked } from '../../../../electron/api/safekeeping.ts';
import { useStores } from '../../../store/use-stores.ts';
import { UnlockDialog } from './unlock-dialog.tsx';

/** Shows what needs the contents of a backup once it can be read; asks for its key or passphrase where that is not known. */
export function WhenOpen({ backup, onClose, children }: { backup: string; onClose: () => void; children: ReactNode }) {
  const { client } = useStores();
  const [lock, setLock] = useState<Unlocked | null>(null);
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    let isGone = false;
    void client.call('unlock', { backup }).then((answer) => {
      if (isGone) return;
      // What is wrong with the file, its plan says better.
      if (!answer.ok || answer.result.open) setOpen(true);
      else setLock(answer.result);
    });
    return () => {
      isGone = true;
    };
  }, [client, backup]);
  if (isOpen) return children;
  return lock === null ? null : <UnlockDialog lock={lock} onOpen={() => setOpen(true)} onClose={onClose} />;
}
