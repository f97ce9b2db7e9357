/**
 * Data like a person's own, for looking at screens. Times are close to now, so that they read naturally.
 */
import type { Backup, HistoryEntry, InstallSummary, Receipt, Status } from '../../../electron/api/models.ts';
import { backup, entry, install, receiptOf, status } from '../../support/fake-world.ts';

const day = 86_400_000;

export function daysAgo(days: number): string {
  return new Date(Date.now() - days * day).toISOString();
}

export const home = '/home/ann/.sprig';
export const mebi = 1024 * 1024;

export const sampleStatus: Status = {
  ...status,
  service: { ...status.service, since: daysAgo(3) },
  lastBackup: { id: 'b-1', at: daysAgo(2), verdict: 'proven' },
  protection: { provenAt: daysAgo(2), scheduled: true, next: daysAgo(-0.4), missed: null, warning: null },
};

export const sampleBackups: Backup[] = [
  {
    ...backup,
    id: 'b-4',
    at: daysAgo(0.2),
    verdict: 'proven',
    release: '1.1.0',
    verifiedAt: daysAgo(0.1),
    bytes: 41 * mebi,
    files: 12_482,
  },
  {
    ...backup,
    id: 'b-3',
    at: daysAgo(2),
    verdict: 'unproven',
    release: '1.1.0',
    reason: 'before-restore',
    bytes: 40 * mebi,
    files: 12_301,
  },
  {
    ...backup,
    id: 'b-2',
    at: daysAgo(9),
    verdict: 'unproven',
    release: '1.0.0',
    reason: 'before-upgrade',
    bytes: 39 * mebi,
    files: 11_907,
  },
  {
    ...backup,
    id: 'b-1',
    at: daysAgo(16),
    verdict: 'bad',
    release: '1.0.0',
    bytes: 12 * mebi,
    problem: 'Frame 214 cannot be read: the file ends too early.',
  },
];

export const sampleHistory: HistoryEntry[] = [
  {
    ...entry,
    operation: 'op-5',
    action: 'back-up',
    from: '1.1.0',
    to: '1.1.0',
    startedAt: daysAgo(0.2),
    endedAt: daysAgo(0.19999),
    undoUntil: null,
  },
  {
    ...entry,
    operation: 'op-4',
    action: 'restore',
    from: '1.1.0',
    to: '1.1.0',
    startedAt: daysAgo(2),
    endedAt: daysAgo(1.9999),
    undoUntil: new Date(Date.now() + 5 * day).toISOString(),
  },
  {
    ...entry,
    operation: 'op-3',
    action: 'upgrade',
    from: '1.1.0',
    to: '2.0.0',
    startedAt: daysAgo(5),
    endedAt: daysAgo(4.9996),
    outcome: 'rolled-back',
    endState: 'old-and-healthy',
    message: '2.0.0 did not become healthy within 60 s: GET /health answered 500',
    undoUntil: null,
  },
  {
    ...entry,
    operation: 'op-2',
    action: 'upgrade',
    from: '1.0.0',
    to: '1.1.0',
    startedAt: daysAgo(9),
    endedAt: daysAgo(8.9998),
    undoUntil: null,
  },
  {
    ...entry,
    operation: 'op-1',
    action: 'set-up',
    from: null,
    to: '1.0.0',
    startedAt: daysAgo(20),
    endedAt: daysAgo(19.9999),
    undoUntil: null,
  },
];

/** Of `op-2` in the history above. */
export const pastReceipt: Receipt = {
  ...receiptOf('upgrade'),
  operation: 'op-2',
  to: '1.1.0',
  startedAt: daysAgo(9),
  endedAt: daysAgo(8.9998),
  backup: 'b-2',
};

/** Of `op-3`. */
export const pastFailure: Receipt = {
  ...receiptOf('upgrade'),
  operation: 'op-3',
  from: '1.1.0',
  endState: 'old-and-healthy',
  startedAt: daysAgo(5),
  endedAt: daysAgo(4.9996),
  items: [],
  steps: [
    { id: 'back-up', title: 'Back up', seconds: 8.2, outcome: 'done' },
    { id: 'switch', title: 'Switch to 2.0.0', seconds: 0.1, outcome: 'undone' },
    { id: 'health', title: 'Wait until 2.0.0 is healthy', seconds: 60, outcome: 'failed' },
  ],
  reason: {
    code: 'rolled-back',
    message: '2.0.0 did not become healthy within 60 s: GET /health answered 500. Sprig Lite 1.1.0 is back with its data as it was before.',
  },
};

export function manyInstalls(count: number): InstallSummary[] {
  const products = ['Sprig Lite', 'Node-RED', 'Gatekeeper', 'Field Notes'];
  return Array.from({ length: count }, (_, index) => ({
    ...install,
    install: index === 0 ? 'sprig' : `sprig-${index + 1}`,
    title: products[index % products.length] ?? 'Sprig Lite',
    home: `/srv/installs/${index + 1}`,
  }));
}
