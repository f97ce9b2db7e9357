import { PlanDialog } from '../../../components/plan-dialog.tsx';
import { useBegin } from '../../../components/use-begin.ts';
import { commandLine } from '../../../wording/command-line.ts';

/** Asks whether to return to what a backup holds, and says what that costs. `input` is a backup's id or file. */
export function RestoreDialog({ install, input, onClose }: { install: string; input: string; onClose: () => void }) {
  const { begin, busy, failure } = useBegin();
  return (
    <PlanDialog
      title={`Restore ${install} from this backup?`}
      ask={{ install, action: 'restore', input }}
      install={install}
      wish="Restore"
      command={commandLine('restore', { install, input })}
      busy={busy}
      failure={failure}
      onAgree={(plan) => void begin('restore', { install, input, digest: plan.digest })}
      onClose={onClose}
    />
  );
}
