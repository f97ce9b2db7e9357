/**
 * The process that holds the session of a physical backup, follows the log, runs servers on copies and reads pages through.
 * It is a process of its own so that the log is taken whatever Moult is busy with, because a server that stops waits for it, and so that
 * a server on a copy ends with Moult, however that ends.
 */
import { serveWorkerProcess } from '../platform/worker-process.ts';
import { checkPages } from './postgres-checksums.ts';
import { holdCluster, type HeldCluster, type HoldInput } from './postgres-hold.ts';
import { startAside, type AsideInput, type AsideServer } from './postgres-server.ts';

let held: HeldCluster | null = null;
let aside: AsideServer | null = null;

serveWorkerProcess(
  {
    begin: async (input: HoldInput) => {
      held = await holdCluster(input);
      return held.begin();
    },
    complete: async () => holding().complete(),
    finish: async () => holding().finish(),
    counts: async () => holding().counts(),
    release: async () => {
      await held?.close();
      held = null;
    },
    aside: async (input: AsideInput) => {
      aside = await startAside(input);
      await aside.ready();
      return { socket: aside.socket };
    },
    rows: async (input: { role: string; database: string; statement: string }) => running().rows(input, input.statement),
    'stop-aside': async () => {
      await running().stop();
      aside = null;
    },
    'kill-aside': async () => {
      await running().kill();
      aside = null;
    },
    pages: async (input: { folder: string }) => checkPages(input.folder),
  },
  async () => {
    await held?.close();
    await aside?.kill();
  },
);

function holding(): HeldCluster {
  if (held === null) throw new Error('no backup was begun');
  return held;
}

function running(): AsideServer {
  if (aside === null) throw new Error('no server was started');
  return aside;
}
