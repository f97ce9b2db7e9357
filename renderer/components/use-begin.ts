import { useState } from 'react';
import type { FailureData } from '../../electron/api/failure.ts';
import type { MethodInput, OperationName } from '../../electron/api/methods.ts';
import { goTo } from '../route/use-route.ts';
import { addressOf } from '../route/route.ts';
import { useStores } from '../store/use-stores.ts';

interface Begin {
  /** Answers the refusal, or null when it has begun. */
  begin: <O extends OperationName>(method: O, input: MethodInput<O>) => Promise<FailureData | null>;
  busy: boolean;
  failure: FailureData | null;
}

/** Begins an operation and goes to its page; a refusal stays here, where the person pressed. */
export function useBegin(): Begin {
  const { client } = useStores();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<FailureData | null>(null);
  return {
    busy,
    failure,
    async begin(method, input) {
      setBusy(true);
      setFailure(null);
      const answer = await client.call(method, input);
      setBusy(false);
      if (answer.ok) goTo(addressOf({ page: 'operation', operation: (answer.result as { operation: string }).operation }));
      setFailure(answer.ok ? null : answer.error);
      return answer.ok ? null : answer.error;
    },
  };
}
