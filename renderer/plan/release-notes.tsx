import { TriangleAlert } from 'lucide-react';
import type { Plan } from '../../electron/api/models.ts';
import { Panel } from '../components/panel.tsx';
import { ExternalLink } from '../components/external-link.tsx';
import './release-notes.css';

/** What a person should read: what breaks first, then the notes of each stop. Notes come from outside and are shown as text, never as markup. */
export function ReleaseNotes({ plan }: { plan: Pick<Plan, 'path' | 'warnings'> }) {
  const noted = plan.path.filter((hop) => hop.notes !== undefined && hop.notes.trim() !== '');
  if (noted.length === 0 && plan.warnings.length === 0) return null;
  return (
    <Panel title="Read before">
      {plan.warnings.length === 0 ? null : (
        <ul className="note-breaking">
          {plan.warnings.map((warning) => (
            <li key={warning}>
              <TriangleAlert size={16} role="img" aria-label="important" />
              <span>{warning}</span>
            </li>
          ))}
        </ul>
      )}
      {noted.toReversed().map((hop) => (
        <div key={hop.release} className="stack-tight">
          <h3 className="mono">{hop.release}</h3>
          <Notes text={hop.notes ?? ''} />
        </div>
      ))}
    </Panel>
  );
}

/** A feed gives either the notes themselves or an address where they are. */
function Notes({ text }: { text: string }) {
  return /^https?:\/\/\S+$/.test(text.trim()) ? (
    <ExternalLink address={text.trim()}>{text.trim()}</ExternalLink>
  ) : (
    <p className="note-text">{text}</p>
  );
}
