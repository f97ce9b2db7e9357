import { useState } from 'react';
import { CheckField } from '../../../components/check-field.tsx';
import { Disclosure } from '../../../components/disclosure.tsx';
import { PlanDialog } from '../../../components/plan-dialog.tsx';
import { useBegin } from '../../../components/use-begin.ts';
import { type Chosen, chosenWords } from '../../../plan/chosen.ts';
import { SinceBackup } from '../../../plan/since-backup.tsx';
import { useLoaded, useStores } from '../../../store/use-stores.ts';
import { commandLine } from '../../../wording/command-line.ts';
import { TakeOut } from './take-out.tsx';

const nothing: Chosen = { items: new Set(), files: new Set() };

/** Asks whether to return to what a backup holds, all of it or chosen parts, and says what that costs. `input` is a backup's id or file. */
export function RestoreDialog({ install, input, onClose }: { install: string; input: string; onClose: () => void }) {
  const { begin, busy, failure } = useBegin();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [keepSecrets, setKeepSecrets] = useState(false);
  const isEmpty = chosen !== null && chosen.items.size + chosen.files.size === 0;
  const part = {
    ...(chosen !== null && chosen.items.size > 0 && { items: [...chosen.items].sort() }),
    ...(chosen !== null && chosen.files.size > 0 && { files: [...chosen.files].sort() }),
    ...(keepSecrets && { keepSecrets }),
  };
  const ask = isEmpty ? null : ({ install, action: 'restore', input, ...part } as const);
  const refusal = useLoaded(useStores().plans, ask).error;
  return (
    <PlanDialog
      title={`Restore ${install} from this backup?`}
      ask={ask}
      install={install}
      wish={chosen === null ? 'Restore' : 'Restore what I chose'}
      command={commandLine('restore', { install, input, ...part })}
      busy={busy}
      failure={failure}
      first={
        <>
          <CheckField
            checked={chosen !== null}
            onChange={(isOn) => setChosen(isOn ? nothing : null)}
            hint="Items and files that you tick go back; everything else stays as it is."
          >
            Only what I choose
          </CheckField>
          <SinceBackup install={install} input={input} {...(chosen !== null && { chosen })} onChoose={setChosen} />
          {chosen === null ? null : <p role="status">{chosenWords(chosen)}</p>}
          <Disclosure summary="Take it out into a folder instead">
            {() => <TakeOut from={{ install, input, ...part }} install={install} isEmpty={isEmpty} />}
          </Disclosure>
        </>
      }
      last={
        keepSecrets || refusal?.code === 'foreign-secrets' ? (
          <CheckField
            checked={keepSecrets}
            onChange={setKeepSecrets}
            hint="Only where what goes back does not depend on them: what was encrypted with the old secrets stays unreadable beside new ones."
          >
            Keep the secrets that are there now
          </CheckField>
        ) : null
      }
      onAgree={(plan) => void begin('restore', { install, input, ...part, digest: plan.digest })}
      onClose={onClose}
    />
  );
}
