import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Failure } from '../../../electron/api/failure.ts';
import type { HealthSpec } from '../../../electron/engine/product/schema.ts';
import { awaitHealthy, probeHealth, type AwaitHealthyOptions } from '../../../electron/engine/service/health.ts';

interface Page {
  status?: number;
  version?: string;
  state?: string;
  progress?: unknown;
  text?: string;
  headers?: Record<string, string>;
  /** Never answers. */
  hang?: boolean;
}

test('a healthy product is believed after it stayed so for the time to settle', async () => {
  const server = await serve(() => ({}));
  const report = await awaitHealthy(optionsFor(server, { settle: '400ms' }));
  expect(report).toMatchObject({ health: 'healthy', release: '1.2.0', detail: null });
  expect(report.seconds).toBeGreaterThanOrEqual(0.4);
  expect(report.seconds).toBeLessThan(2);
  expect(server.asked()).toBeGreaterThan(5);
});

test('a product that needs a moment is waited for, and what is waited for is told', async () => {
  const server = await serve((elapsed) => (elapsed < 300 ? { status: 503, state: 'starting' } : {}));
  const told: string[] = [];
  await awaitHealthy({ ...optionsFor(server), onProgress: (detail) => told.push(detail) });
  expect(told[0]).toContain('answered 503 where 200 was expected');
  expect(told.at(-1)).toContain('healthy');
});

test('a product that nothing is heard of runs into its limit', async () => {
  const server = await serve(() => ({}));
  server.close();
  const failure = await failureOf({ ...optionsFor(server, { within: '400ms' }) });
  expect(failure).toMatchObject({
    code: 'health-failed',
    remedy: { action: 'open-log' },
    details: { reason: 'timeout', expected: '1.2.0', found: null },
  });
  expect(failure.message).toContain('nothing listens there');
});

test('an address that hangs does not stretch the limit', async () => {
  const server = await serve(() => ({ hang: true }));
  const from = performance.now();
  const failure = await failureOf(optionsFor(server, { within: '500ms' }));
  expect(failure.details).toMatchObject({ reason: 'timeout' });
  expect(failure.message).toContain('no answer within');
  expect(performance.now() - from).toBeLessThan(1500);
});

test('an answer that drips for ever does not stretch the limit either', async () => {
  const server = await serve((_, answer) => {
    const timer = setInterval(() => answer.write(' '), 20);
    answer.once('close', () => clearInterval(timer));
    return { hang: true };
  });
  const from = performance.now();
  expect((await failureOf(optionsFor(server, { within: '500ms' }))).details).toMatchObject({ reason: 'timeout' });
  expect(performance.now() - from).toBeLessThan(1500);
});

test('a wrong build is not healthy, however well it answers, and is not waited for until the limit', async () => {
  const server = await serve(() => ({ version: '1.1.0' }));
  const from = performance.now();
  const failure = await failureOf(optionsFor(server, { within: '30s', settle: '100ms' }));
  expect(failure.details).toMatchObject({ reason: 'wrong-build', expected: '1.2.0', found: '1.1.0' });
  expect(failure.message).toContain('Release 1.2.0');
  expect(failure.message).toContain('1.1.0');
  expect(performance.now() - from).toBeLessThan(4000);
});

test('the old build may answer for a moment before the new one does', async () => {
  const server = await serve((elapsed) => (elapsed < 400 ? { version: '1.1.0' } : {}));
  expect(await awaitHealthy(optionsFor(server, { settle: '200ms' }))).toMatchObject({ release: '1.2.0' });
});

test('a healthy product that does not tell its release is not taken for the expected one', async () => {
  const server = await serve(() => ({ text: '{"status":"ok"}' }));
  const failure = await failureOf(optionsFor(server, { within: '400ms' }));
  expect(failure.details).toMatchObject({ reason: 'wrong-build', found: null });
  expect(await awaitHealthy({ ...optionsFor(server), expectRelease: null })).toMatchObject({ health: 'healthy', release: null });
});

test('v1.2.0 and 1.2.0 are one release', async () => {
  const server = await serve(() => ({ version: 'v1.2.0' }));
  expect(await awaitHealthy(optionsFor(server))).toMatchObject({ health: 'healthy' });
});

test('a product that flaps is not healthy: the time to settle begins again each time', async () => {
  const server = await serve((elapsed) => (elapsed % 300 < 150 ? {} : { status: 500 }));
  const failure = await failureOf(optionsFor(server, { within: '1200ms', settle: '400ms' }));
  expect(failure.details).toMatchObject({ reason: 'unhealthy-after-healthy', wasHealthy: true });
  expect(failure.message).toContain('did not stay so for 400ms');
});

