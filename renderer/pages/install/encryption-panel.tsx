/** Whether the backups of an install are encrypted, for which keys, and whether those are anywhere but on this machine. */
import type { EncryptionState } from '../../../electron/api/safekeeping.ts';
import { Button } from '../../components/button.tsx';
import { CopyablePath } from '../../components/copyable.tsx';
import { Disclosure } from '../../components/disclosure.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { Notice } from '../../components/notice.tsx';
import { Facts, Panel } from '../../components/panel.tsx';
import { useChange } from '../../components/use-change.ts';
import { WhenLoaded } from '../../components/waiting.tsx';
import { useLoaded, useStores } from '../../store/use-stores.ts';
import { EncryptionForms } from './encryption-forms.tsx';

export function EncryptionPanel({ install }: { install: string }) {
  const { encryption } = useStores();
  const state = useLoaded(encryption, { install });
  return (
    <Panel title="Encryption of backups">
      <WhenLoaded loaded={state} waiting="Looking at the keys …" install={install} onRetry={() => void encryption.load({ install })}>
        {(ready) => (ready.by === null ? <NotEncrypted install={install} /> : <Encrypted state={ready} />)}
      </WhenLoaded>
    </Panel>
  );
}

function Encrypted({ state }: { state: EncryptionState }) {
  const { client, encryption } = useStores();
  const { busy, failure, change } = useChange();
  const { install } = state;
  const set = async (input: { off?: boolean; keptElsewhere?: boolean }): Promise<void> => {
    if (await change(() => client.call('setEncryption', { install, ...input }))) await encryption.load({ install });
  };
  return (
    <>
      <p className="quiet">Every new backup is encrypted, those before an upgrade too. A list needs no key, reading does.</p>
      {state.keyOnlyHere ? (
        <Notice
          tone="changes"
          title="The only key is on this machine"
          actions={
            <Button busy={busy} onClick={() => void set({ keptElsewhere: true })}>
              I keep a copy elsewhere
            </Button>
          }
        >
          <p>If the machine is lost, the backups are lost with it. Copy the key to another machine, a stick or paper.</p>
        </Notice>
      ) : null}
      <Facts
        rows={[
          ...(state.recipients.length === 0 ? [] : [['For the keys', <Recipients key="keys" state={state} />] as const]),
          ...(state.passphraseFile === null
            ? []
            : [['Passphrase in', <CopyablePath key="passphrase" path={state.passphraseFile} />] as const]),
          ...(state.identityFiles.length === 0
            ? []
            : [
                [
                  'Key files',
                  <span key="files">
                    {state.identityFiles.map((file) => (
                      <CopyablePath key={file} path={file} />
                    ))}
                  </span>,
                ] as const,
              ]),
        ]}
      />
      <div className="row">
        <Button busy={busy} onClick={() => void set({ off: true })}>
          Encrypt no more
        </Button>
      </div>
      {failure === null ? null : <FailureNotice failure={failure} install={install} />}
      <Disclosure summary="Encrypt with something else">{() => <EncryptionForms install={install} />}</Disclosure>
    </>
  );
}

function Recipients({ state }: { state: EncryptionState }) {
  return (
    <ul>
      {state.recipients.map(({ recipient, rehearsedAt }) => (
        <li key={recipient}>
          <CopyablePath path={recipient} />{' '}
          <span className="quiet">{rehearsedAt === null ? 'never tried here' : 'tried: it opens them'}</span>
        </li>
      ))}
    </ul>
  );
}

function NotEncrypted({ install }: { install: string }) {
  return (
    <>
      <p className="quiet">Backups are not encrypted: whoever gets hold of the file can read it.</p>
      <EncryptionForms install={install} />
    </>
  );
}
