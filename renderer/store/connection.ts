import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Connection } from '../../electron/api/client.ts';
import type { FailureData } from '../../electron/api/failure.ts';

export interface ConnectionState {
  connection: Connection;
  /** Whether a first snapshot has come; until then nothing can be said about what there is. */
  hasState: boolean;
  /** Moult's own version, '' before the first snapshot. */
  version: string;
  /** Set when Moult answers but does not let this page in any more. */
  shutOut: FailureData | null;
}

export function createConnection(): StoreApi<ConnectionState> {
  return createStore<ConnectionState>()(() => ({ connection: 'connecting', hasState: false, version: '', shutOut: null }));
}
