/** How an install is, in full, and the one thing to do next. */
import type { Status } from '../../../electron/api/models.ts';
import { Button } from '../../components/button.tsx';
import { CopyablePath } from '../../components/copyable.tsx';
import { ExternalLink } from '../../components/external-link.tsx';
import { Ago } from '../../components/figures.tsx';
import { LastBackup } from '../../components/last-backup.tsx';
import { LastProven } from '../../components/last-proven.tsx';
import { Notice } from '../../components/notice.tsx';
import { Facts, Panel } from '../../components/panel.tsx';
import { installAddress } from '../../route/route.ts';
import { useLoaded, useRunning, useStatus, useStores } from '../../store/use-stores.ts';
import { schemaWords, serviceWords } from '../../wording/states.ts';
import { NextButton } from '../home/next-button.tsx';
import { RollBackButton } from './roll-back-dialog.tsx';
import { UndoNotice } from './undo-notice.tsx';

export function OverviewTab({ status }: { status: Status }) {
  const { install, service } = status;
  const running = useRunning(install);
  return (
    <div className="overview">
      <Panel title="How it is">
        <Facts
          rows={[
            ['Service', <ServiceLine key="service" status={status} />],
            ...(status.healthDetail === null ? [] : [['Health', status.healthDetail] as const]),
            ['Release', <code key="release">{status.release ?? 'none'}</code>],
            ['Schema', schemaWords(status)],
            ['Last backup', <LastBackup key="backup" backup={status.lastBackup} />],
            ['Proof', <LastProven key="proof" protection={status.protection} />],
            ['Home', <CopyablePath key="home" path={status.home} />],
            ['Channel', status.pin === null ? status.channel : `${status.channel}, pinned to ${status.pin}`],
            ...(service.since === null ? [] : [['Started', <Ago key="since" time={service.since} />] as const]),
          ]}
        />
      </Panel>
      <div className="stack">
        {running === undefined && status.interrupted === null && status.configProblem === null ? (
          <>
            <Panel title="Next">
              <div className="row">
                <NextButton status={status} />
              </div>
              <UpdateWords status={status} />
            </Panel>
            <GoingBack install={install} />
            <UndoNotice install={install} />
          </>
        ) : (
          <Panel title="Next">
            <p className="quiet">
              {running === undefined ? 'First see to what stands above.' : 'It is at work. What comes next shows when that has ended.'}
            </p>
          </Panel>
        )}
      </div>
    </div>
  );
}

function ServiceLine({ status }: { status: Status }) {
  const { service } = status;
  return (
    <span className="row">
      <span>{serviceWords(service)}</span>
      {service.state === 'running' && service.port !== null ? (
        <ExternalLink address={`http://127.0.0.1:${service.port}/`}>Open</ExternalLink>
      ) : null}
    </span>
  );
}

function UpdateWords({ status }: { status: Status }) {
  const { update, release, channel, pin } = status;
  const { statuses } = useStores();
  const { loading } = useStatus(status.install);
  return (
    <>
      {update.error === null ? (
        <p className="quiet">
          {update.latest === null
            ? update.held === null
              ? `${release ?? 'It'} is the newest release on ${channel}.`
              : `${update.held} is out on ${channel}; the pin to ${pin ?? 'a release'} holds it back.`
            : `${update.latest} is out on ${channel}; this is ${release ?? 'no release'}.`}{' '}
          <NotesLink status={status} />
        </p>
      ) : (
        <Notice tone="quiet" title="Cannot tell whether there is a newer release">
          <p>{update.error.message}</p>
        </Notice>
      )}
      <div className="row">
        <Button busy={loading} onClick={() => void statuses.load({ install: status.install })}>
          {loading ? 'Looking …' : 'Look for updates'}
        </Button>
      </div>
      {update.quarantined.map((each) => (
        <Notice key={each.release} tone="changes" title={`${each.release} is not offered`}>
          <p>It failed here: {each.reason}</p>
        </Notice>
      ))}
    </>
  );
}

/** To the release notes: on the web where they are there, else on the upgrade page, which has the feed's own. */
function NotesLink({ status: { install, update } }: { status: Status }) {
  if (update.latest === null) return null;
  if (update.notesAt !== null) return <ExternalLink address={update.notesAt}>Release notes</ExternalLink>;
  if (update.notes === null) return null;
  return <a href={installAddress(install, 'upgrade', update.latest)}>Release notes</a>;
}

/** Offered only where the last thing that was done was an upgrade. */
function GoingBack({ install }: { install: string }) {
  const history = useLoaded(useStores().history, { install });
  const last = (history.value ?? []).find(
    (entry) => ['upgrade', 'roll-back', 'restore', 'fresh-start', 'set-up'].includes(entry.action) && entry.outcome === 'done',
  );
  if (last?.action !== 'upgrade' || last.from === null) return null;
  return (
    <Panel title="Going back">
      <p className="quiet">
        The last upgrade, <Ago time={last.endedAt ?? last.startedAt} />, can be rolled back to {last.from}, code and data.
      </p>
      <div className="row">
        <RollBackButton install={install} />
      </div>
    </Panel>
  );
}
