/**
 * The only front door of the engine: plain Node, no Electron. The desktop app, the command line and the browser all hold what
 * `createEngine` returns, and reach the engine through the one `Api`.
 */
import { resolve } from 'node:path';
import type { Engine } from '../api/engine.ts';
import type { EngineEvent } from '../api/events.ts';
import { moultHome as defaultHome } from './platform/environment.ts';
import { holdSpares } from './platform/spares.ts';
import { openWholeRegistry } from './registry/registry.ts';
import { makeApi } from './workflow/api.ts';
import { loadKeptKeys } from './workflow/kept-keys.ts';
import type { Kit } from './workflow/kit.ts';
import { runOperations } from './workflow/operations.ts';
import { findLostBackups } from './workflow/rescan.ts';

export interface EngineOptions {
  /** Moult's own folder; `MOULT_HOME` or the platform's place for application data when it is not given. */
  moultHome?: string;
}

/** Opens the registry and returns an engine. Nothing else is touched until it is asked for something. */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const moultHome = resolve(options.moultHome ?? defaultHome());
  const kit: Kit = { moultHome, registry: await openWholeRegistry(moultHome) };
  const letGoOfSpares = holdSpares();
  await findLostBackups(kit);
  await loadKeptKeys(moultHome);
  const listeners = new Set<(event: EngineEvent) => void>();
  const emit = (event: EngineEvent) => {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch {
        // A window that is gone or a pipe that was closed must not hold up an operation, nor those who listen after it.
      }
    }
  };
  const operations = runOperations(kit, emit);
  return {
    api: makeApi(kit, operations, emit),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    cancel: (operation) => operations.cancel(operation),
    wait: async (operation) => operations.wait(operation),
    close: async () => {
      for (const operation of operations.running()) await operations.wait(operation);
      kit.registry.close();
      await letGoOfSpares();
    },
  };
}
