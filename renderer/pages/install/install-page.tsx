/** Everything about one install, in six tabs. Above them: which one, how it is, and whatever cannot wait. */
import { Play, RotateCw, Square } from 'lucide-react';
import { Tabs } from 'radix-ui';
import type { ReactNode } from 'react';
import type { Status } from '../../../electron/api/models.ts';
import { HealthBadge } from '../../components/badge.tsx';
import { ButtonLink } from '../../components/button.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { Menu } from '../../components/menu.tsx';
import { PageTitle } from '../../components/page-title.tsx';
import { useBegin } from '../../components/use-begin.ts';
import { Empty, Waiting } from '../../components/waiting.tsx';
import { installAddress, type Tab, tabs } from '../../route/route.ts';
import { goTo } from '../../route/use-route.ts';
import { useInstalls, useRunning, useStatus } from '../../store/use-stores.ts';
import { RunningLine } from '../home/running-line.tsx';
import { ActivityTab } from './activity/activity-tab.tsx';
import { BackupsTab } from './backups/backups-tab.tsx';
import { ConfigNotice } from './config-notice.tsx';
import { DriftTab } from './drift-tab.tsx';
import { InterruptedNotice } from './interrupted-notice.tsx';
import { OverviewTab } from './overview-tab.tsx';
import { SettingsTab } from './settings-tab.tsx';
import { UpgradeTab } from './upgrade-tab.tsx';
import './install-page.css';

const titles: Record<Tab, string> = {
  overview: 'Overview',
  upgrade: 'Upgrade',
  backups: 'Backups',
  drift: 'Drift',
  activity: 'Activity',
  settings: 'Settings',
};

export function InstallPage({ install, tab, to }: { install: string; tab: Tab; to: string | null }) {
  const status = useStatus(install);
  const isKnown = useInstalls()?.some((each) => each.install === install) ?? false;
  if (!isKnown && status.value === null)
    return status.error === null ? <Waiting>Looking for {install} …</Waiting> : <NoInstall install={install} />;
  return (
    <div className="page">
      <Head install={install} status={status.value} />
      {status.error === null ? null : <FailureNotice failure={status.error} install={install} />}
      <Urgent install={install} status={status.value} />
      <Tabs.Root
        className="page"
        value={tab}
        activationMode="manual"
        onValueChange={(value) => goTo(installAddress(install, value as Tab))}
      >
        <Tabs.List className="tabs" aria-label={`Parts of ${install}`}>
          {tabs.map((name) => (
            <Tabs.Trigger key={name} className="tab" value={name}>
              {titles[name]}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <Tabs.Content className="page tab-content" value={tab} tabIndex={-1}>
          {status.value === null ? status.error === null ? <Waiting>Looking how it is …</Waiting> : null : content(tab, status.value, to)}
        </Tabs.Content>
      </Tabs.Root>
    </div>
  );
}

function content(tab: Tab, status: Status, to: string | null): ReactNode {
  switch (tab) {
    case 'overview':
      return <OverviewTab status={status} />;
    case 'upgrade':
      return <UpgradeTab status={status} to={to} />;
    case 'backups':
      return <BackupsTab status={status} />;
    case 'drift':
      return <DriftTab install={status.install} />;
    case 'activity':
      return <ActivityTab status={status} />;
    case 'settings':
      return <SettingsTab status={status} />;
  }
}

function Head({ install, status }: { install: string; status: Status | null }) {
  const { begin, busy, failure } = useBegin();
  const isRunning = status?.service.state === 'running';
  const run = (method: 'start' | 'stop' | 'restart') => () => void (busy ? undefined : begin(method, { install }));
  const entries = isRunning
    ? [
        { text: 'Restart', icon: <RotateCw size={16} aria-hidden="true" />, onSelect: run('restart') },
        { text: 'Stop', icon: <Square size={16} aria-hidden="true" />, onSelect: run('stop') },
      ]
    : [{ text: 'Start', icon: <Play size={16} aria-hidden="true" />, onSelect: run('start') }];
  return (
    <>
      <div className="page-head">
        <div className="row">
          <PageTitle title={install} />
          {status === null ? null : (
            <>
              <span className="quiet">
                {status.title} <span className="mono">{status.release ?? 'no release'}</span>
              </span>
              <HealthBadge health={status.health} detail={status.healthDetail} />
            </>
          )}
        </div>
        {status === null ? null : <Menu label={`Start or stop ${install}`} entries={entries} />}
      </div>
      {failure === null ? null : <FailureNotice failure={failure} install={install} />}
    </>
  );
}

/** What runs, what was interrupted and a configuration that cannot be read stand above every tab. */
function Urgent({ install, status }: { install: string; status: Status | null }) {
  const running = useRunning(install);
  if (running !== undefined) {
    return (
      <div className="row">
        <RunningLine operation={running} />
      </div>
    );
  }
  if (status === null) return null;
  return (
    <>
      {status.interrupted === null ? null : <InterruptedNotice status={status} interrupted={status.interrupted} />}
      {status.configProblem === null ? null : <ConfigNotice install={install} problem={status.configProblem} />}
    </>
  );
}

function NoInstall({ install }: { install: string }) {
  return (
    <div className="page">
      <PageTitle title={`No install called ${install}`} />
      <Empty
        title="It was purged, or it never was."
        actions={
          <ButtonLink kind="primary" href="#/">
            Home
          </ButtonLink>
        }
      />
    </div>
  );
}
