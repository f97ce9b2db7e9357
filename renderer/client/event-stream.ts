import type { Connection } from '../../electron/api/client.ts';

/** The part of `EventSource` that is used. */
export type EventStream = Pick<EventSource, 'addEventListener' | 'close'>;

export type OpenStream = (address: URL) => EventStream;

/** Milliseconds before the first new attempt and between later ones: doubled each time, up to the longest. */
const shortestWait = 500;
const longestWait = 10_000;

/**
 * Follows a stream of Server-Sent Events for as long as it is wanted. An `EventSource` gives up for good on some errors (an HTTP status,
 * a server that restarts), so every error closes it and a new one is opened after a growing wait; coming back online does not wait.
 * @returns ends it
 */
export function followStream(
  open: () => EventStream,
  onText: (text: string) => void,
  onConnection?: (connection: Connection) => void,
): () => void {
  let stream: EventStream | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let wait = shortestWait;

  const connect = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    stream?.close();
    const current = open();
    stream = current;
    current.addEventListener('open', () => {
      wait = shortestWait;
      onConnection?.('connected');
    });
    current.addEventListener('message', (event: MessageEvent<string>) => onText(event.data));
    current.addEventListener('error', () => {
      if (current !== stream) return;
      current.close();
      onConnection?.('lost');
      if (timer !== null) clearTimeout(timer);
      timer = setTimeout(connect, wait);
      wait = Math.min(wait * 2, longestWait);
    });
  };
  const connectNow = (): void => {
    if (timer !== null) connect();
  };

  onConnection?.('connecting');
  connect();
  addEventListener('online', connectNow);
  return () => {
    removeEventListener('online', connectNow);
    if (timer !== null) clearTimeout(timer);
    stream?.close();
    stream = null;
  };
}
