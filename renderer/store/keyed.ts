/**
 * What is known of one kind of answer, each under its key. All the slices that only remember answers are made of this.
 *
 * Promises: of two questions about the same thing the later answer wins, whichever arrives last; an answer that is there stays visible while
 * a newer one is asked for and when asking fails. Refuses: to guess when something is old; `stores.ts` says so.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { FailureData } from '../../electron/api/failure.ts';
import type { Result } from '../../electron/api/result.ts';

export interface Loaded<T> {
  value: T | null;
  error: FailureData | null;
  loading: boolean;
}

export interface KeyedState<T> {
  entries: Readonly<Record<string, Loaded<T>>>;
}

export interface Keyed<Input, T> {
  store: StoreApi<KeyedState<T>>;
  keyOf(input: Input): string;
  /** Asks, unless an answer is there or on its way. */
  want(input: Input): void;
  /** Asks anew. */
  load(input: Input): Promise<void>;
  /** Asks anew for everything that was asked before and fits. */
  refresh(fits?: (input: Input) => boolean): void;
  /** Changes an answer that is there and not just asked for anew. */
  change(input: Input, change: (value: T) => T): void;
  /** Drops what fits, so that it is asked for again when it is next looked at. */
  forget(fits: (input: Input) => boolean): void;
}

export const nothingLoaded: Loaded<never> = { value: null, error: null, loading: false };

export function createKeyed<Input, T>(keyOf: (input: Input) => string, ask: (input: Input) => Promise<Result<T>>): Keyed<Input, T> {
  const store = createStore<KeyedState<T>>()(() => ({ entries: {} }));
  const inputs = new Map<string, Input>();
  const turns = new Map<string, number>();
  const set = (key: string, change: Partial<Loaded<T>>): void =>
    store.setState(({ entries }) => ({ entries: { ...entries, [key]: { ...(entries[key] ?? nothingLoaded), ...change } } }));

  const load = async (input: Input): Promise<void> => {
    const key = keyOf(input);
    const turn = (turns.get(key) ?? 0) + 1;
    turns.set(key, turn);
    inputs.set(key, input);
    set(key, { loading: true });
    const answer = await ask(input);
    if (turns.get(key) !== turn) return;
    set(key, answer.ok ? { value: answer.result, error: null, loading: false } : { error: answer.error, loading: false });
  };

  return {
    store,
    keyOf,
    load,
    want(input) {
      const entry = store.getState().entries[keyOf(input)];
      if (entry === undefined) void load(input);
    },
    refresh(fits = () => true) {
      for (const input of inputs.values()) if (fits(input)) void load(input);
    },
    change(input, change) {
      const entry = store.getState().entries[keyOf(input)];
      if (entry !== undefined && entry.value !== null && !entry.loading) set(keyOf(input), { value: change(entry.value) });
    },
    forget(fits) {
      const entries = { ...store.getState().entries };
      for (const [key, input] of inputs) {
        if (!fits(input)) continue;
        inputs.delete(key);
        turns.set(key, (turns.get(key) ?? 0) + 1);
        delete entries[key];
      }
      store.setState({ entries });
    },
  };
}
