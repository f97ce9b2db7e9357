import type { ServerResponse } from 'node:http';
import type { StreamMessage } from '../api/client.ts';
import { securityHeaders } from '../transport/content-policy.ts';
import type { Clock } from '../transport/clock.ts';
import { toLine } from '../transport/envelope.ts';
import type { Hub } from '../transport/hub.ts';

/** Milliseconds between two signs of life; proxies and tunnels drop silent connections after 30 to 60 seconds. */
const usualHeartbeat = 15_000;

/** Bytes that may wait for a slow reader. Beyond, its stream ends; it comes back and gets a snapshot. */
const mostWaiting = 8 * 1024 * 1024;

/** The streams of all open pages, as Server-Sent Events: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export class EventStreams {
  readonly #hub: Hub;
  readonly #open = new Set<ServerResponse>();
  readonly #stopHeartbeat: () => void;

  constructor(hub: Hub, clock: Clock, heartbeat: number = usualHeartbeat) {
    this.#hub = hub;
    this.#stopHeartbeat = clock.every(heartbeat, () => {
      for (const response of this.#open) response.write(': still here\n\n');
    });
  }

  /** Turns an answer into a stream until its reader leaves. */
  open(response: ServerResponse): void {
    response.writeHead(200, {
      ...securityHeaders,
      'cache-control': 'no-store',
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    });
    response.socket?.setNoDelay(true);
    response.flushHeaders();
    this.#open.add(response);
    const send = (message: StreamMessage): void => {
      if (response.writableLength > mostWaiting) response.destroy();
      else response.write(`data: ${toLine({ ...message })}\n`);
    };
    const subscribed = this.#hub.subscribe(send);
    response.once('close', () => {
      this.#open.delete(response);
      void subscribed.then((unsubscribe) => unsubscribe());
    });
  }

  /** Ends all streams. */
  close(): void {
    this.#stopHeartbeat();
    for (const response of this.#open) response.end();
    this.#open.clear();
  }
}
