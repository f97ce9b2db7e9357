/** What each event of the engine does to an operation as it stands. Pure: the same events always give the same operation. */
import type { RunningOperation } from '../../electron/api/client.ts';
import type { EngineEvent } from '../../electron/api/events.ts';

/** The most notes that are remembered of one operation, the latest ones. */
const mostNotes = 1000;

/**
 * An operation after one more event. `before` is undefined for one that is not known; only `started` makes one known, so that a late
 * event never conjures up half an operation.
 */
export function applyEvent(before: RunningOperation | undefined, event: EngineEvent): RunningOperation | undefined {
  if (event.event === 'started') return before ?? begin(event);
  if (before === undefined) return undefined;
  switch (event.event) {
    case 'step':
      return { ...before, steps: withStep(before.steps, event) };
    case 'progress':
      return { ...before, progress: forwards(before.progress, event.progress) };
    case 'note':
      return { ...before, notes: withNote(before.notes, { level: event.level, text: event.text }) };
    case 'cancelling':
      return { ...before, cancelling: event.possible, notes: withNote(before.notes, { level: 'info', text: event.text }) };
    case 'ended':
      return { ...before, cancelling: false, ended: { outcome: event.outcome, error: event.error, at: event.at } };
  }
}

function begin(event: Extract<EngineEvent, { event: 'started' }>): RunningOperation {
  const { operation, action, install, steps, at } = event;
  return { operation, action, install, startedAt: at, steps, progress: null, notes: [], cancelling: false, ended: null };
}

type Note = RunningOperation['notes'][number];

function withNote(notes: readonly Note[], note: Note): Note[] {
  return [...notes, note].slice(-mostNotes);
}

/** A step may come that was not announced: undoing and tidying up are only known when they are needed. */
function withStep(
  steps: RunningOperation['steps'],
  { id, title, state }: Extract<EngineEvent, { event: 'step' }>,
): RunningOperation['steps'] {
  return steps.some((step) => step.id === id)
    ? steps.map((step) => (step.id === id ? { id, title, state } : step))
    : [...steps, { id, title, state }];
}

/** A bar that goes back frightens: the engine never sends that, but two wires may. */
function forwards(before: RunningOperation['progress'], after: NonNullable<RunningOperation['progress']>): RunningOperation['progress'] {
  return before !== null && after.fraction < before.fraction ? { ...after, fraction: before.fraction } : after;
}
