/** The script of the thread that does the work of this room; it has worker threads of its own for packing and checking. */
import { serveConversation } from '../platform/conversation.ts';
import type { Keys } from './age-outside.ts';
import type { Writer, WriterOptions } from './backup-writer.ts';
import { borrowBackupWorkers, startBackupWorkers } from './backup-workers.ts';
import { goLast } from '../platform/priority.ts';
import { holdSpares } from '../platform/spares.ts';
import { targetsOf } from './ask-targets.ts';
import type { BackupHeader, BackupProgress, MemberName } from './backup-format.ts';
import type { ScannedSource } from './scan-sources.ts';

interface ToRead {
  path: string;
  fileKey: Uint8Array | null;
}

// Its own threads wait as long as this one does.
const endSpares = holdSpares();
serveConversation((asker) => {
  const aborter = new AbortController();
  const { signal } = aborter;
  const progress = (done: BackupProgress) => asker.tell('progress', done);
  const into = (members: MemberName[]) => targetsOf(members, (names) => asker.ask<string>('into', names));
  const skip = (source: number, relatives: string[]) => asker.ask<boolean[]>('skip', { source, relatives });
  let writer: Writer | null = null;
  const open = (): Writer => {
    if (!writer) throw new Error('no backup is open');
    return writer;
  };
  return {
    abort: () => aborter.abort(),
    open: async (options: WriterOptions) => {
      // Before the worker threads start: they inherit it.
      if (options.goLast === true) goLast();
      const pool = options.goLast === true ? startBackupWorkers() : borrowBackupWorkers();
      // They come up while this thread loads what it needs.
      pool.start();
      const { createWriter } = await import('./backup-writer.ts');
      writer = await createWriter(options, { signal, skip, progress }, pool);
    },
    addFirstPass: (sources: ScannedSource[]) => open().addFirstPass(sources),
    addChanges: (sources: ScannedSource[]) => open().addChanges(sources),
    verifyWritten: () => open().verifyWritten(),
    seal: (header: BackupHeader) => open().seal(header),
    key: () => open().key(),
    abandon: () => writer?.abandon(),
    // What only one of these needs is loaded when it is asked for: a backup begins sooner.
    verify: async ({ path, fileKey }: ToRead) => {
      const { verifyAll } = await import('./verify-members.ts');
      return verifyAll(path, { signal, progress, fileKey });
    },
    unpack: async ({ path, fileKey, resume }: ToRead & { resume: boolean }) => {
      const { unpackAll } = await import('./unpack-members.ts');
      return unpackAll(path, { signal, progress, into, resume, fileKey });
    },
    unlock: async ({ header, keys }: { header: Uint8Array; keys: Keys }) => {
      const { openHeader } = await import('./age-header.ts');
      return openHeader(Buffer.from(header), keys);
    },
  };
}, endSpares);
