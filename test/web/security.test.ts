import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { methods } from '../../electron/api/methods.ts';
import { rawRequest, rawText } from '../support/raw-http.ts';
import { served } from './served.ts';

describe('who is let in', () => {
  it('nobody without the token: no page, no file, no call, no stream', async () => {
    const { server, engine } = await served();
    for (const path of ['/', '/assets/main-abc123.js', '/api/stream', '/?token=', '/anything']) {
      expect(await rawRequest(server.port, { path }), path).toMatchObject({ status: 401 });
    }
    const headers = { origin: server.origin, 'content-type': 'application/json' };
    const answer = await rawRequest(server.port, { method: 'POST', path: '/api/installs', headers, body: '{}' });
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.body)).toMatchObject({ ok: false, error: { code: 'not-confirmed' } });
    expect(engine.calls).toEqual([]);
  });

  it('nobody with a wrong token or a made up cookie', async () => {
    const { server } = await served();
    const token = new URL(server.address).searchParams.get('token') ?? '';
    for (const wrong of ['x', token.slice(1), `${token}x`, token.toUpperCase(), '%00', '../']) {
      const answer = await rawRequest(server.port, { path: `/?token=${wrong}` });
      expect(answer).toMatchObject({ status: 401 });
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    for (const cookie of [
      `moult-${server.port}=`,
      `moult-${server.port}=${token}`,
      'moult=x',
      `moult-${server.port}=x; moult-${server.port}=y`,
    ]) {
      expect(await rawRequest(server.port, { headers: { cookie } })).toMatchObject({ status: 401 });
    }
  });

  it('exchanges the token for a cookie that scripts and other sites cannot use, and leaves it out of the address', async () => {
    const { server, cookie, ask } = await served();
    const answer = await rawRequest(server.port, { path: new URL(server.address).pathname + new URL(server.address).search });
    expect(answer.status).toBe(303);
    expect(answer.headers['location']).toBe('/');
    expect(answer.headers['set-cookie']).toMatch(/^moult-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(answer.headers['referrer-policy']).toBe('no-referrer');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(cookie).not.toContain(new URL(server.address).searchParams.get('token'));
    expect((await ask()).status).toBe(200);
    // A stranger's cookie of the same name in front does not lock out.
    expect((await ask({ headers: { cookie: `moult-${server.port}=stranger; ${cookie}` } })).status).toBe(200);
  });

  it('leads on by itself where the link was on another site, because a strict cookie is withheld from such a redirect', async () => {
    const { server } = await served();
    const path = `/${new URL(server.address).search}`;
    const answer = await rawRequest(server.port, { path, headers: { 'sec-fetch-site': 'cross-site' } });
    expect(answer).toMatchObject({ status: 200, headers: { refresh: '0; url=/' } });
  });

  it('lets in with a ticket once, and not after a minute', async () => {
    let now = 1_000_000;
    const { server } = await served({ clock: { now: () => now, every: () => () => undefined } });
    const path = (address: string) => `/${new URL(address).search}`;
    const [used, late] = [path(server.ticketAddress()), path(server.ticketAddress())];
    expect((await rawRequest(server.port, { path: used })).status).toBe(303);
    expect((await rawRequest(server.port, { path: used })).status).toBe(401);
    now += 61_000;
    expect((await rawRequest(server.port, { path: late })).status).toBe(401);
  });
});

