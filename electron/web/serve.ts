/**
 * The browser's face: the same screens over HTTP, for machines without a display.
 * Promises: only this machine can connect; only a browser that was given the printed address gets in; a page of another origin can
 * neither ask nor read anything; what arrives is checked before the engine sees it. Refuses: other host names, other origins, other
 * methods, bodies beyond 1 MiB, and to say more than "no" to who is not let in.
 */
import { createServer, type Server } from 'node:http';
import { access } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Engine } from '../api/engine.ts';
import { Failure } from '../api/failure.ts';
import { type Clock, systemClock } from '../transport/clock.ts';
import { openHub } from '../transport/hub.ts';
import { answerWith } from './answer.ts';
import { EventStreams } from './event-streams.ts';
import { handleRequest } from './handle-request.ts';
import { Sessions } from './sessions.ts';

/** Taken when no port is asked for; `MOUL` on the keys of a telephone. */
const usualPort = 6685;

/** Milliseconds that open requests may take when the server closes. */
const farewell = 1000;

export interface WebOptions {
  version: string;
  /** The folder of the built screens. */
  files: string;
  /** The port; 0 for any. Without it the usual one, or any where that is taken. */
  port?: number | undefined;
  clock?: Clock;
  /** Milliseconds between two signs of life on a stream. */
  heartbeat?: number;
}

export interface WebServer {
  port: number;
  /** Without the token: for messages that others may see. */
  origin: string;
  /** The address that lets a browser in. A secret. */
  address: string;
  /** An address that lets one browser of this user in, once, within a minute: it may be seen in a list of processes. */
  ticketAddress(): string;
  /** Ids of operations that have not ended. */
  running(): string[];
  close(): Promise<void>;
}

/** Serves the screens and the engine on 127.0.0.1. Throws `port-in-use`, and `io` where the screens were not built. */
export async function serve(engine: Engine, options: WebOptions): Promise<WebServer> {
  await refuseMissingScreens(options.files);
  const clock = options.clock ?? systemClock;
  const sessions = new Sessions(clock);
  const hub = openHub(engine, options.version, clock);
  const streams = new EventStreams(hub, clock, options.heartbeat);
  const server = createServer({ maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5000 });
  server.maxConnections = 256;
  server.on('request', (request, response) => {
    handleRequest({ hub, streams, sessions, files: options.files }, request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else answerWith(response, 500, 'text/plain; charset=utf-8', 'Moult met a fault of its own.\n');
    });
  });
  // Words that are no HTTP at all get none back.
  server.on('clientError', (_error, socket) => socket.destroy());
  const port = await listen(server, options.port);
  sessions.nameCookie(port);
  const origin = `http://127.0.0.1:${port}`;
  return {
    port,
    origin,
    address: `${origin}/?token=${sessions.token}`,
    ticketAddress: () => `${origin}/?token=${sessions.makeTicket()}`,
    running: () => hub.running().map(({ operation }) => operation),
    close: async () => {
      streams.close();
      hub.close();
      await closeServer(server);
    },
  };
}

async function refuseMissingScreens(files: string): Promise<void> {
  const index = join(files, 'index.html');
  await access(index).catch((cause: unknown) => {
    throw new Failure('io', `the screens are missing: ${index}`, {
      remedy: { action: 'show-help', text: 'Build them.', command: 'npm run build' },
      cause,
    });
  });
}

async function listen(server: Server, asked: number | undefined): Promise<number> {
  try {
    return await listenOn(server, asked ?? usualPort);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isTaken = code === 'EADDRINUSE' || code === 'EACCES';
    if (isTaken && asked === undefined) return listenOn(server, 0);
    if (!isTaken) throw error;
    throw new Failure(
      'port-in-use',
      `port ${asked} of 127.0.0.1 is ${code === 'EACCES' ? 'not open to this user' : 'used by another program'}`,
      {
        remedy: { action: 'retry', text: 'Choose another port, or leave it out.', command: 'moult serve' },
        details: { port: asked },
        cause: error,
      },
    );
  }
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), farewell).unref();
  });
}
