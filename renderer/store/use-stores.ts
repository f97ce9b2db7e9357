import { createContext, use, useEffect } from 'react';
import { useStore } from 'zustand';
import type { RunningOperation } from '../../electron/api/client.ts';
import type { InstallSummary, Status } from '../../electron/api/models.ts';
import { type Keyed, type Loaded, nothingLoaded } from './keyed.ts';
import type { Stores } from './stores.ts';

export const StoresContext = createContext<Stores | null>(null);

export function useStores(): Stores {
  const stores = use(StoresContext);
  if (stores === null) throw new Error('no stores above this component');
  return stores;
}

/** An answer, asked for when it is first looked at; null asks nothing. */
export function useLoaded<Input, T>(slice: Keyed<Input, T>, input: Input | null): Loaded<T> {
  const key = input === null ? null : slice.keyOf(input);
  const loaded = useStore(slice.store, (state) => (key === null ? undefined : state.entries[key]));
  const isMissing = loaded === undefined;
  useEffect(() => {
    if (input !== null && isMissing) slice.want(input);
    // The key stands for the input.
  }, [slice, key, isMissing]);
  return loaded ?? (key === null ? nothingLoaded : loadingNow);
}

/** The same, but never an answer from before this component was there. */
export function useFresh<Input, T>(slice: Keyed<Input, T>, input: Input | null): Loaded<T> {
  const key = input === null ? null : slice.keyOf(input);
  const loaded = useStore(slice.store, (state) => (key === null ? undefined : state.entries[key]));
  useEffect(() => {
    if (input === null) return undefined;
    void slice.load(input);
    return () => slice.forget((each) => slice.keyOf(each) === key);
  }, [slice, key]);
  return loaded ?? (key === null ? nothingLoaded : loadingNow);
}

const loadingNow: Loaded<never> = { value: null, error: null, loading: true };

export function useStatus(install: string): Loaded<Status> {
  return useLoaded(useStores().statuses, { install });
}

export function useInstalls(): readonly InstallSummary[] | null {
  return useStore(useStores().installs, (state) => state.installs);
}

export function useOperation(operation: string): RunningOperation | undefined {
  return useStore(useStores().operations.store, (state) => state.operations[operation]);
}

/** The operation that runs on an install now. */
export function useRunning(install: string): RunningOperation | undefined {
  return useStore(useStores().operations.store, (state) =>
    Object.values(state.operations).find((each) => each.install === install && each.ended === null),
  );
}
