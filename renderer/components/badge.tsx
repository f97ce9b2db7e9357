import { CircleCheck, CircleDashed, CircleHelp, Info, OctagonAlert, Square, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Health, Severity, Verdict } from '../../electron/api/models.ts';
import { healthWords, type Tone, verdictWords } from '../wording/states.ts';
import './badge.css';

/** A state in a word and a shape; the colour only repeats them. */
export function Badge({ tone, icon, title, children }: { tone: Tone; icon?: ReactNode; title?: string | undefined; children: ReactNode }) {
  return (
    <span className={`badge badge-${tone}`} title={title}>
      {icon}
      <span>{children}</span>
    </span>
  );
}

const healthIcons: Record<Health, ReactNode> = {
  healthy: <CircleCheck size={14} aria-hidden="true" />,
  unhealthy: <OctagonAlert size={14} aria-hidden="true" />,
  stopped: <Square size={12} aria-hidden="true" />,
  unknown: <CircleHelp size={14} aria-hidden="true" />,
};

export function HealthBadge({ health, detail }: { health: Health; detail?: string | null }) {
  const { text, tone } = healthWords[health];
  return (
    <Badge tone={tone} icon={healthIcons[health]} title={detail ?? undefined}>
      {text}
    </Badge>
  );
}

const verdictIcons: Record<Verdict, ReactNode> = {
  proven: <CircleCheck size={14} aria-hidden="true" />,
  unproven: <CircleDashed size={14} aria-hidden="true" />,
  bad: <OctagonAlert size={14} aria-hidden="true" />,
};

export function VerdictBadge({ verdict }: { verdict: Verdict }) {
  const { text, tone, meaning } = verdictWords[verdict];
  return (
    <Badge tone={tone} icon={verdictIcons[verdict]} title={meaning}>
      {text}
    </Badge>
  );
}

const severities: Record<Severity, { text: string; tone: Tone; icon: ReactNode }> = {
  info: { text: 'To know', tone: 'quiet', icon: <Info size={14} aria-hidden="true" /> },
  warning: { text: 'Warning', tone: 'changes', icon: <TriangleAlert size={14} aria-hidden="true" /> },
  problem: { text: 'Problem', tone: 'needs', icon: <OctagonAlert size={14} aria-hidden="true" /> },
};

export function SeverityBadge({ severity }: { severity: Severity }) {
  const { text, tone, icon } = severities[severity];
  return (
    <Badge tone={tone} icon={icon}>
      {text}
    </Badge>
  );
}
