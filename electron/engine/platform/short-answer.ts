import { run } from './processes.ts';

/** What a command prints within so many seconds; null when there is no such command, it fails or it hangs. */
export async function answerWithin(command: readonly string[], limit: number): Promise<string | null> {
  const finished = await run(command, { limit }).catch(() => null);
  return finished?.code === 0 && !finished.timedOut ? finished.stdout : null;
}
