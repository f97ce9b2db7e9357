import type { SpaceNeed } from '../../electron/api/models.ts';
import { Bytes } from '../components/figures.tsx';
import { Panel } from '../components/panel.tsx';
import { humanBytes } from '../../electron/api/units.ts';
import './disk-budget.css';

/** The space that is needed on each volume against what is free there. */
export function DiskBudget({ space }: { space: readonly SpaceNeed[] }) {
  if (space.length === 0) return null;
  return (
    <Panel title="Disk space">
      <ul className="stack">
        {space.map((need) => (
          <Volume key={need.volume} need={need} />
        ))}
      </ul>
    </Panel>
  );
}

function Volume({ need }: { need: SpaceNeed }) {
  const isEnough = need.needed <= need.free;
  const share = need.free <= 0 ? 1 : Math.min(1, need.needed / need.free);
  const words = `${humanBytes(need.needed)} needed of ${humanBytes(need.free)} free`;
  return (
    <li className="stack-tight">
      <div className="row spread">
        <code>{need.volume}</code>
        <span className={isEnough ? 'quiet small' : 'disk-short small'}>
          <Bytes bytes={need.needed} /> needed, <Bytes bytes={need.free} /> free
          {isEnough ? '' : `: ${humanBytes(need.needed - need.free)} too little`}
        </span>
      </div>
      <svg className={isEnough ? 'disk-bar' : 'disk-bar disk-bar-short'} width="100%" height="12" role="img" aria-label={words}>
        <rect className="disk-ground" width="100%" height="12" rx="6" />
        <rect className="disk-needed" width={`${Math.max(share * 100, need.needed > 0 ? 1.5 : 0)}%`} height="12" rx="6" />
      </svg>
      <ul className="disk-phases small quiet">
        {need.phases
          .filter((phase) => phase.bytes > 0)
          .map((phase) => (
            <li key={phase.phase}>
              {phase.phase} <Bytes bytes={phase.bytes} />
            </li>
          ))}
      </ul>
    </li>
  );
}
