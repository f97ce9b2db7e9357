/** Who this process runs as, and where another process stands. */
import { readlink, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { answerOf } from './processes.ts';

/** The user's number; null on Windows, which has none. */
export function ownUser(): number | null {
  return process.getuid?.() ?? null;
}

/** The name of the user with that number, for messages; the number itself where nobody has it. */
export async function userName(uid: number): Promise<string> {
  if (uid === ownUser()) return userInfo().username;
  const entry =
    process.platform === 'linux' ? await answerOf(['getent', 'passwd', String(uid)]) : await answerOf(['id', '-un', String(uid)]);
  return entry?.split(':')[0]?.trim() || String(uid);
}

/**
 * The working folder of a process; null where this person may not know it, where the system has no such thing (Windows), or where
 * there is no such process.
 */
export async function folderOfProcess(pid: number): Promise<string | null> {
  if (process.platform === 'linux') return readlink(`/proc/${pid}/cwd`).catch(() => null);
  if (process.platform !== 'darwin') return null;
  const answer = await answerOf(['lsof', '-a', '-p', String(pid), '-d', 'cwd', '-Fn']);
  return (
    answer
      ?.split('\n')
      .find((line) => line.startsWith('n'))
      ?.slice(1) ?? null
  );
}

/** Whose process it is; null where nobody tells, or there is none. */
export async function ownerOfProcess(pid: number): Promise<number | null> {
  if (process.platform === 'win32') return null;
  if (process.platform === 'linux') {
    return stat(`/proc/${pid}`).then(
      ({ uid }) => uid,
      () => null,
    );
  }
  const answer = (await answerOf(['ps', '-o', 'uid=', '-p', String(pid)]))?.trim() ?? '';
  return /^\d+$/.test(answer) ? Number(answer) : null;
}
