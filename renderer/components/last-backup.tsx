import type { Status } from '../../electron/api/models.ts';
import { daysSince } from '../format/time.ts';
import { VerdictBadge } from './badge.tsx';
import { Ago, useNow } from './figures.tsx';

/** Days after which a proof is old news. */
const freshDays = 7;

/** When it was last backed up, and what that backup is worth. */
export function LastBackup({ backup }: { backup: Status['lastBackup'] }) {
  const now = useNow();
  if (backup === null) return <span>No backup yet</span>;
  const isOld = daysSince(backup.at, now) > freshDays;
  return (
    <span className="row">
      <span>
        {isOld ? 'Last backup is old: ' : 'Backed up '}
        <Ago time={backup.at} />
      </span>
      <VerdictBadge verdict={backup.verdict} />
    </span>
  );
}
