import type { DrillReport, Rescan } from '../../../electron/api/protection.ts';
import { count } from '../../../electron/api/units.ts';
import { visible } from '../../../electron/api/visible.ts';
import { VerdictBadge } from '../../components/badge.tsx';
import { CopyablePath } from '../../components/copyable.tsx';
import { Duration } from '../../components/figures.tsx';
import { Facts, Panel } from '../../components/panel.tsx';

/** What was seen when the product ran on a copy. */
export function Drilled({ drill }: { drill: DrillReport }) {
  const { schema, rows } = drill;
  return (
    <Panel title="The drill" aside={<VerdictBadge verdict={drill.verdict} />}>
      <Facts
        rows={[
          ['Backup', <CopyablePath key="path" path={drill.path} />],
          ['Files', `${count(drill.files, 'file')}, each as the manifest says`],
          ...(schema.found === null ? [] : [['Schema', `${schema.found}, as the manifest says`] as const]),
          ...(rows === null
            ? []
            : [['Rows', `${count(rows.rows, 'row')} in ${count(rows.tables, 'table')}, as the manifest says`] as const]),
          ['Release', `${drill.release}, from ${drill.code === 'slot' ? 'a copy of its slot' : 'the feed'}`],
          [
            'Healthy',
            <span key="healthy">
              <Duration seconds={drill.healthyAfter} /> after its start
            </span>,
          ],
          ['Afterwards', 'The copy was removed. The install went on untouched.'],
        ]}
      />
    </Panel>
  );
}

/** What a folder of backups holds. */
export function Rescanned({ rescan }: { rescan: Rescan }) {
  const { files, added, moved, copies, adopted, foreign, missing, unreadable } = rescan;
  return (
    <Panel title="What was found">
      <Facts
        rows={[
          ['Folder', <CopyablePath key="path" path={rescan.folder} />],
          ['Backup files', String(files)],
          ['New here', String(added.length)],
          ['Moved', String(moved.length)],
          ['Further copies', String(copies.length)],
          ['Adopted', String(adopted.length)],
          ['Of other machines', String(foreign.length)],
        ]}
      />
      <ul className="stack-tight">
        {missing.map((backup) => (
          <li key={backup.id} className="backup-problem">
            Gone: <code>{visible(backup.path)}</code>
          </li>
        ))}
        {unreadable.map(({ path, problem }) => (
          <li key={path} className="backup-problem">
            <code>{visible(path)}</code>: {visible(problem)}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
