/**
 * The thread that does the work of this room, from the side that asks: calls go in, questions and progress come out. In a thread of its own
 * a backup neither holds up whoever serves a window or a browser, nor lets their heap grow.
 */
import { Spares } from '../platform/spares.ts';
import { startConversation, type TalkingWorker } from '../platform/conversation.ts';
import { askTargets } from './ask-targets.ts';
import type { BackupProgress, MemberName } from './backup-format.ts';

export interface ThreadHelp {
  skip?: (source: number, relatives: string[]) => boolean[];
  into?: (member: MemberName) => string | null;
  onProgress?: (progress: BackupProgress) => void;
  signal?: AbortSignal;
  /** What the thread does leaves traces in it (a key, a low priority): it is not kept for other work. So it is with a `fileKey` among what it is asked. */
  isItsLast?: boolean;
}

export interface BackupThread {
  /** Asks the thread. After an abort it throws the signal's reason, however the thread took it. */
  ask<Answer>(name: string, input: unknown): Promise<Answer>;
  /** Asks also after an abort, to put things in order. */
  askAnyway(name: string): Promise<void>;
  /** The thread is not needed any more. It waits for other work when all went well, or ends. */
  end(): Promise<void>;
}

/** The most that short-lived objects may take in the thread, in MiB. */
const youngHeap = 3;
/** After more content than this, in bytes, a thread is ended: that gives its memory back, and starting another one is nothing beside such work. */
const keptAfter = 32 * 1024 * 1024;

const spares = new Spares<TalkingWorker>();

export function startBackupThread(help: ThreadHelp): BackupThread {
  const { signal } = help;
  let isGood = help.isItsLast !== true;
  const script = new URL(import.meta.url.endsWith('.ts') ? './backup-worker.ts' : './backup-worker.js', import.meta.url);
  const answers = {
    skip: ({ source, relatives }: { source: number; relatives: string[] }) => help.skip?.(source, relatives) ?? [],
    into: (names: string) => askTargets(names, help.into),
    progress: (progress: BackupProgress) => {
      isGood &&= progress.bytes <= keptAfter;
      help.onProgress?.(progress);
    },
  };
  const spare = spares.take();
  spare?.anew(answers);
  const worker = spare ?? startConversation(script, answers, youngHeap);
  const abort = () => {
    isGood = false;
    worker.tell('abort', null);
  };
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  return {
    ask: async (name, input) => {
      isGood &&= !hasKey(input);
      try {
        return await worker.ask(name, input);
      } catch (error) {
        isGood = false;
        signal?.throwIfAborted();
        throw error;
      }
    },
    askAnyway: (name) => {
      isGood = false;
      return worker.ask(name, null);
    },
    end: async () => {
      signal?.removeEventListener('abort', abort);
      await (isGood ? spares.keep(worker) : worker.end());
    },
  };
}

function hasKey(input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'fileKey' in input && input.fileKey !== null;
}