describe('other names and other sites', () => {
  it.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '0.0.0.0',
    '127.0.0.1:1@evil.example',
    '',
    'localhost:99999999',
    '[::2]',
  ])('refuses the host %j (DNS rebinding)', async (host) => {
    const { server, ask } = await served();
    for (const path of ['/', '/api/installs', '/api/stream', `/${new URL(server.address).search}`]) {
      const answer = await ask({ path, headers: { host } });
      expect([400, 403]).toContain(answer.status);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
  });

  it.each(['localhost:7000', '127.0.0.1:9999', 'LOCALHOST'])('answers to %s, where an SSH tunnel may begin', async (host) => {
    const { ask } = await served();
    expect((await ask({ headers: { host } })).status).toBe(200);
    const call = {
      method: 'POST',
      path: '/api/installs',
      headers: { host, origin: `http://${host}`, 'content-type': 'application/json' },
      body: '{}',
    };
    expect((await ask(call)).status).toBe(200);
  });

  it.each(['http://evil.example', 'null', 'http://127.0.0.1:1', 'https://127.0.0.1', ''])(
    'refuses a call from the origin %j, even with the cookie',
    async (origin) => {
      const { call, engine } = await served();
      const answer = await call('installs', {}, { origin });
      expect(answer.status).toBe(403);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      expect(engine.calls).toEqual([]);
    },
  );

  it.each(['cross-site', 'same-site', 'none'])('refuses a call and a stream that the browser says is %s', async (site) => {
    const { call, ask, engine } = await served();
    expect((await call('installs', {}, { 'sec-fetch-site': site })).status).toBe(403);
    expect((await ask({ path: '/api/stream', headers: { 'sec-fetch-site': site } })).status).toBe(403);
    expect(engine.calls).toEqual([]);
  });

  it('answers no preflight', async () => {
    const { ask } = await served();
    const headers = {
      origin: 'http://evil.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    };
    const answer = await ask({ method: 'OPTIONS', path: '/api/installs', headers });
    expect(answer.status).toBe(403);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('refuses what a form of another site can send', async () => {
    const { call } = await served();
    for (const type of [
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/plain',
      '',
      'application/json, text/plain',
    ]) {
      expect((await call('installs', {}, { 'content-type': type })).status, type).toBe(415);
    }
  });

  it('listens to this machine only', async () => {
    const { server } = await served();
    expect(server.origin).toBe(`http://127.0.0.1:${server.port}`);
    await expect(fetch(`http://[::1]:${server.port}/`)).rejects.toThrow();
  });
});

describe('files', () => {
  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/assets/..\\..\\secret.txt',
    '/%252e%252e/secret.txt',
    '//secret.txt',
    '/./secret.txt',
    '/link.txt',
    '/out/secret.txt',
    '/.hidden',
    '/assets/',
    '/index.html%00.js',
    '/index.html/',
    '/etc/passwd',
    '/C:/secret.txt',
  ])('holds nothing at %s', async (path) => {
    const { ask } = await served();
    const answer = await ask({ path });
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('secret');
  });

  it('refuses an address with a host in it, and words that are no HTTP', async () => {
    const { server, ask } = await served();
    expect((await ask({ path: 'http://evil.example/secret.txt' })).status).toBe(400);
    expect((await rawText(server.port, 'nonsense\r\n\r\n')).status).toBe(0);
    expect((await rawText(server.port, `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).body).not.toContain(
      'Moult',
    );
  });

  it('any address at all gets a file of the screens or a refusal', async () => {
    const { ask } = await served();
    const word = fc.oneof(
      fc.constantFrom('..', '.', '%2e%2e', '%2f', '\\', 'assets', 'out', 'link.txt', 'secret.txt', ''),
      fc.webPath({ size: 'small' }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 5 }), async (words) => {
        const answer = await ask({ path: `/${words.join('/')}`.replaceAll(/[\s#]/g, '') });
        expect([200, 404, 400]).toContain(answer.status);
        expect(answer.body).not.toContain('secret');
      }),
      { numRuns: 150 },
    );
  });
});

describe('calls', () => {
  it('refuses a body beyond 1 MiB, said beforehand or not, and goes on serving', async () => {
    const { call, ask, engine, origin } = await served();
    const long = JSON.stringify({ install: 'x'.repeat(1024 * 1024) });
    expect((await call('status', long)).status).toBe(413);
    const chunked = `${long.length.toString(16)}\r\n${long}\r\n0\r\n\r\n`;
    const headers = { origin, 'content-type': 'application/json', 'transfer-encoding': 'chunked', 'content-length': '' };
    expect((await ask({ method: 'POST', path: '/api/status', headers, body: chunked })).status).toBe(413);
    expect(engine.calls).toEqual([]);
    expect((await call('installs', {})).status).toBe(200);
  });

  it.each(['', '{', 'undefined', '{"install": }', '{} {}', "{'a': 1}"])('refuses the body %j', async (body) => {
    const { call, engine } = await served();
    const answer = await call('status', body, { 'content-length': String(Buffer.byteLength(body)) });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({ ok: false, error: { code: 'bad-input' } });
    expect(engine.calls).toEqual([]);
  });

  it.each([
    'nonsense',
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    'Installs',
    'installs/',
    'installs/x',
    '',
    '%69nstalls',
    'api',
  ])('knows no call %j', async (name) => {
    const { call, engine } = await served();
    const answer = await call(name, {});
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.body)).toMatchObject({ ok: false, error: { code: 'bad-input' } });
    expect(engine.calls).toEqual([]);
  });

  it('takes calls by POST alone', async () => {
    const { ask, origin } = await served();
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
      expect((await ask({ method, path: '/api/installs', headers: { origin } })).status).toBe(405);
    }
    expect((await ask({ method: 'POST', path: '/', headers: { origin } })).status).toBe(405);
  });

  it('any JSON for any call is answered, and reaches the engine only as the contract allows', async () => {
    const { call, engine } = await served();
    const names = Object.keys(methods) as (keyof typeof methods)[];
    const input = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom('install', 'to', 'input', 'product', '__proto__', 'constructor', 'limit', 'digest'), fc.jsonValue(), {
        noNullPrototype: true,
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names, 'cancel'), input, async (name, value) => {
        engine.calls.length = 0;
        const answer = await call(name, JSON.stringify(value));
        expect([200, 400]).toContain(answer.status);
        expect(JSON.parse(answer.body)).toHaveProperty('ok');
        expect(answer.body).not.toMatch(/\bat .+\.ts:\d+/);
        for (const { method, input: given } of engine.calls) expect(methods[method].input.safeParse(given).success).toBe(true);
      }),
      { numRuns: 300 },
    );
    expect(Object.prototype).not.toHaveProperty('install');
  });
});

it('every answer keeps a page inside its walls', async () => {
  const { ask, call, server } = await served();
  const answers = [
    await ask(),
    await ask({ path: '/nowhere' }),
    await call('installs', {}),
    await call('nonsense', {}),
    await rawRequest(server.port),
  ];
  for (const { headers } of answers) {
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy']).not.toMatch(/unsafe|\*/);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    expect(headers).not.toHaveProperty('x-powered-by');
  }
});
