/** Installs as the tray sees them, for tests. */
import type { RunningOperation } from '../../electron/api/client.ts';
import type { Status } from '../../electron/api/models.ts';
import type { InstallView } from '../../electron/shell/install-view.ts';
import { install, status } from '../support/fake-world.ts';

export interface ViewWish {
  name?: string;
  latest?: string | null;
  status?: Partial<Status> | null;
  problem?: string | null;
  operation?: Partial<RunningOperation> | null;
}

/** An install that runs, is healthy and has nothing newer, changed as a test wishes. */
export function view({ name = 'sprig', latest = null, status: more = {}, problem = null, operation = null }: ViewWish = {}): InstallView {
  const update = { latest, notes: null, notesAt: null, held: null, quarantined: [], error: null };
  return {
    install: { ...install, install: name },
    status: more === null ? null : { ...status, install: name, update, ...more },
    problem,
    operation: operation === null ? null : { ...running, install: name, ...operation },
  };
}

export const running: RunningOperation = {
  operation: 'op-1',
  action: 'upgrade',
  install: 'sprig',
  startedAt: '2026-03-06T05:06:07.000Z',
  steps: [],
  progress: { fraction: 0.429, step: 'one' },
  notes: [],
  cancelling: false,
  ended: null,
};
