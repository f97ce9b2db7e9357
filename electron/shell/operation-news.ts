/** What a notification says when an operation has ended. */
import type { RunningOperation } from '../api/client.ts';
import type { EngineEvent } from '../api/events.ts';
import { operationPage } from './pages.ts';

export interface News {
  title: string;
  body: string;
  page: string;
}

/** Actions that a person hears of when they end well; of the others only when they fail. */
const done: Partial<Record<RunningOperation['action'], (title: string, to: string | null) => string>> = {
  upgrade: (title, to) => `${title} is now ${to ?? 'upgraded'}.`,
  'roll-back': (title, to) => `${title} is back on ${to ?? 'the release before'}.`,
  'back-up': (title) => `The backup of ${title} is made and was read back.`,
  restore: (title) => `${title} is restored.`,
  'set-up': (title) => `${title} is set up.`,
  'fresh-start': (title) => `${title} begins anew. It can be undone for a week.`,
};

/** @param title of the install */
export function newsOf(ended: Extract<EngineEvent, { event: 'ended' }>, action: RunningOperation['action'], title: string): News | null {
  const page = operationPage(ended.operation);
  if (ended.error !== null) {
    if (ended.error.code === 'cancelled') return null;
    const head = ended.error.code === 'rolled-back' ? `${title} is as it was before` : `${title} needs you`;
    return { title: head, body: ended.error.message, page };
  }
  // What goes well by itself every night is no news; what is missed is in the tray.
  if (ended.outcome?.backup?.reason === 'scheduled') return null;
  const words = done[action];
  return words === undefined ? null : { title: words(title, ended.outcome?.to ?? null), body: 'Open Moult for the receipt.', page };
}

/** The share of all running operations for a taskbar or dock icon, 0 to 1; null when nothing runs, 2 while it cannot be told. */
export function overallProgress(running: readonly RunningOperation[]): number | null {
  if (running.length === 0) return null;
  const known = running.flatMap((each) => (each.progress === null ? [] : [each.progress.fraction]));
  return known.length === 0 ? 2 : known.reduce((sum, fraction) => sum + fraction, 0) / running.length;
}
