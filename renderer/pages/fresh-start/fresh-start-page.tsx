/**
 * Starting fresh, guided: what goes and what stays; a last backup; the install's name, typed. Nothing is touched before the third page
 * is agreed to, and for 7 days everything can be brought back.
 */
import { useEffect, useState } from 'react';
import type { Plan } from '../../../electron/api/models.ts';
import { ActionBar } from '../../components/action-bar.tsx';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Disclosure } from '../../components/disclosure.tsx';
import { Form } from '../../components/form.tsx';
import { PageTitle } from '../../components/page-title.tsx';
import { TextField } from '../../components/text-field.tsx';
import { WhenLoaded } from '../../components/waiting.tsx';
import { CheckList } from '../../plan/check-list.tsx';
import { DiskBudget } from '../../plan/disk-budget.tsx';
import { IncludeItems, useIncluding } from '../../plan/include-items.tsx';
import { TwoColumns } from '../../plan/two-columns.tsx';
import { installAddress } from '../../route/route.ts';
import { useFresh, useStores } from '../../store/use-stores.ts';
import { Agree } from './agree.tsx';
import { LastBackupPage } from './last-backup-page.tsx';
import './fresh-start-page.css';

const pages = ['What goes, what stays', 'A last backup', 'Agree'] as const;

export function FreshStartPage({ install }: { install: string }) {
  const [page, setPage] = useState(0);
  const { plans } = useStores();
  const choice = useIncluding();
  const including = choice.including.length === 0 ? {} : { including: choice.including };
  const [release, setRelease] = useState('');
  const ask = { install, action: 'fresh-start', ...including, ...(release !== '' && { to: release }) } as const;
  const plan = useFresh(plans, ask);
  useEffect(() => choice.note(plan.value), [plan.value]);
  return (
    <div className="page">
      <PageTitle title={`Start ${install} fresh`} />
      <ol className="guide" aria-label="Pages">
        {pages.map((title, index) => (
          <li key={title} className={index < page ? 'guide-done' : ''} aria-current={index === page ? 'step' : undefined}>
            <span className="guide-number" aria-hidden="true">
              {index + 1}
            </span>
            {title}
          </li>
        ))}
      </ol>
      <WhenLoaded loaded={plan} waiting="Working out what goes and what stays …" install={install} onRetry={() => void plans.load(ask)}>
        {(ready) => (
          <>
            {page === 0 ? <IncludeItems plan={ready} choice={choice} /> : null}
            <GuidePage page={page} plan={ready} including={choice.including} release={release} onStale={() => void plans.load(ask)} />
            <Steps page={page} install={install} plan={ready} onPage={setPage} />
          </>
        )}
      </WhenLoaded>
      {page === 0 ? <Disclosure summary="Start with another release">{() => <OtherRelease onChoose={setRelease} />}</Disclosure> : null}
    </div>
  );
}

function OtherRelease({ onChoose }: { onChoose: (release: string) => void }) {
  const [release, setRelease] = useState('');
  return (
    <Form layout="row" onSubmit={() => onChoose(release.trim())}>
      <TextField label="Release" hint="Without one, the release that is there now." value={release} onChange={setRelease} isPath />
      <Button type="submit">Show its plan</Button>
    </Form>
  );
}

interface GuidePageParts {
  page: number;
  plan: Plan;
  including: readonly string[];
  /** '' for the one that is there now. */
  release: string;
  onStale: () => void;
}

function GuidePage({ page, plan, including, release, onStale }: GuidePageParts) {
  if (page === 1) return <LastBackupPage plan={plan} />;
  if (page === 2) return <Agree plan={plan} including={including} release={release} onStale={onStale} />;
  return (
    <>
      <p className="guide-lead">Nothing is touched yet. What goes waits in the trash for 7 days.</p>
      <TwoColumns plan={plan} />
      <CheckList checks={plan.checks} install={plan.install} />
      <DiskBudget space={plan.space} />
    </>
  );
}

function Steps({ page, install, plan, onPage }: { page: number; install: string; plan: Plan; onPage: (page: number) => void }) {
  const isRefused = plan.checks.some((check) => check.status === 'fail');
  return (
    <ActionBar>
      {page === 0 ? (
        <ButtonLink href={installAddress(install, 'settings')}>Leave it as it is</ButtonLink>
      ) : (
        <Button onClick={() => onPage(page - 1)}>Back</Button>
      )}
      {page < 2 ? (
        <Button kind="primary" disabled={isRefused} onClick={() => onPage(page + 1)}>
          Go on
        </Button>
      ) : null}
    </ActionBar>
  );
}
