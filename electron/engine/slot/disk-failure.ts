import { Failure } from '../../api/failure.ts';

/** A system error of the disk as a failure that says what could not be done; anything else as it is. */
export function asFailure(error: unknown, doing: string): unknown {
  if (error instanceof Failure) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new Failure('no-space', `the disk is full, so Moult could not ${doing}`, {
      remedy: { action: 'free-space', text: 'Free some space and try again. The live release was not touched.' },
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'EIO') {
    return new Failure('io', `Moult could not ${doing}: ${message}`, {
      remedy: { action: 'retry', text: 'Make the folder writable for you and try again. The live release was not touched.' },
      cause: error,
    });
  }
  return error;
}