test('one bad answer starts the time to settle anew and is forgiven', async () => {
  const server = await serve((elapsed) => (elapsed > 200 && elapsed < 300 ? { status: 500 } : {}));
  const report = await awaitHealthy(optionsFor(server, { settle: '400ms' }));
  expect(report.seconds).toBeGreaterThan(0.6);
});

test('a migration that reports progress gets more time than the limit', async () => {
  const server = await serve((elapsed) => (elapsed < 1500 ? { status: 503, progress: Math.floor(elapsed / 100) / 15 } : { progress: 1 }));
  const told: [string, number | undefined][] = [];
  const report = await awaitHealthy({
    ...optionsFor(server, { within: '500ms', settle: '200ms' }),
    onProgress: (...each) => told.push(each as [string, number | undefined]),
  });
  expect(report.seconds).toBeGreaterThan(1.5);
  const fractions = told.map(([, fraction]) => fraction ?? 0);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  expect(fractions.filter((fraction) => fraction > 0 && fraction < 0.9).length).toBeGreaterThan(5);
  expect(fractions.at(-1)).toBeGreaterThanOrEqual(0.95);
  expect(told.some(([detail]) => detail === 'working on its start: 40 %')).toBe(true);
});

test('a migration whose progress stands still runs into the limit, and the message says that it had begun again', async () => {
  const server = await serve((elapsed) => ({ status: 503, progress: elapsed < 400 ? `step ${Math.floor(elapsed / 100)}` : 'step 4' }));
  const failure = await failureOf(optionsFor(server, { within: '500ms' }));
  expect(failure.details).toMatchObject({ reason: 'timeout', progress: 'step 4' });
  expect(failure.details?.['seconds']).toBeGreaterThan(0.85);
  expect(failure.details?.['seconds']).toBeLessThan(2);
  expect(failure.message).toContain('began again');
});

test('progress does not extend the limit for ever', async () => {
  const server = await serve((elapsed) => ({ status: 503, progress: elapsed }));
  const failure = await failureOf(optionsFor(server, { within: '300ms', atMost: '900ms' }));
  expect(failure.details).toMatchObject({ reason: 'timeout' });
  expect(failure.details?.['seconds']).toBeGreaterThanOrEqual(0.9);
  expect(failure.details?.['seconds']).toBeLessThan(1.8);
});

test('a product that dies before it is healthy is told at once', async () => {
  const server = await serve(() => ({ status: 503 }));
  const from = performance.now();
  const failure = await failureOf({ ...optionsFor(server, { within: '30s' }), isAlive: async () => performance.now() - from < 300 });
  expect(failure.details).toMatchObject({ reason: 'died', wasHealthy: false });
  expect(failure.message).toContain('ended before it was healthy');
  expect(performance.now() - from).toBeLessThan(1500);
});

test('a product that dies after it was healthy is not healthy, even when something still answers', async () => {
  const server = await serve(() => ({}));
  const from = performance.now();
  const failure = await failureOf({ ...optionsFor(server, { settle: '3s' }), isAlive: async () => performance.now() - from < 300 });
  expect(failure.details).toMatchObject({ reason: 'died', wasHealthy: true });
  expect(failure.message).toContain('although it had been healthy');
});

test('an abort ends the wait with its reason, also in the middle of an answer', async () => {
  const server = await serve(() => ({ hang: true }));
  const reason = new Error('cancelled by a person');
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 150);
  const from = performance.now();
  await expect(awaitHealthy({ ...optionsFor(server, { within: '30s' }), signal: controller.signal })).rejects.toBe(reason);
  expect(performance.now() - from).toBeLessThan(1000);
});

test('a redirect to another host or port is not followed', async () => {
  const other = await serve(() => ({}));
  const server = await serve(() => ({ status: 302, headers: { location: `${other.url}/healthz` } }));
  const report = await probeHealth(specFor(server.url), (text) => text);
  expect(report).toMatchObject({ health: 'unhealthy', release: null });
  expect(report.detail).toContain('answered 302');
  expect(other.asked()).toBe(0);
});

