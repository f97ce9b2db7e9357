import { createStore, type StoreApi } from 'zustand/vanilla';
import type { InstallSummary } from '../../electron/api/models.ts';

export interface InstallsState {
  /** null until the first snapshot. */
  installs: readonly InstallSummary[] | null;
}

export function createInstalls(): StoreApi<InstallsState> {
  return createStore<InstallsState>()(() => ({ installs: null }));
}
