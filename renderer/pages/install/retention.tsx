/** What a schedule takes away, seen before it goes, and doing now what is due. */
import { useState } from 'react';
import type { Pruning, ScheduleRun } from '../../../electron/api/protection.ts';
import { count } from '../../../electron/api/units.ts';
import { visible } from '../../../electron/api/visible.ts';
import { Button } from '../../components/button.tsx';
import { CommandLine } from '../../components/command-line.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { Ago, Bytes } from '../../components/figures.tsx';
import { useChange } from '../../components/use-change.ts';
import { useStores } from '../../store/use-stores.ts';
import { pruneLine, runScheduleLine } from '../../wording/command-line.ts';

export function DoWhatIsDue({ install }: { install: string }) {
  const { client } = useStores();
  const { busy, failure, change } = useChange();
  const [run, setRun] = useState<ScheduleRun | null>(null);
  const go = async (): Promise<void> => {
    setRun(null);
    await change(async () => {
      const answer = await client.call('runSchedule', { install });
      if (answer.ok) setRun(answer.result);
      return answer;
    });
  };
  return (
    <>
      <div className="row">
        <Button busy={busy} onClick={() => void go()}>
          Do what is due now
        </Button>
        <CommandLine command={runScheduleLine(install)} />
      </div>
      <div role="status">{run === null ? null : <Deeds run={run} />}</div>
      {failure === null ? null : <FailureNotice failure={failure} install={install} />}
    </>
  );
}

function Deeds({ run }: { run: ScheduleRun }) {
  if (run.actedBy !== null) return <p>Another Moult looks after the schedules now (process {run.actedBy}). Nothing was done here.</p>;
  if (run.deeds.length === 0) return <p>Nothing was due.</p>;
  return (
    <ul>
      {run.deeds.map(({ what, outcome, text }) => (
        <li key={`${what} ${text}`} className={outcome === 'failed' ? 'backup-problem' : undefined}>
          {text}
        </li>
      ))}
    </ul>
  );
}

/** First tells what would go; only then can it be removed. */
export function Retention({ install }: { install: string }) {
  const { client, backups } = useStores();
  const { busy, failure, change } = useChange();
  const [pruning, setPruning] = useState<Pruning | null>(null);
  const ask = async (dry: boolean): Promise<void> => {
    const isDone = await change(async () => {
      const answer = await client.call('prune', { install, ...(dry && { dry }) });
      if (answer.ok) setPruning(answer.result);
      return answer;
    });
    if (isDone && !dry) await backups.load({ install });
  };
  return (
    <div className="stack-tight">
      <p className="quiet small">
        Never the last proven one, never one that a way back needs, never one that you asked for or that is of another install.
      </p>
      <div className="row">
        <Button busy={busy} onClick={() => void ask(true)}>
          What would go?
        </Button>
        {pruning?.dry === true && pruning.removed.length > 0 ? (
          <Button kind="danger" busy={busy} onClick={() => void ask(false)}>
            Remove {count(pruning.removed.length, 'backup')}
          </Button>
        ) : null}
        <CommandLine command={pruneLine(install)} />
      </div>
      <div role="status">{pruning === null ? null : <Told pruning={pruning} />}</div>
      {failure === null ? null : <FailureNotice failure={failure} install={install} />}
    </div>
  );
}

function Told({ pruning: { removed, kept, bytes, copies, dry } }: { pruning: Pruning }) {
  const verb = dry ? 'would go' : removed.length === 1 ? 'was removed' : 'were removed';
  return (
    <>
      <p>
        {removed.length === 0 ? (
          'There is nothing to remove.'
        ) : (
          <>
            {count(removed.length, 'backup')} {verb}, <Bytes bytes={bytes} />.
          </>
        )}
      </p>
      {copies.removed === 0 ? null : (
        <p>
          {count(copies.removed, 'second copy', 'second copies')} {dry ? 'would go' : copies.removed === 1 ? 'was removed' : 'were removed'}{' '}
          too.
        </p>
      )}
      {copies.waiting === 0 ? null : (
        <p>
          {count(copies.waiting, 'second copy', 'second copies')} on a disk that is not there now {dry ? 'would go' : 'will go'} when it is.
        </p>
      )}
      <ul className="small">
        {removed.map((backup) => (
          <li key={backup.id}>
            <Ago time={backup.at} />: {dry ? 'goes' : 'gone'}, <code>{visible(backup.path)}</code>
          </li>
        ))}
        {kept.map(({ id, at, because }) => (
          <li key={id}>
            <Ago time={at} />: stays, {because.join('; ')}
          </li>
        ))}
      </ul>
    </>
  );
}
