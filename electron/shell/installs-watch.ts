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
  /** What is known now; nothing before the first look. */
  views(): InstallView[];
  /** Begins to watch. Resolves once the first look has been taken, without the feeds. Never rejects. */
  start(listeners: WatchListeners): Promise<void>;
  /** Asks the feeds of all installs. Resolves when all have answered or failed. */
  checkForUpdates(): Promise<void>;
  close(): void;
}

export interface WatchListeners {
  /** Something that the tray shows has changed. */
  onChange: () => void;
  /** @param operation as it stood before its end */
  onEnded: (event: Extract<EngineEvent, { event: 'ended' }>, operation: RunningOperation) => void;
  /** Whether the 24 hours' look is wanted. */
  wantsFeeds: () => boolean;
}

export function installsWatch(hub: Hub, clock: Clock): InstallsWatch {
  let installs: InstallSummary[] = [];
  let operations: RunningOperation[] = [];
  let listeners: WatchListeners | null = null;
  let due: ReturnType<typeof setTimeout> | null = null;
  const known = new Map<string, Known>();
  const stops: (() => void)[] = [];

  const look = async (offline: boolean): Promise<void> => {
    const answer = await hub.call('installs', {});
    if (answer.ok) installs = answer.result;
    for (const install of known.keys()) if (!installs.some((each) => each.install === install)) known.delete(install);
    await Promise.all(
      installs.map(async ({ install }) => {
        const next = await lookAt(hub, install, offline);
        known.set(install, offline ? withKnownUpdate(next, known.get(install)?.status ?? null) : next);
      }),
    );
    listeners?.onChange();
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
      if (event.event === 'ended' && ended !== undefined) listeners?.onEnded(event, ended);
    }
    listeners?.onChange();
  };
  return {
    views: () => installs.map((install) => viewOf(install, known.get(install.install), operations)),
    start: async (wanted) => {
      listeners = wanted;
      stops.push(await hub.subscribe(hear));
      stops.push(clock.every(healthPause, lookSoon));
      stops.push(clock.every(feedPause, () => void (wanted.wantsFeeds() && look(false))));
      await look(true);
    },
    checkForUpdates: () => look(false),
    close: () => {
      listeners = null;
      for (const stop of stops) stop();
      if (due !== null) clearTimeout(due);
    },
  };
}

function viewOf(install: InstallSummary, known: Known | undefined, operations: readonly RunningOperation[]): InstallView {
  const operation = operations.find((each) => each.install === install.install && each.ended === null) ?? null;
  return { install, status: known?.status ?? null, problem: known?.problem ?? null, operation };
}

async function lookAt(hub: Pick<Hub, 'call'>, install: string, offline: boolean): Promise<Known> {
  const answer = await hub.call('status', { install, offline });
  return answer.ok ? { status: answer.result, problem: null } : { status: null, problem: answer.error.message };
}

/** A look without the feeds does not forget what they said last. */
function withKnownUpdate(known: Known, before: Status | null): Known {
  const { status } = known;
  const latest = before?.update.latest ?? null;
  if (status === null || before === null || latest === null || latest === status.release) return known;
  if (before.channel !== status.channel || before.pin !== status.pin) return known;
  return { ...known, status: { ...status, update: before.update } };
}
