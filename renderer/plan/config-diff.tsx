import type { ConfigChange } from '../../electron/api/models.ts';
import { visible } from '../../electron/api/visible.ts';
import { CopyablePath } from '../components/copyable.tsx';
import { Panel } from '../components/panel.tsx';
import './config-diff.css';

const signs: Record<ConfigChange['change'], string> = { added: '+', removed: '−', renamed: '~', deprecated: '!' };

/** What becomes of the options of each config file, as a diff. */
export function ConfigDiff({ changes }: { changes: readonly ConfigChange[] }) {
  if (changes.length === 0) return null;
  const files = [...new Set(changes.map((change) => change.file))];
  return (
    <Panel title="Configuration">
      {files.map((file) => (
        <div key={file} className="stack-tight">
          <span className="small">
            <CopyablePath path={file} />
          </span>
          <ul className="config-diff">
            {changes
              .filter((change) => change.file === file)
              .map((change) => (
                <li key={`${change.option} ${change.change}`} className={`config-change config-${change.change}`}>
                  <span className="mono config-sign" aria-hidden="true">
                    {signs[change.change]}
                  </span>
                  <span>
                    <span className="config-word">{change.change}</span>{' '}
                    {change.message.includes(change.option) ? null : <code>{visible(change.option)} </code>}
                    <span className="quiet">{visible(withoutFile(change))}</span>
                  </span>
                </li>
              ))}
          </ul>
        </div>
      ))}
    </Panel>
  );
}

/** The sentence without the name of the file, which stands above. */
function withoutFile({ file, message }: ConfigChange): string {
  const [name = '', ...rest] = message.split(': ');
  return rest.length > 0 && file.endsWith(name) ? rest.join(': ') : message;
}
