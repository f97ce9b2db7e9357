import { percent } from '../format/numbers.ts';
import './progress-bar.css';

/** How far something is, 0 to 1. An SVG, so that its width needs no inline style. */
export function ProgressBar({ fraction, label }: { fraction: number; label: string }) {
  const done = percent(fraction);
  return (
    <div className="progress-bar" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={done}>
      <svg width="100%" height="8" aria-hidden="true">
        <rect className="progress-ground" width="100%" height="8" rx="4" />
        <rect className="progress-done" width={`${Math.max(fraction * 100, 1)}%`} height="8" rx="4" />
      </svg>
    </div>
  );
}
