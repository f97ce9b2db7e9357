import type { RehearsalReport } from '../../../electron/api/protection.ts';
import { count, humanSeconds } from '../../../electron/api/units.ts';
import { visible } from '../../../electron/api/visible.ts';
import { CopyablePath } from '../../components/copyable.tsx';
import { Duration } from '../../components/figures.tsx';
import { Facts, Panel } from '../../components/panel.tsx';

/** What was seen when the releases of an upgrade ran on a copy. */
export function Rehearsed({ rehearsal }: { rehearsal: RehearsalReport }) {
  const { path, from, hops, schema, seconds, rows, notes } = rehearsal;
  const learned = hops.filter((hop) => hop.learned !== null);
  return (
    <Panel title="The rehearsal">
      <Facts
        rows={[
          ['Backup', <CopyablePath key="path" path={path} />],
          ['Way', [`${from}, which made it`, ...hops.map((hop) => `${hop.release} (${humanSeconds(hop.seconds)})`)].join(' → ')],
          ...(schema.after === null
            ? []
            : [
                [
                  'Schema',
                  schema.before === schema.after ? `${schema.after}, as before` : `${schema.before ?? 'none'} → ${schema.after}`,
                ] as const,
              ]),
          ...learned.map((hop) => [`Learned of ${hop.release}`, `its newest migration is ${hop.learned}`] as const),
          ...(rows === null ? [] : [['Rows', rowWords(rows)] as const]),
          [
            'Healthy',
            <span key="healthy">
              after <Duration seconds={seconds} /> in all
            </span>,
          ],
          ['Afterwards', 'The copy was removed. The install went on untouched.'],
        ]}
      />
      {rows === null && notes.length === 0 ? null : (
        <ul className="stack-tight">
          {(rows?.fewer ?? []).map(({ table, before, after }) => (
            <li key={table} className="backup-problem">
              <code>{visible(table)}</code>{' '}
              {after === null ? `is gone; it had ${count(before, 'row')}` : `has ${count(after, 'row')} instead of ${before}`}
            </li>
          ))}
          {notes.map((note) => (
            <li key={note} className="backup-problem">
              {visible(note)}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function rowWords({ tables, fewer }: NonNullable<RehearsalReport['rows']>): string {
  return fewer.length === 0
    ? `none were lost in ${count(tables, 'table')}`
    : `${count(fewer.length, 'table')} of ${tables} with fewer than before`;
}
