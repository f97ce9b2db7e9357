import type { RunningOperation } from '../api/client.ts';
import type { EngineEvent, StepView } from '../api/events.ts';

/** Milliseconds for which an ended operation is still shown to a face that comes late. */
const remembered = 10 * 60_000;

/** Notes that are kept of one operation; the first ones go when there are more. */
const mostNotes = 200;

/** What the events of an engine add up to: every operation as it stands now. */
export class OperationsSeen {
  readonly #all = new Map<string, RunningOperation>();
  /** When ended ones were heard to end, by our own clock. */
  readonly #ended = new Map<string, number>();
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** All that run or ended lately, the oldest first. The answer is a copy. */
  all(): RunningOperation[] {
    this.#forget();
    return [...this.#all.values()].map(copyOf);
  }

  running(): RunningOperation[] {
    return this.all().filter((each) => each.ended === null);
  }

  take(event: EngineEvent): void {
    if (event.event === 'started') {
      this.#all.set(event.operation, begun(event));
      return;
    }
    const seen = this.#all.get(event.operation);
    if (seen !== undefined) apply(seen, event);
    if (event.event === 'ended') this.#ended.set(event.operation, this.#now());
  }

  #forget(): void {
    const oldest = this.#now() - remembered;
    for (const [operation, at] of this.#ended) {
      if (at >= oldest) continue;
      this.#all.delete(operation);
      this.#ended.delete(operation);
    }
  }
}

function copyOf(seen: RunningOperation): RunningOperation {
  const progress = seen.progress === null ? null : { ...seen.progress };
  return { ...seen, steps: seen.steps.map((step) => ({ ...step })), progress, notes: [...seen.notes] };
}

function begun({ operation, action, install, steps, at }: Extract<EngineEvent, { event: 'started' }>): RunningOperation {
  const copied = steps.map((step) => ({ ...step }));
  return { operation, action, install, startedAt: at, steps: copied, progress: null, notes: [], cancelling: false, ended: null };
}

function apply(seen: RunningOperation, event: Exclude<EngineEvent, { event: 'started' }>): void {
  switch (event.event) {
    case 'step':
      setStep(seen.steps, { id: event.id, title: event.title, state: event.state });
      break;
    case 'progress':
      seen.progress = { ...event.progress, fraction: Math.max(seen.progress?.fraction ?? 0, event.progress.fraction) };
      break;
    case 'note':
      seen.notes.push({ level: event.level, text: event.text });
      if (seen.notes.length > mostNotes) seen.notes.shift();
      break;
    case 'cancelling':
      seen.cancelling ||= event.possible;
      break;
    case 'ended':
      seen.ended = { outcome: event.outcome, error: event.error, at: event.at };
  }
}

function setStep(steps: StepView[], step: StepView): void {
  const index = steps.findIndex((each) => each.id === step.id);
  if (index === -1) steps.push(step);
  else steps[index] = step;
}
