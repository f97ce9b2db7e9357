/** An operation of the history: what it came to then. It promises nothing about now, so it offers no way out of what went wrong then. */
import type { HistoryEntry, Receipt } from '../../../electron/api/models.ts';
import { visibleLines } from '../../../electron/api/visible.ts';
import { Badge } from '../../components/badge.tsx';
import { ButtonLink } from '../../components/button.tsx';
import { Disclosure } from '../../components/disclosure.tsx';
import { Ago } from '../../components/figures.tsx';
import { Notice } from '../../components/notice.tsx';
import { PageTitle } from '../../components/page-title.tsx';
import { Empty, WhenLoaded } from '../../components/waiting.tsx';
import { installAddress } from '../../route/route.ts';
import { useFresh, useInstalls, useStores } from '../../store/use-stores.ts';
import { failedWords, pastWords } from '../../wording/actions.ts';
import { failureTitle } from '../../wording/failures.ts';
import { endedWords, outcomeWords } from '../../wording/states.ts';
import { ReceiptView } from './receipt-view.tsx';
import { StepList } from './step-list.tsx';

export function PastOperation({ operation }: { operation: string }) {
  const { pastOperations } = useStores();
  const past = useFresh(pastOperations, { operation });
  return (
    <div className="page">
      {past.value === null ? <PageTitle title="What was done" /> : null}
      <WhenLoaded loaded={past} waiting="Looking for the receipt …" onRetry={() => void pastOperations.load({ operation })}>
        {({ receipt, entry }) =>
          receipt !== null ? <WithReceipt receipt={receipt} /> : entry !== null ? <WithoutReceipt entry={entry} /> : <Unknown />
        }
      </WhenLoaded>
    </div>
  );
}

function WithReceipt({ receipt }: { receipt: Receipt }) {
  const { reason } = receipt;
  const title = reason === null ? pastWords(receipt) : failedWords(receipt, reason.code === 'cancelled');
  return (
    <>
      <div>
        <PageTitle title={title} />
        <p className="quiet">
          It ended <Ago time={receipt.endedAt} />. {endedWords[receipt.endState]}
        </p>
      </div>
      {reason === null ? null : (
        <Notice tone="changes" title={failureTitle(reason)}>
          <p className="failure-message">{visibleLines(reason.message)}</p>
        </Notice>
      )}
      <WayOn install={receipt.install} />
      <ReceiptView receipt={receipt} />
      <Disclosure summary="The steps" open={reason !== null}>
        {() => (
          <StepList steps={receipt.steps.map(({ id, title: step, outcome }) => ({ id, title: step, state: outcome }))} progress={null} />
        )}
      </Disclosure>
    </>
  );
}

function WithoutReceipt({ entry }: { entry: HistoryEntry }) {
  const { text, tone } = outcomeWords[entry.outcome];
  return (
    <>
      <div>
        <PageTitle title={pastWords(entry)} />
        <p className="quiet">
          {entry.endedAt === null ? 'It began ' : 'It ended '}
          <Ago time={entry.endedAt ?? entry.startedAt} />.
        </p>
      </div>
      <p className="row">
        <Badge tone={tone}>{text}</Badge>
        {entry.endedAt === null ? 'There is no receipt before it has ended.' : 'No receipt was kept of it.'}
      </p>
      {entry.message === null ? null : <p className="failure-message">{visibleLines(entry.message)}</p>}
      <WayOn install={entry.install} />
    </>
  );
}

function WayOn({ install }: { install: string }) {
  const isThere = useInstalls()?.some((each) => each.install === install) ?? false;
  return (
    <div className="row">
      {isThere ? (
        <>
          <ButtonLink kind="primary" href={installAddress(install)}>
            Go to {install}
          </ButtonLink>
          <ButtonLink href={installAddress(install, 'activity')}>All that was done</ButtonLink>
        </>
      ) : (
        <ButtonLink kind="primary" href="#/">
          Home
        </ButtonLink>
      )}
    </div>
  );
}

function Unknown() {
  return (
    <>
      <PageTitle title="Nothing is known of this operation" />
      <Empty
        title="It may have ended some time ago."
        actions={
          <ButtonLink kind="primary" href="#/">
            Home
          </ButtonLink>
        }
      >
        What was done with an install stands in its Activity.
      </Empty>
    </>
  );
}