test('a redirect within the same host is followed, but not in circles', async () => {
  const moved = await serve((_, __, asked) => (asked.url === '/healthz' ? { status: 301, headers: { location: '/really' } } : {}));
  expect(await probeHealth(specFor(moved.url), (text) => text)).toMatchObject({ health: 'healthy', release: '1.2.0' });
  const circle = await serve(() => ({ status: 302, headers: { location: '/healthz' } }));
  expect(await probeHealth(specFor(circle.url), (text) => text)).toMatchObject({ health: 'unhealthy' });
});

test('every look is a request of its own on a connection of its own, and asks for no cached answer', async () => {
  const server = await serve((_, __, asked) => ({ version: asked.headers['cache-control']?.includes('no-cache') ? '1.2.0' : 'cached' }));
  for (let round = 0; round < 3; round += 1)
    expect(await probeHealth(specFor(server.url), (text) => text)).toMatchObject({ release: '1.2.0' });
  expect(server.asked()).toBe(3);
  expect(server.connections()).toBe(3);
});

test.each([
  ['a value that is not as told', { state: 'degraded' }, 'says "degraded" at /status where "ok" was expected'],
  ['an answer that is not JSON', { text: '<html>' }, 'not JSON'],
  ['a value that is missing', { text: '{}' }, 'says nothing at /status'],
  ['another status', { status: 404 }, 'answered 404 where 200 was expected'],
  ['an answer without end', { text: ' '.repeat(1_100_000) }, 'longer than'],
] as const)('%s is told in words', async (_, page, words) => {
  const server = await serve(() => page);
  const report = await probeHealth(specFor(server.url), (text) => text);
  expect(report.health).toBe('unhealthy');
  expect(report.detail).toContain(words);
});

test('a status list and a header are understood, and texts in braces are filled in', async () => {
  const server = await serve(() => ({ status: 204, headers: { 'X-Build': '3.0.1' } }));
  const spec: HealthSpec = {
    ...specFor('http://127.0.0.1:{port}'),
    ready: [{ url: 'http://127.0.0.1:{port}/healthz', status: [200, 204], expect: [] }],
    build: { url: 'http://127.0.0.1:{port}/healthz', pointer: '/', header: 'X-Build' },
  };
  const report = await probeHealth(spec, (text) => text.replace('{port}', new URL(server.url).port));
  expect(report).toMatchObject({ health: 'healthy', release: '3.0.1' });
});

test.each([
  ['2.0', 'unhealthy'],
  ['1.7', 'healthy'],
])('a pattern is held against the value %s: %s', async (version, health) => {
  const server = await serve(() => ({ version }));
  const spec: HealthSpec = {
    ...specFor(server.url),
    ready: [{ url: `${server.url}/x`, status: [200], expect: [{ pointer: '/version', matches: '^1\\.' }] }],
  };
  expect((await probeHealth(spec, (text) => text)).health).toBe(health);
});

function specFor(url: string): HealthSpec {
  return {
    ready: [{ url: `${url}/healthz`, status: [200], expect: [{ pointer: '/status', equals: 'ok' }] }],
    build: { url: `${url}/healthz`, pointer: '/version' },
    progress: { url: `${url}/healthz`, pointer: '/progress' },
    within: '10s',
    settle: '200ms',
    every: '25ms',
    atMost: '30m',
  };
}

function optionsFor(server: { url: string }, spec: Partial<HealthSpec> = {}): AwaitHealthyOptions {
  return { spec: { ...specFor(server.url), ...spec }, fill: (text) => text, expectRelease: '1.2.0', isAlive: async () => true };
}

async function failureOf(options: AwaitHealthyOptions): Promise<Failure> {
  return awaitHealthy(options).then(
    () => {
      throw new Error('it was believed');
    },
    (error: unknown) => error as Failure,
  );
}

interface Served {
  url: string;
  asked: () => number;
  connections: () => number;
  close: () => void;
}

/** A product that answers as the page says; `elapsed` counts milliseconds from the first request. */
async function serve(page: (elapsed: number, answer: ServerResponse, asked: IncomingMessage) => Page): Promise<Served> {
  let first: number | null = null;
  let asked = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((request, answer) => {
    asked += 1;
    first ??= performance.now();
    const {
      status = 200,
      version = '1.2.0',
      state = 'ok',
      progress = null,
      text,
      headers = {},
      hang,
    } = page(performance.now() - first, answer, request);
    if (hang) return;
    answer.writeHead(status, headers);
    answer.end(text ?? JSON.stringify({ status: state, version, progress }));
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  onTestFinished(close);
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    asked: () => asked,
    connections: () => sockets.size,
    close,
  };
}
