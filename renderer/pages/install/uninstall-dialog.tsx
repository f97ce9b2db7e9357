import { useState } from 'react';
import { PlanDialog } from '../../components/plan-dialog.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useBegin } from '../../components/use-begin.ts';
import { commandLine } from '../../wording/command-line.ts';

/** Asks whether to remove the product; with `purge` its data too, which takes more than a press. */
export function UninstallDialog({ install, purge, onClose }: { install: string; purge: boolean; onClose: () => void }) {
  const { begin, busy, failure } = useBegin();
  const [typed, setTyped] = useState('');
  const wish = { install, ...(purge && { purge }) };
  return (
    <PlanDialog
      title={purge ? `Purge ${install} with all its data?` : `Uninstall ${install}?`}
      ask={{ install, action: purge ? 'purge' : 'uninstall' }}
      install={install}
      wish={purge ? 'Purge' : 'Uninstall'}
      kind={purge ? 'danger' : 'primary'}
      command={commandLine('uninstall', wish)}
      busy={busy}
      failure={failure}
      agreed={!purge || typed === install}
      {...(purge && { question: <TextField label={`Type ${install} to go on`} value={typed} onChange={setTyped} isPath /> })}
      onAgree={(plan) => void begin('uninstall', { ...wish, digest: plan.digest })}
      onClose={onClose}
    />
  );
}
