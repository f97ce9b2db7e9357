import { Archive, Clock, Download } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Plan } from '../../electron/api/models.ts';
import { Bytes, Duration } from '../components/figures.tsx';
import './plan-facts.css';

/** What an operation costs, in a line: how long the product is down, what is downloaded, what is backed up first. */
export function PlanFacts({ plan }: { plan: Plan }) {
  const download = plan.path.reduce((sum, hop) => sum + (hop.bytes ?? 0), 0);
  return (
    <ul className="plan-facts">
      <Fact icon={<Clock size={18} aria-hidden="true" />}>{downtimeWords(plan)}</Fact>
      {download > 0 ? (
        <Fact icon={<Download size={18} aria-hidden="true" />}>
          <Bytes bytes={download} /> to fetch
        </Fact>
      ) : null}
      {plan.action === 'upgrade' ? (
        <Fact icon={<Archive size={18} aria-hidden="true" />}>A backup is taken and read back first</Fact>
      ) : null}
    </ul>
  );
}

function downtimeWords({ downtime }: Plan): ReactNode {
  if (downtime === null) return 'Downtime was never measured here yet';
  if (downtime === 0) return 'It goes on running meanwhile';
  return (
    <>
      Down for about <Duration seconds={downtime} />, as measured here
    </>
  );
}

function Fact({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <li>
      {icon}
      <span>{children}</span>
    </li>
  );
}
