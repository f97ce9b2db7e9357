import { type ReactNode, useState } from 'react';
import type { FailureData } from '../../../../electron/api/failure.ts';
import type { MethodInput, OperationName } from '../../../../electron/api/methods.ts';
import type { Unlocked } from '../../../../electron/api/safekeeping.ts';
import { useBegin } from '../../../components/use-begin.ts';
import { useStores } from '../../../store/use-stores.ts';
import { UnlockDialog } from './unlock-dialog.tsx';

interface BeginOpen {
  begin: <O extends OperationName>(method: O, input: MethodInput<O>) => Promise<void>;
  busy: boolean;
  failure: FailureData | null;
  /** Asks for the key; to be shown with the rest. */
  question: ReactNode;
}

/** As `useBegin`, for what reads a backup: where its key is not known, it is asked for, and then begun. */
export function useBeginOpen(backup: string): BeginOpen {
  const { client } = useStores();
  const { begin, busy, failure } = useBegin();
  const [asked, setAsked] = useState<{ lock: Unlocked; again: () => Promise<void> } | null>(null);
  const beginOpen: BeginOpen['begin'] = async (method, input) => {
    const refusal = await begin(method, input);
    if (refusal?.code !== 'needs-key' && refusal?.code !== 'wrong-key') return;
    const answer = await client.call('unlock', { backup });
    if (answer.ok && !answer.result.open) setAsked({ lock: answer.result, again: () => beginOpen(method, input) });
  };
  const question =
    asked === null ? null : (
      <UnlockDialog
        lock={asked.lock}
        onOpen={() => {
          setAsked(null);
          void asked.again();
        }}
        onClose={() => setAsked(null)}
      />
    );
  return { begin: beginOpen, busy, failure: asked === null ? failure : null, question };
}
