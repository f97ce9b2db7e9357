/** What was done, what the product says, and a report to send when something is wrong. */
import type { HistoryEntry, Status } from '../../../../electron/api/models.ts';
import { visibleLines } from '../../../../electron/api/visible.ts';
import { Badge } from '../../../components/badge.tsx';
import { Button } from '../../../components/button.tsx';
import { Disclosure } from '../../../components/disclosure.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { Ago, Duration, useNow } from '../../../components/figures.tsx';
import { Panel } from '../../../components/panel.tsx';
import { useBegin } from '../../../components/use-begin.ts';
import { WhenLoaded } from '../../../components/waiting.tsx';
import { addressOf } from '../../../route/route.ts';
import { useLoaded, useOperation, useStores } from '../../../store/use-stores.ts';
import { actionWords, releaseWords } from '../../../wording/actions.ts';
import { outcomeWords } from '../../../wording/states.ts';
import { LogPanel } from './log-panel.tsx';
import { ReportPanel } from './report-panel.tsx';
import './activity-tab.css';

/** As many as are shown at once; the rest opens on request. */
const shownAtOnce = 8;

export function ActivityTab({ status }: { status: Status }) {
  const { install } = status;
  const { history } = useStores();
  const entries = useLoaded(history, { install });
  return (
    <>
      <Panel title="What was done">
        <WhenLoaded loaded={entries} waiting="Reading the history …" install={install} onRetry={() => void history.load({ install })}>
          {(list) => <Entries list={list} />}
        </WhenLoaded>
      </Panel>
      <LogPanel install={install} />
      <ReportPanel status={status} />
    </>
  );
}

function Entries({ list }: { list: readonly HistoryEntry[] }) {
  if (list.length === 0) return <p className="quiet">Nothing yet.</p>;
  const rest = list.slice(shownAtOnce);
  return (
    <>
      <List entries={list.slice(0, shownAtOnce)} />
      {rest.length === 0 ? null : <Disclosure summary={`${rest.length} more`}>{() => <List entries={rest} />}</Disclosure>}
    </>
  );
}

function List({ entries }: { entries: readonly HistoryEntry[] }) {
  return (
    <ol className="entries">
      {entries.map((entry) => (
        <Entry key={entry.operation} entry={entry} />
      ))}
    </ol>
  );
}

/** What an operation took away can be brought back as long as it waits in the trash. */
function UndoEntry({ entry: { operation, install, action, undoUntil } }: { entry: HistoryEntry }) {
  const { begin, busy, failure } = useBegin();
  const now = useNow();
  if (install === null || undoUntil === null || Date.parse(undoUntil) <= now) return null;
  return (
    <>
      <Button
        kind="quiet"
        busy={busy}
        aria-label={`Undo this ${actionWords[action].noun.toLowerCase()}`}
        onClick={() => void begin('undo', { install, operation })}
      >
        Undo
      </Button>
      {failure === null ? null : <FailureNotice failure={failure} install={install} />}
    </>
  );
}

function Entry({ entry }: { entry: HistoryEntry }) {
  const { text, tone } = outcomeWords[entry.outcome];
  const seconds = entry.endedAt === null ? null : (Date.parse(entry.endedAt) - Date.parse(entry.startedAt)) / 1000;
  const releases = releaseWords(entry);
  const isWatched = useOperation(entry.operation) !== undefined;
  return (
    <li className="entry">
      <div className="row">
        <strong>{actionWords[entry.action].noun}</strong>
        {releases === null ? null : <span className="mono">{releases}</span>}
        <Badge tone={tone}>{text}</Badge>
        {isWatched || entry.endedAt !== null ? (
          <a href={addressOf({ page: 'operation', operation: entry.operation })}>{entry.endedAt === null ? 'Watch' : 'Receipt'}</a>
        ) : null}
        <UndoEntry entry={entry} />
      </div>
      <span className="quiet small">
        <Ago time={entry.startedAt} />
        {seconds === null ? null : (
          <>
            {', in '}
            <Duration seconds={seconds} />
          </>
        )}
      </span>
      {entry.message === null ? null : <p className="entry-message">{visibleLines(entry.message)}</p>}
    </li>
  );
}
