/** What each action is called: before it, while it runs and when it is done. */
import type { ActionKind, OperationOutcome } from '../../electron/api/models.ts';

interface Words {
  /** On a button. */
  wish: string;
  /** While it runs: `Upgrading sprig`. */
  running: (install: string) => string;
  done: (outcome: OperationOutcome) => string;
  /** In a list of what was done. */
  noun: string;
}

export const actionWords: Record<ActionKind, Words> = {
  'set-up': {
    wish: 'Set up',
    running: (name) => `Setting up ${name}`,
    done: (end) => `${end.install} is set up${release(end)}.`,
    noun: 'Set-up',
  },
  adopt: {
    wish: 'Adopt',
    running: (name) => `Adopting ${name}`,
    done: (end) => `${end.install} is adopted${release(end)}. Nothing of it was touched.`,
    noun: 'Adoption',
  },
  upgrade: {
    wish: 'Upgrade',
    running: (name) => `Upgrading ${name}`,
    done: (end) => `${end.install} is upgraded${fromTo(end)}.`,
    noun: 'Upgrade',
  },
  'roll-back': {
    wish: 'Roll back',
    running: (name) => `Rolling ${name} back`,
    done: (end) => `${end.install} is rolled back${fromTo(end)}.`,
    noun: 'Roll back',
  },
  'back-up': { wish: 'Back up', running: (name) => `Backing up ${name}`, done: (end) => `${end.install} is backed up.`, noun: 'Backup' },
  restore: {
    wish: 'Restore',
    running: (name) => `Restoring ${name}`,
    done: (end) => (end.exported === undefined ? `${end.install} is restored${release(end)}.` : 'It was taken out of the backup.'),
    noun: 'Restore',
  },
  uninstall: {
    wish: 'Uninstall',
    running: (name) => `Uninstalling ${name}`,
    done: (end) => `${end.install} is uninstalled. Its data is kept.`,
    noun: 'Uninstall',
  },
  purge: {
    wish: 'Purge',
    running: (name) => `Purging ${name}`,
    done: (end) => `${end.install} is purged. What it had waits in the trash.`,
    noun: 'Purge',
  },
  'fresh-start': {
    wish: 'Start fresh',
    running: (name) => `Starting ${name} fresh`,
    done: (end) => `${end.install} has started fresh${release(end)}.`,
    noun: 'Fresh start',
  },
  undo: {
    wish: 'Undo',
    running: (name) => `Undoing the last operation on ${name}`,
    done: (end) => `The last operation on ${end.install} is undone.`,
    noun: 'Undo',
  },
  recover: {
    wish: 'Recover',
    running: (name) => `Recovering ${name}`,
    done: (end) => `${end.install} is recovered${release(end)}.`,
    noun: 'Recovery',
  },
  start: { wish: 'Start', running: (name) => `Starting ${name}`, done: (end) => `${end.install} is started.`, noun: 'Start' },
  stop: { wish: 'Stop', running: (name) => `Stopping ${name}`, done: (end) => `${end.install} is stopped.`, noun: 'Stop' },
  restart: { wish: 'Restart', running: (name) => `Restarting ${name}`, done: (end) => `${end.install} is started again.`, noun: 'Restart' },
  rescan: {
    wish: 'Look for backups',
    running: () => 'Looking for backups',
    done: () => 'The folder was looked through.',
    noun: 'Search for backups',
  },
  drill: {
    wish: 'Try it now',
    running: (name) => `Trying a backup of ${name}`,
    done: (end) => `The backup is proven: ${end.install}${release(end).replace(', release', '')} ran healthily on it.`,
    noun: 'Drill',
  },
  rehearse: {
    wish: 'Rehearse',
    running: (name) => `Rehearsing an upgrade of ${name} on a copy`,
    done: (end) => `The upgrade was rehearsed: ${end.to ?? 'the release'} ran healthily on a copy.`,
    noun: 'Rehearsal',
  },
  run: {
    wish: 'Run',
    running: (name) => `${name} runs a command of its own`,
    done: (end) => `${end.install} has done it.`,
    noun: 'Command',
  },
  copy: {
    wish: 'Copy now',
    running: (name) => `Copying the backups of ${name}`,
    done: (end) => `The backups of ${end.install} were copied where they could be.`,
    noun: 'Copying',
  },
  verify: { wish: 'Verify', running: (name) => `Verifying a backup of ${name}`, done: (end) => verified(end), noun: 'Verification' },
  export: {
    wish: 'Export',
    running: (name) => `Exporting from ${name}`,
    done: (end) => `What was written to ${end.install} since the backup is exported.`,
    noun: 'Export',
  },
};

/** The headline of an end: what is so now. */
export function doneWords(outcome: OperationOutcome): string {
  if (outcome.endState === 'stopped-and-kept') return `${outcome.install} is stopped, and every byte of it is kept.`;
  if (outcome.endState.startsWith('old-and-') && outcome.action === 'upgrade')
    return `${outcome.install} is as it was before, on ${outcome.from ?? 'the old release'}.`;
  return actionWords[outcome.action].done(outcome);
}

export function failedWords({ action, install }: Pick<OperationOutcome, 'action' | 'install'>, isCancelled: boolean): string {
  return `${actionWords[action].noun} of ${install} ${isCancelled ? 'was cancelled' : 'did not succeed'}`;
}

/** The releases that an operation went between: `1.0.0 → 2.0.0`, or the one that it stayed on. */
export function releaseWords({ from, to }: { from: string | null; to: string | null }): string | null {
  if (from !== null && to !== null && from !== to) return `${from} → ${to}`;
  return to ?? from;
}

/** The headline of an operation that lies back: it says nothing about now. */
export function pastWords({ action, install, from, to }: Pick<OperationOutcome, 'action' | 'install' | 'from' | 'to'>): string {
  const releases = releaseWords({ from, to });
  return `${actionWords[action].noun} of ${install}${releases === null ? '' : `, ${releases}`}`;
}

function release({ to, from }: OperationOutcome): string {
  const now = to ?? from;
  return now === null ? '' : `, release ${now}`;
}

function fromTo({ from, to }: OperationOutcome): string {
  return `${from === null ? '' : ` from ${from}`}${to === null ? '' : ` to ${to}`}`;
}

function verified({ verification }: OperationOutcome): string {
  return verification?.verdict === 'bad' ? 'The backup is bad.' : 'The backup was read back whole.';
}
