import { TriangleAlert } from 'lucide-react';
import type { RunningOperation } from '../../../electron/api/client.ts';
import { count } from '../../../electron/api/units.ts';
import { visible } from '../../../electron/api/visible.ts';
import { CopyButton } from '../../components/copyable.tsx';
import { Disclosure } from '../../components/disclosure.tsx';

/** What the operation had to say. Warnings are always shown, the rest can be opened. */
export function Notes({ notes }: { notes: RunningOperation['notes'] }) {
  const warnings = notes.filter((note) => note.level === 'warning');
  if (notes.length === 0) return null;
  return (
    <div className="stack-tight">
      {warnings.map((note, index) => (
        <p key={index} className="note-warning">
          <TriangleAlert size={16} role="img" aria-label="warning" />
          <span>{visible(note.text)}</span>
        </p>
      ))}
      <Disclosure summary={`Log (${count(notes.length, 'line')})`}>
        {() => (
          <div className="notes">
            <CopyButton text={notes.map((note) => note.text).join('\n')} what="the log" />
            <pre tabIndex={0} role="log" aria-label="Log of the operation">
              {notes.map((note) => visible(note.text)).join('\n')}
            </pre>
          </div>
        )}
      </Disclosure>
    </div>
  );
}
