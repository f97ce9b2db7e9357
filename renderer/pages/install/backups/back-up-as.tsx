/** A backup with a file, a lock or a limit of its own. What is typed here counts for this one alone. */
import { useState } from 'react';
import type { MethodInput } from '../../../../electron/api/methods.ts';
import { parseBytes } from '../../../../electron/api/units.ts';
import { Button } from '../../../components/button.tsx';
import { CommandLine } from '../../../components/command-line.tsx';
import { Form } from '../../../components/form.tsx';
import { SelectField } from '../../../components/select-field.tsx';
import { TextField } from '../../../components/text-field.tsx';
import { useBegin } from '../../../components/use-begin.ts';
import { useChange } from '../../../components/use-change.ts';
import { useStores } from '../../../store/use-stores.ts';
import { commandLine } from '../../../wording/command-line.ts';
import { keysIn } from '../../../wording/public-keys.ts';
import { ratePattern } from '../../../wording/rates.ts';

type Lock = 'usual' | 'passphrase' | 'keys';

const locks: { value: Lock; text: string }[] = [
  { value: 'usual', text: 'As the settings say' },
  { value: 'passphrase', text: 'With a passphrase, for this one' },
  { value: 'keys', text: 'For public keys, for this one' },
];

/** What can be typed, as text. */
interface Wish {
  output: string;
  lock: Lock;
  keys: string;
  passphrase: string;
  again: string;
  rate: string;
}

const nothing: Wish = { output: '', lock: 'usual', keys: '', passphrase: '', again: '', rate: '' };

interface WishParts {
  wish: Wish;
  set: (part: Partial<Wish>) => void;
}

export function BackUpAs({ install, isBusy }: { install: string; isBusy: boolean }) {
  const [wish, setWish] = useState(nothing);
  const { backUp, busy, failure } = useBackUp(install, wish);
  const set = (part: Partial<Wish>): void => setWish((now) => ({ ...now, ...part }));
  const canBegin = isReady(wish) && !isBusy;
  return (
    <Form
      onSubmit={() => {
        if (canBegin) void backUp();
      }}
      failure={failure}
      install={install}
    >
      <TextField
        label="Into this file"
        hint="Without it, into the backup folder under a name of its own."
        placeholder="/mnt/disk/sprig.tar.zst"
        value={wish.output}
        onChange={(output) => set({ output })}
        isPath
      />
      <div className="fields">
        <SelectField label="Encrypt it" value={wish.lock} onChange={(lock) => set({ lock: lock as Lock })} options={locks} />
        <TextField
          label="At most, a second"
          hint="Such as 20 MiB. Without it, what Moult's settings say."
          pattern={ratePattern}
          value={wish.rate}
          onChange={(rate) => set({ rate })}
        />
      </div>
      <LockFields wish={wish} set={set} />
      <div className="row">
        <Button type="submit" busy={busy} disabled={!canBegin}>
          Back up like this
        </Button>
        <CommandLine command={commandLine('backUp', { ...inputOf(install, wish), ...(wish.lock === 'passphrase' && { held: '' }) })} />
      </div>
    </Form>
  );
}

function LockFields({ wish, set }: WishParts) {
  if (wish.lock === 'usual') return null;
  if (wish.lock === 'keys')
    return (
      <TextField
        label="Public keys"
        hint="Each of them will open it. With spaces or commas between them."
        placeholder="age1…"
        required
        value={wish.keys}
        onChange={(keys) => set({ keys })}
        isPath
      />
    );
  const secret = { type: 'password', autoComplete: 'new-password', required: true };
  return (
    <div className="fields">
      <TextField
        {...secret}
        label="Passphrase"
        hint="It is stored nowhere: without it, nobody can read the backup."
        value={wish.passphrase}
        onChange={(passphrase) => set({ passphrase })}
      />
      <TextField {...secret} label="The same again" value={wish.again} onChange={(again) => set({ again })} />
    </div>
  );
}

/** A passphrase goes to the engine first, which holds it for this one backup under a name that means nothing. */
function useBackUp(install: string, wish: Wish) {
  const { client } = useStores();
  const begun = useBegin();
  const holding = useChange();
  const backUp = async (): Promise<void> => {
    const input = inputOf(install, wish);
    if (wish.lock !== 'passphrase') return void (await begun.begin('backUp', input));
    let held: string | null = null;
    await holding.change(async () => {
      const answer = await client.call('holdPassphrase', { passphrase: wish.passphrase, again: wish.again });
      if (answer.ok) ({ held } = answer.result);
      return answer;
    });
    if (held !== null) await begun.begin('backUp', { ...input, held });
  };
  return { backUp, busy: begun.busy || holding.busy, failure: holding.failure ?? begun.failure };
}

function isReady({ lock, keys, passphrase }: Wish): boolean {
  return lock === 'usual' || (lock === 'keys' ? keysIn(keys).length > 0 : passphrase !== '');
}

function inputOf(install: string, { output, lock, keys, rate }: Wish): MethodInput<'backUp'> {
  const limit = parseBytes(rate);
  return {
    install,
    ...(output !== '' && { output }),
    ...(lock === 'keys' && { recipients: keysIn(keys) }),
    ...(limit !== null && { limit }),
  };
}
