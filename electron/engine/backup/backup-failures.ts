/** What this room says when something is wrong with a backup file or with what goes into it. */
import { Failure } from '../../api/failure.ts';

/** A file that is no backup, or no whole one. */
export function badBackup(path: string, problem: string): Failure {
  return new Failure('bad-backup', `${path} is not a usable backup: ${problem}.`, {
    remedy: { action: 'restore-backup', text: 'Use another backup; "moult backups" lists them.', command: 'moult backups' },
    details: { path, problem },
  });
}

/** A backup that says what no writer of backups would say: made by hand to do harm, or badly broken. */
export function badArchive(path: string, problem: string): Failure {
  return new Failure('bad-archive', `${path} is refused: ${problem}.`, {
    remedy: {
      action: 'restore-backup',
      text: 'Do not use this file. Use a backup that you made yourself; "moult backups" lists them.',
      command: 'moult backups',
    },
    details: { path, problem },
  });
}

/** An encrypted backup, and nothing that opens it. */
export function needsKey(path: string, passphrase: boolean): Failure {
  const means = passphrase ? 'its passphrase' : 'the key that it was locked for';
  return new Failure('needs-key', `${path} is encrypted: to read it takes ${means}.`, {
    remedy: keyRemedy(passphrase),
    details: { path, passphrase },
  });
}

export function wrongKey(path: string, passphrase: boolean): Failure {
  const verdict = passphrase ? 'this passphrase does not open it' : 'none of the keys given opens it';
  return new Failure('wrong-key', `${path} is encrypted, and ${verdict}.`, {
    remedy: keyRemedy(passphrase),
    details: { path, passphrase },
  });
}

function keyRemedy(passphrase: boolean): NonNullable<Failure['remedy']> {
  return {
    action: 'give-key',
    text: passphrase ? 'Give its passphrase: add --passphrase or --passphrase-file FILE.' : 'Give its key: add --identity-file FILE.',
  };
}

export function newerFormat(path: string, found: number, known: number): Failure {
  return new Failure(
    'newer-format',
    `${path} is a backup in format ${found}; this Moult knows formats up to ${known}. Upgrade Moult to read it.`,
    {
      remedy: { action: 'upgrade-moult', text: 'Upgrade Moult, then try again.' },
      details: { path, found, known },
    },
  );
}

/** Files that did not stand still however often they were read. */
export function neverStill(paths: readonly string[]): Failure {
  const names = paths
    .slice(0, 5)
    .map((path) => shown(path))
    .join(', ');
  return new Failure('io', `${paths.length === 1 ? 'A file' : `${paths.length} files`} kept changing while being read: ${names}.`, {
    remedy: { action: 'stop-service', text: 'Stop what writes there, then back up again.' },
    details: { paths: paths.slice(0, 100) },
  });
}

/** Names that go into messages: without control characters, and not endlessly long. */
export function shown(name: string): string {
  const clean = name.toWellFormed().replaceAll(/\p{Cc}/gu, '\ufffd');
  return clean.length > 200 ? `${clean.slice(0, 199)}…` : clean;
}

/** System errors while reading or writing `path`, as failures that a person understands; others pass through. */
export function explainSystemError(error: unknown, doing: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (error instanceof Failure || typeof code !== 'string' || !/^E[A-Z0-9]+$/.test(code)) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new Failure('no-space', `${doing}: no space is left on the disk.`, {
      remedy: { action: 'free-space', text: 'Free some space or choose another folder, then try again.' },
      cause: error,
    });
  }
  return new Failure('io', `${doing}: ${(error as Error).message}`, {
    remedy: { action: 'retry', text: 'Look at the cause, then try again.' },
    cause: error,
  });
}
