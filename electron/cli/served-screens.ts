import type { Engine } from '../api/engine.ts';

/** A server as the command line needs it. */
export interface ServedScreens {
  origin: string;
  /** With the token: a secret, for this person's eyes. */
  address: string;
  openBrowser(): Promise<boolean>;
  /** Ids of operations that have not ended. */
  running(): string[];
  close(): Promise<void>;
}

export type OpenServer = (engine: Engine, port: number | undefined) => Promise<ServedScreens>;
