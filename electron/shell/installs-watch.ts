/**
 * What the tray knows: every install with its status and what runs on it, kept up to date by the hub's stream.
 * Feeds are asked at the start, every 24 hours and on demand; everything else is looked at on this machine alone.
 */
import type { RunningOperation, StreamMessage } from '../api/client.ts';
import type { EngineEvent } from '../api/events.ts';
import type { InstallSummary, Status } from '../api/models.ts';
import type { Clock } from '../transport/clock.ts';
import type { Hub } from '../transport/hub.ts';
import type { InstallView } from './install-view.ts';

/** Milliseconds. */
const feedPause = 24 * 60 * 60_000;
/** A product that ends by itself shows in the tray within this time. */
const healthPause = 60_000;
/** Several changes at once are one look. */
const together = 150;

interface Known {
  status: Status | null;
  problem: string | null;
}

export interface InstallsWatch {
  views(): InstallView[];
  /** Asks the feeds of all installs. Resolves when all have answered or failed. */
  checkForUpdates(): Promise<void>;
  close(): void;
}

export interface WatchListeners {
  /** Something that the tray shows has changed. */
  onChange(): void;
  /** @param operation as it stood before its end */
  onEnded(event: Extract<EngineEvent, { event: 'ended' }>, operation: RunningOperation): void;
  /** Whether the 24 hours' look is wanted. */
  wantsFeeds(): boolean;
}

/** Begins to watch; resolves once the first look has been taken, without the feeds. */
export async function watchInstalls(hub: Hub, clock: Clock, listeners: WatchListeners): Promise<InstallsWatch> {
  let installs: InstallSummary[] = [];
  let operations: RunningOperation[] = [];
  const known = new Map<string, Known>();
  let due: ReturnType<typeof setTimeout> | null = null;

  const look = async (offline: boolean): Promise<void> => {
    const answer = await hub.call('installs', {});
    if (answer.ok) installs = answer.result;
    for (const install of known.keys()) if (!installs.some((each) => each.install === install)) known.delete(install);
    await Promise.all(installs.map(async ({ install }) => known.set(install, await lookAt(hub, install, offline, known.get(install)?.status ?? null))));
    listeners.onChange();
  };
  const lookSoon = (): void => {
    due ??= setTimeout(() => {
      due = null;
      void look(true);
    }, together);
  };
  const hear = (message: StreamMessage): void => {
    if (message.kind === 'snapshot') {
      ({ installs, operations } = message.snapshot);
    } else if (message.kind === 'changed') {
      lookSoon();
    } else {
      const { event } = message;
      const ended = event.event === 'ended' ? operations.find((each) => each.operation === event.operation) : undefined;
      operations = hub.running();
      if (event.event === 'ended' && ended !== undefined) listeners.onEnded(event, ended);
    }
    listeners.onChange();
  };
  const leave = await hub.subscribe(hear);
  const stops = [
    clock.every(healthPause, lookSoon),
    clock.every(feedPause, () => {
      if (listeners.wantsFeeds()) void look(false);
    }),
  ];
  await look(true);
  return {
    views: () => installs.map((install) => viewOf(install, known.get(install.install), operations)),
    checkForUpdates: () => look(false),
    close: () => {
      leave();
      for (const stop of stops) stop();
      if (due !== null) clearTimeout(due);
    },
  };
}

function viewOf(install: InstallSummary, known: Known | undefined, operations: readonly RunningOperation[]): InstallView {
  const operation = operations.find((each) => each.install === install.install && each.ended === null) ?? null;
  return { install, status: known?.status ?? null, problem: known?.problem ?? null, operation };
}

async function lookAt(hub: Pick<Hub, 'call'>, install: string, offline: boolean, before: Status | null): Promise<Known> {
  const answer = await hub.call('status', { install, offline });
  if (!answer.ok) return { status: null, problem: answer.error.message };
  const status = answer.result;
  return { status: offline ? withKnownUpdate(status, before) : status, problem: null };
}

/** A look without the feeds does not forget what they said last. */
function withKnownUpdate(status: Status, before: Status | null): Status {
  const latest = before?.update.latest ?? null;
  if (before === null || latest === null || latest === status.release || before.channel !== status.channel) return status;
  return { ...status, update: before.update };
}
