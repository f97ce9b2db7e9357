/** Words for how things are: health, verdicts, outcomes. */
import type { Health, HistoryEntry, Hop, ServiceState, Status, Verdict } from '../../electron/api/models.ts';

/** What a look says: `stays` is fine, `changes` is news, `needs` wants a person, `quiet` says nothing. */
export type Tone = 'stays' | 'changes' | 'needs' | 'quiet';

export const healthWords: Record<Health, { text: string; tone: Tone }> = {
  healthy: { text: 'Healthy', tone: 'stays' },
  unhealthy: { text: 'Unhealthy', tone: 'needs' },
  stopped: { text: 'Stopped', tone: 'quiet' },
  unknown: { text: 'Health unknown', tone: 'changes' },
};

export const verdictWords: Record<Verdict, { text: string; tone: Tone; meaning: string }> = {
  proven: { text: 'Proven', tone: 'stays', meaning: 'It was restored aside and the product ran on it.' },
  unproven: { text: 'Unproven', tone: 'changes', meaning: 'It was read back whole, but the product never ran on it.' },
  bad: { text: 'Bad', tone: 'needs', meaning: 'It cannot be read back, or the product did not run on it. Do not rely on it.' },
};

export const outcomeWords: Record<HistoryEntry['outcome'], { text: string; tone: Tone }> = {
  running: { text: 'Running', tone: 'changes' },
  done: { text: 'Done', tone: 'stays' },
  failed: { text: 'Failed', tone: 'needs' },
  'rolled-back': { text: 'Rolled back', tone: 'changes' },
  cancelled: { text: 'Cancelled', tone: 'quiet' },
  interrupted: { text: 'Interrupted', tone: 'needs' },
  refused: { text: 'Refused', tone: 'quiet' },
};

export const hopWords: Record<Hop['kind'], string> = {
  patch: 'patch',
  minor: 'minor',
  major: 'major',
  prerelease: 'pre-release',
  same: 'same release',
};

/** Why a backup was made. */
export const reasonWords: Record<'asked' | 'scheduled' | 'before-upgrade' | 'before-restore' | 'before-purge', string> = {
  asked: 'asked for',
  scheduled: 'scheduled',
  'before-upgrade': 'before an upgrade',
  'before-restore': 'before a restore',
  'before-purge': 'before a purge',
};

export function serviceWords({ state, port, pid }: ServiceState): string {
  if (state === 'stopped') return 'Stopped';
  const where = port === null ? '' : ` on port ${port}`;
  if (state === 'foreign') return `Something runs${where} that Moult did not start${pid === null ? '' : ` (process ${pid})`}`;
  return `Running${where}`;
}

export function schemaWords({ schema }: Status): string {
  if (schema.version === null) return 'None yet';
  return schema.known === null ? schema.version : `${schema.version}, this release knows ${schema.known}`;
}

/** The end of an operation that left things standing. */
export const endStateWords = {
  'new-and-healthy': 'The new state stands, and the product is healthy.',
  'old-and-healthy': 'Everything is as it was before, and the product is healthy.',
  'old-and-stopped': 'Everything is as it was before; the product is stopped, as it was found.',
  done: '',
  'stopped-and-kept': 'The product is stopped. Every byte of it is kept.',
} as const;

/** The same of an operation that lies back: what stood then may not stand now. */
export const endedWords = {
  'new-and-healthy': 'The new state stood then, and the product was healthy.',
  'old-and-healthy': 'Everything was as before it then, and the product was healthy.',
  'old-and-stopped': 'Everything was as before it then, and the product was stopped.',
  done: '',
  'stopped-and-kept': 'The product was stopped then, and every byte of it was kept.',
} as const;
