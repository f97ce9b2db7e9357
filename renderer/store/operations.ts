/**
 * The operations that run or ended a while ago, as the stream tells them.
 *
 * Promises: whatever comes within one animation frame becomes one change, so that sixty events a second cost one drawing each; a window
 * that gets no frames, because it is hidden or was hidden just now, still hears of an end.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { RunningOperation } from '../../electron/api/client.ts';
import type { EngineEvent } from '../../electron/api/events.ts';
import { applyEvent } from './operation-events.ts';

export interface OperationsState {
  operations: Readonly<Record<string, RunningOperation>>;
}

export interface Operations {
  store: StoreApi<OperationsState>;
  /** Takes the whole state over; what was known before is forgotten, also events that wait. */
  reset(operations: readonly RunningOperation[]): void;
  hear(event: EngineEvent): void;
}

/** Calls back once, soon. */
export type Schedule = (run: () => void) => void;

/** Milliseconds after which a window takes in what it heard although no frame came. */
const longestWait = 250;

export function createOperations(schedule: Schedule = nextFrame): Operations {
  const store = createStore<OperationsState>()(() => ({ operations: {} }));
  let heard: EngineEvent[] = [];
  const takeIn = (): void => {
    const events = heard;
    heard = [];
    if (events.length === 0) return;
    const operations: Record<string, RunningOperation> = { ...store.getState().operations };
    for (const event of events) {
      const next = applyEvent(operations[event.operation], event);
      if (next !== undefined) operations[event.operation] = next;
    }
    store.setState({ operations });
  };
  return {
    store,
    reset(operations) {
      heard = [];
      store.setState({ operations: Object.fromEntries(operations.map((each) => [each.operation, each])) });
    },
    hear(event) {
      heard.push(event);
      if (heard.length === 1) schedule(takeIn);
    },
  };
}

/** A frame that was asked for never comes when the window is hidden before it: so the clock goes along, and whichever is first counts. */
function nextFrame(run: () => void): void {
  const once = (): void => {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
    run();
  };
  const timer = setTimeout(once, longestWait);
  const frame = requestAnimationFrame(once);
}
