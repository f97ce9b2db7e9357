import { useDeferredValue, useEffect, useId, useMemo, useRef, useState } from 'react';
import { count } from '../../../../electron/api/units.ts';
import { CheckField } from '../../../components/check-field.tsx';
import { CopyButton, CopyablePath } from '../../../components/copyable.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { Panel } from '../../../components/panel.tsx';
import { Waiting } from '../../../components/waiting.tsx';
import { useLog } from './use-log.ts';

/** What the product prints: followed, searched, copied. It is text and is shown as text. */
export function LogPanel({ install }: { install: string }) {
  const [follow, setFollow] = useState(true);
  const [typed, setTyped] = useState('');
  const search = useDeferredValue(typed);
  const { path, text, failure, retry } = useLog(install, follow);
  const id = useId();
  const lines = useMemo(() => matching(text, search), [text, search]);
  return (
    <Panel
      title="Log"
      aside={
        <div className="row log-tools">
          <label className="only-heard" htmlFor={id}>
            Search the log
          </label>
          <input id={id} type="search" placeholder="Search" value={typed} onChange={(event) => setTyped(event.target.value)} />
          <CheckField checked={follow} onChange={setFollow}>
            Follow
          </CheckField>
          <CopyButton text={text} what="the log" />
        </div>
      }
    >
      {failure === null ? null : <FailureNotice failure={failure} install={install} onRetry={retry} />}
      {path === null ? null : (
        <span className="small">
          <CopyablePath path={path} />
        </span>
      )}
      {path === null ? (
        failure === null ? (
          <Waiting>Reading the log …</Waiting>
        ) : null
      ) : (
        <Lines lines={lines} search={search} follow={follow} />
      )}
      <p className="quiet small" aria-live="polite">
        {search === '' ? '' : `${count(lines.length, 'line')} with "${search}"`}
      </p>
    </Panel>
  );
}

function Lines({ lines, search, follow }: { lines: readonly string[]; search: string; follow: boolean }) {
  const frame = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (follow && frame.current !== null) frame.current.scrollTop = frame.current.scrollHeight;
  }, [lines, follow]);
  return (
    <pre ref={frame} className="log" tabIndex={0} role="log" aria-live="off" aria-label="What the product printed">
      {lines.length === 0 ? <span className="quiet">{search === '' ? 'It has printed nothing yet.' : 'No such line.'}</span> : null}
      {search === '' ? lines.join('\n') : lines.map((line, index) => <Marked key={index} line={line} search={search} />)}
    </pre>
  );
}

function Marked({ line, search }: { line: string; search: string }) {
  const at = line.toLowerCase().indexOf(search.toLowerCase());
  return (
    <>
      {line.slice(0, at)}
      <mark>{line.slice(at, at + search.length)}</mark>
      {`${line.slice(at + search.length)}\n`}
    </>
  );
}

/** The most matches that are drawn. */
const mostMatches = 2000;

function matching(text: string, search: string): string[] {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  if (search === '') return lines;
  const wanted = search.toLowerCase();
  return lines.filter((line) => line.toLowerCase().includes(wanted)).slice(-mostMatches);
}
