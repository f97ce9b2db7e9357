import { useEffect, useState } from 'react';
import type { Plan } from '../../../electron/api/models.ts';
import { PlanDialog } from '../../components/plan-dialog.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useBegin } from '../../components/use-begin.ts';
import { IncludeItems, useIncluding } from '../../plan/include-items.tsx';
import { commandLine } from '../../wording/command-line.ts';

/** Asks whether to remove the product; with `purge` its data too, which takes more than a press. */
export function UninstallDialog({ install, purge, onClose }: { install: string; purge: boolean; onClose: () => void }) {
  const { begin, busy, failure } = useBegin();
  const [typed, setTyped] = useState('');
  const choice = useIncluding();
  const including = choice.including.length === 0 ? {} : { including: choice.including };
  const wish = { install, ...(purge && { purge }), ...including };
  return (
    <PlanDialog
      title={purge ? `Purge ${install} with all its data?` : `Uninstall ${install}?`}
      ask={{ install, action: purge ? 'purge' : 'uninstall', ...including }}
      install={install}
      wish={purge ? 'Purge' : 'Uninstall'}
      kind={purge ? 'danger' : 'primary'}
      command={commandLine('uninstall', wish)}
      busy={busy}
      failure={failure}
      agreed={!purge || typed === install}
      {...(purge && { question: <TextField label={`Type ${install} to go on`} value={typed} onChange={setTyped} isPath /> })}
      more={(plan) => <Included plan={plan} choice={choice} />}
      onAgree={(plan) => void begin('uninstall', { ...wish, digest: plan.digest })}
      onClose={onClose}
    />
  );
}

function Included({ plan, choice }: { plan: Plan; choice: ReturnType<typeof useIncluding> }) {
  useEffect(() => choice.note(plan), [plan]);
  return <IncludeItems plan={plan} choice={choice} />;
}
