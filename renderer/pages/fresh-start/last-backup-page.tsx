import { Archive } from 'lucide-react';
import type { Plan } from '../../../electron/api/models.ts';
import { VerdictBadge } from '../../components/badge.tsx';
import { CopyablePath } from '../../components/copyable.tsx';
import { Ago, Bytes } from '../../components/figures.tsx';
import { Notice } from '../../components/notice.tsx';
import { Panel } from '../../components/panel.tsx';
import { useLoaded, useStores } from '../../store/use-stores.ts';
import { reasonWords } from '../../wording/states.ts';

/** The second page: what brings everything back if the trash is not enough. */
export function LastBackupPage({ plan }: { plan: Plan }) {
  const { install } = plan;
  const backups = useLoaded(useStores().backups, { install });
  const newest = (backups.value ?? []).toSorted((left, right) => right.at.localeCompare(left.at)).slice(0, 3);
  const bytes = plan.items.filter((item) => item.fate === 'remove').reduce((sum, item) => sum + item.bytes, 0);
  return (
    <>
      <Notice tone="stays" title="A last backup is taken and read back first">
        <p>
          It holds what goes, <Bytes bytes={bytes} /> before compression. If it cannot be made or cannot be read back, nothing goes and
          everything stays as it is.
        </p>
      </Notice>
      <Panel title="Backups that are there already">
        {newest.length === 0 ? (
          <p className="quiet">None. The one that is taken now is the first.</p>
        ) : (
          <ul className="stack-tight">
            {newest.map((backup) => (
              <li key={backup.id} className="row">
                <Archive size={16} aria-hidden="true" />
                <Ago time={backup.at} />
                <VerdictBadge verdict={backup.verdict} />
                <span className="quiet">
                  {reasonWords[backup.reason]}, <Bytes bytes={backup.bytes} />
                </span>
                <span className="small">
                  <CopyablePath path={backup.path} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </>
  );
}
