import { Flag } from 'lucide-react';
import type { Plan } from '../../electron/api/models.ts';
import { Bytes } from '../components/figures.tsx';
import { hopWords } from '../wording/states.ts';
import './hop-path.css';

/** The way from here to the target, stop by stop. */
export function HopPath({ plan }: { plan: Pick<Plan, 'from' | 'to' | 'path'> }) {
  if (plan.path.length === 0) return null;
  return (
    <ol className="hop-path" aria-label={`The path from ${plan.from ?? 'nothing'} to ${plan.to ?? 'nothing'}`}>
      <li className="hop hop-here">
        <span className="hop-dot" aria-hidden="true" />
        <span className="hop-release mono">{plan.from ?? 'nothing'}</span>
        <span className="small quiet">now</span>
      </li>
      {plan.path.map((hop, index) => (
        <li key={hop.release} className={`hop${index === plan.path.length - 1 ? ' hop-target' : ''}`}>
          <span className="hop-dot" aria-hidden="true" />
          <span className="hop-release mono">{hop.release}</span>
          <span className="small quiet">
            {hopWords[hop.kind]}
            {hop.bytes === undefined ? null : (
              <>
                {', '}
                <Bytes bytes={hop.bytes} />
              </>
            )}
          </span>
          {hop.because === undefined ? null : (
            <span className="hop-because small">
              <Flag size={12} aria-hidden="true" /> Required stop: {hop.because}
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}
