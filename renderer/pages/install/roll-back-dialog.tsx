import { Undo2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { PlanDialog } from '../../components/plan-dialog.tsx';
import { useBegin } from '../../components/use-begin.ts';
import { SinceBackup } from '../../plan/since-backup.tsx';
import { commandLine } from '../../wording/command-line.ts';

/** Opens the question whether to go back, with its price. */
export function RollBackButton({ install }: { install: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={<Undo2 size={16} aria-hidden="true" />} onClick={() => setOpen(true)}>
        Roll back …
      </Button>
      {open ? <RollBackDialog install={install} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function RollBackDialog({ install, onClose }: { install: string; onClose: () => void }) {
  const { begin, busy, failure } = useBegin();
  return (
    <PlanDialog
      title={`Roll ${install} back?`}
      ask={{ install, action: 'roll-back' }}
      install={install}
      wish="Roll back"
      command={commandLine('rollBack', { install })}
      busy={busy}
      failure={failure}
      first={<SinceBackup install={install} />}
      onAgree={(plan) => void begin('rollBack', { install, digest: plan.digest })}
      onClose={onClose}
    />
  );
}
