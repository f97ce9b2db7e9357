import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { desktopMethods } from '../../electron/api/desktop.ts';
import { methods } from '../../electron/api/methods.ts';
import { answerCall, answerCancel, answerDesktop, type DesktopCalls, subscriptionOf } from '../../electron/shell/answer-ipc.ts';
import { hostsOf, judgeLink } from '../../electron/shell/links.ts';
import { isOwnPage } from '../../electron/shell/screens-address.ts';
import { checkWebhook, tellWebhook } from '../../electron/shell/webhook.ts';
import { openHub } from '../../electron/transport/hub.ts';
import { fakeEngine } from '../support/fake-engine.ts';

const own = { address: 'app://moult/index.html#/', isMainFrame: true };
const strangers = [
  { address: 'https://evil.example/', isMainFrame: true },
  { address: 'app://moult/index.html', isMainFrame: false },
  { address: 'app://moult.evil/index.html', isMainFrame: true },
  { address: 'app://user@moult/', isMainFrame: true },
  { address: 'file:///etc/passwd', isMainFrame: true },
  { address: 'about:blank', isMainFrame: true },
  { address: '', isMainFrame: true },
];

function parts() {
  const engine = fakeEngine();
  const did: string[] = [];
  const calls = Object.fromEntries(
    Object.keys(desktopMethods).map((name) => [name, async () => void did.push(name)]),
  ) as unknown as DesktopCalls;
  return { engine, hub: openHub(engine, 'x', { now: () => 0, every: () => () => undefined }), did, calls };
}

describe('IPC', () => {
  it('hears only the main frame of our own pages', async () => {
    const { engine, hub, did, calls } = parts();
    for (const sender of strangers) {
      const refused = { ok: false, error: { code: 'not-confirmed' } };
      expect(await answerCall(hub, sender, ['installs', {}])).toMatchObject(refused);
      expect(answerCancel(hub, sender, [{ operation: 'op-1' }])).toMatchObject(refused);
      expect(await answerDesktop(calls, sender, ['settings', {}])).toMatchObject(refused);
    }
    expect([engine.calls, engine.cancels, did]).toEqual([[], 0, []]);
    expect(await answerCall(hub, own, ['installs', {}])).toMatchObject({ ok: true });
  });

  it('answers anything that arrives with a result, and hands on only what the contract allows', async () => {
    const { engine, hub, did, calls } = parts();
    const names = fc.oneof(
      fc.constantFrom(...Object.keys(methods), ...Object.keys(desktopMethods), '__proto__', 'constructor', 'toString'),
      fc.anything(),
    );
    await fc.assert(
      fc.asyncProperty(fc.tuple(names, fc.anything()), async (given) => {
        [engine.calls.length, did.length] = [0, 0];
        for (const answer of [await answerCall(hub, own, given), answerCancel(hub, own, given), await answerDesktop(calls, own, given)]) {
          expect(typeof answer.ok).toBe('boolean');
        }
        for (const { method, input } of engine.calls) expect(methods[method].input.safeParse(input).success).toBe(true);
        for (const name of did) expect(desktopMethods[name as keyof typeof desktopMethods].safeParse(given[1] ?? {}).success).toBe(true);
        const subscription = subscriptionOf(given);
        expect(subscription === null || Number.isSafeInteger(subscription)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses what the desktop does not know, or fields that it does not', async () => {
    const { calls } = parts();
    for (const given of [
      ['nothing', {}],
      ['toString', {}],
      [null],
      [],
      ['settings', { x: 1 }],
      ['changeSettings', { keepInTray: 'yes' }],
      ['showFile', { path: '' }],
    ]) {
      expect(await answerDesktop(calls, own, given)).toMatchObject({ ok: false, error: { code: 'bad-input' } });
    }
  });
});

describe('pages and links', () => {
  it('only our own pages load', () => {
    for (const address of ['app://moult/', 'app://moult/index.html#/install/a', 'app://moult/index.html?x'])
      expect(isOwnPage(address)).toBe(true);
    for (const { address } of strangers.filter(({ isMainFrame }) => isMainFrame)) expect(isOwnPage(address), address).toBe(false);
    for (const address of ['app://moult:80/', 'app://MOULT.example/', 'javascript:alert(1)', 'data:text/html,x', 'blob:app://moult/x']) {
      expect(isOwnPage(address), address).toBe(false);
    }
  });

  const known = hostsOf([{ links: { home: 'https://nodered.org', bad: 'no address' } }]);

  it.each([
    ['https://nodered.org/docs/', 'open'],
    ['http://127.0.0.1:1880/', 'open'],
    ['http://localhost:8377/x', 'open'],
    ['https://elsewhere.example/', 'ask'],
    ['http://nodered.org/', 'ask'],
    ['https://nodered.org.evil.example/', 'ask'],
    ['https://nodered.org@evil.example/', 'refuse'],
    ['file:///etc/passwd', 'refuse'],
    ['javascript:alert(1)', 'refuse'],
    ['ms-msdt:/id', 'refuse'],
    ['smb://host/share', 'refuse'],
    ['mailto:a@b.c', 'refuse'],
    ['app://moult/', 'refuse'],
    ['//nodered.org', 'refuse'],
    ['', 'refuse'],
    [`https://nodered.org/${'x'.repeat(3000)}`, 'refuse'],
  ] as const)('%s: %s', (address, verdict) => {
    expect(judgeLink(address, known)).toBe(verdict);
  });
});

describe('a webhook', () => {
  it.each(['https://example.org/hook', 'http://127.0.0.1:9/x', 'http://localhost/'])('may be %s', (address) => {
    expect(checkWebhook(address)).toBe(address);
  });

  it.each(['http://example.org/', 'ftp://x', 'example.org', '', 'file:///x', 'http://127.0.0.1.evil.example/'])(
    'may not be %j',
    (address) => {
      expect(() => checkWebhook(address)).toThrow(expect.objectContaining({ code: 'bad-input' }) as Error);
    },
  );

  it('says what went wrong without its address', async () => {
    const news = { event: 'release', install: 'a', product: 'a', title: 'A', from: null, to: '1', notes: null } as const;
    const problem = await tellWebhook('http://127.0.0.1:9/secret', news);
    expect(problem).toBe('The webhook could not be reached.');
  });
});
