import { useState } from 'react';
import type { FailureData } from '../../electron/api/failure.ts';
import type { Result } from '../../electron/api/result.ts';

/** A small change that is made at once: whether it is being made, and why it was refused. */
export function useChange(): {
  busy: boolean;
  failure: FailureData | null;
  change: (work: () => Promise<Result<unknown>>) => Promise<boolean>;
} {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<FailureData | null>(null);
  return {
    busy,
    failure,
    async change(work) {
      setBusy(true);
      setFailure(null);
      const answer = await work();
      setBusy(false);
      setFailure(answer.ok ? null : answer.error);
      return answer.ok;
    },
  };
}
