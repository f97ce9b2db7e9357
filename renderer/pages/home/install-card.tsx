import { Archive, CircleAlert, FileWarning, HardDrive, Radio, ShieldCheck, TriangleAlert } from 'lucide-react';
import type { InstallSummary, Status } from '../../../electron/api/models.ts';
import { HealthBadge } from '../../components/badge.tsx';
import { LastBackup } from '../../components/last-backup.tsx';
import { LastProven } from '../../components/last-proven.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { installAddress } from '../../route/route.ts';
import { useRunning, useStatus } from '../../store/use-stores.ts';
import { serviceWords } from '../../wording/states.ts';
import { NextButton } from './next-button.tsx';
import { RunningLine } from './running-line.tsx';

/** One install on the home page. */
export function InstallCard({ install }: { install: InstallSummary }) {
  const status = useStatus(install.install);
  const running = useRunning(install.install);
  const needs =
    status.value !== null &&
    (status.value.interrupted !== null || status.value.configProblem !== null || status.value.health === 'unhealthy') &&
    running === undefined;
  return (
    <li className={`install-card${needs ? ' install-card-needs' : ''}`}>
      <div className="install-card-head">
        <div>
          <h2>
            <a href={installAddress(install.install)}>{install.install}</a>
          </h2>
          <p className="quiet">
            {install.title} <span className="mono">{status.value?.release ?? install.release ?? 'no release'}</span>
          </p>
        </div>
        {status.value === null ? null : <HealthBadge health={status.value.health} detail={status.value.healthDetail} />}
      </div>
      {status.value === null ? <Unseen home={install.home} isLoading={status.error === null} /> : <Lines status={status.value} />}
      {status.error === null ? null : <FailureNotice failure={status.error} install={install.install} />}
      {/* While it is looked at the room is kept, so that nothing jumps. */}
      {status.value === null && status.error !== null && running === undefined ? null : (
        <div className="install-card-next">
          {running === undefined ? (
            status.value === null ? null : (
              <NextButton status={status.value} />
            )
          ) : (
            <RunningLine operation={running} />
          )}
        </div>
      )}
    </li>
  );
}

function Unseen({ home, isLoading }: { home: string; isLoading: boolean }) {
  return (
    <ul className="install-card-lines quiet" aria-busy={isLoading}>
      <li>
        <HardDrive size={16} aria-hidden="true" /> <code>{home}</code>
      </li>
      {isLoading ? <li>Looking how it is …</li> : null}
    </ul>
  );
}

function Lines({ status }: { status: Status }) {
  return (
    <ul className="install-card-lines">
      <li>
        <Radio size={16} aria-hidden="true" />
        <span>{serviceWords(status.service)}</span>
      </li>
      <li>
        <Archive size={16} aria-hidden="true" />
        <LastBackup backup={status.lastBackup} />
      </li>
      {status.lastBackup === null && status.protection.warning === null ? null : (
        <li>
          {status.protection.warning === null ? (
            <ShieldCheck size={16} aria-hidden="true" />
          ) : (
            <TriangleAlert size={16} aria-hidden="true" />
          )}
          <LastProven protection={status.protection} />
        </li>
      )}
      {status.interrupted === null ? null : (
        <li>
          <CircleAlert size={16} aria-hidden="true" />
          <span>
            The last {status.interrupted.kind} stopped in <em>{status.interrupted.step}</em>
          </span>
        </li>
      )}
      {status.configProblem === null ? null : (
        <li>
          <FileWarning size={16} aria-hidden="true" />
          <span title={status.configProblem.message}>Its configuration cannot be read</span>
        </li>
      )}
      {status.update.error === null ? null : (
        <li className="quiet">
          <CircleAlert size={16} aria-hidden="true" />
          <span title={status.update.error.message}>Cannot tell whether there is a newer release</span>
        </li>
      )}
    </ul>
  );
}
