/**
 * The thread that does the work of this room, from the side that asks: calls go in, questions and progress come out. In a thread of its own
 * a backup neither holds up whoever serves a window or a browser, nor lets their heap grow.
 */
import { startConversation } from '../platform/conversation.ts';
import { askTargets } from './ask-targets.ts';
import type { BackupProgress, MemberName } from './backup-format.ts';

export interface ThreadHelp {
  skip?: (source: number, relatives: string[]) => boolean[];
  into?: (member: MemberName) => string | null;
  onProgress?: (progress: BackupProgress) => void;
  signal?: AbortSignal;
}

export interface BackupThread {
  /** Asks the thread. After an abort it throws the signal's reason, however the thread took it. */
  ask<Answer>(name: string, input: unknown): Promise<Answer>;
  /** Asks also after an abort, to put things in order. */
  askAnyway(name: string): Promise<void>;
  end(): Promise<void>;
}

/** The most that short-lived objects may take in the thread, in MiB. */
const youngHeap = 3;

export function startBackupThread(help: ThreadHelp): BackupThread {
  const { signal } = help;
  const script = new URL(import.meta.url.endsWith('.ts') ? './backup-worker.ts' : './backup-worker.js', import.meta.url);
  const answers = {
    skip: ({ source, relatives }: { source: number; relatives: string[] }) => help.skip?.(source, relatives) ?? [],
    into: (names: string) => askTargets(names, help.into),
    progress: (progress: BackupProgress) => help.onProgress?.(progress),
  };
  const worker = startConversation(script, answers, youngHeap);
  const abort = () => worker.tell('abort', null);
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  return {
    ask: async (name, input) => {
      try {
        return await worker.ask(name, input);
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      }
    },
    askAnyway: (name) => worker.ask(name, null),
    end: async () => {
      signal?.removeEventListener('abort', abort);
      await worker.end();
    },
  };
}
