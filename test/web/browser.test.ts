/// <reference lib="dom" />
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { launchChromium, lacksChromium } from '../support/chromium.ts';
import { served } from './served.ts';

const isMissing = await lacksChromium();

/** Another program's server on this machine: to a browser the same site, but another origin. */
async function neighbour(): Promise<{ origin: string; heard: IncomingHttpHeaders[] }> {
  const heard: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    heard.push(request.headers);
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>neighbour</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

describe.skipIf(isMissing)('in Chromium', () => {
  it('the printed address opens the screens, their script runs, and the token leaves the address', async () => {
    const { server } = await served();
    const page = await (await launchChromium()).newPage();
    await page.goto(server.address);
    await page.waitForFunction(() => document.title === 'ran');
    expect(page.url()).toBe(`${server.origin}/`);
    expect(await page.evaluate(() => document.cookie)).toBe('');
  });

  it('a link on another site opens them too', async () => {
    const { server } = await served();
    const other = await neighbour();
    const page = await (await launchChromium()).newPage();
    await page.goto(other.origin.replace('127.0.0.1', 'localhost'));
    await page.evaluate((address) => (location.href = address), server.address);
    await page.waitForFunction(() => document.title === 'ran');
    expect(page.url()).toBe(`${server.origin}/`);
  });

  it('a page of another origin can neither ask, nor read, nor embed, nor listen', async () => {
    const { server, engine } = await served();
    const other = await neighbour();
    const page = await (await launchChromium()).newPage();
    await page.goto(server.address);
    await page.goto(other.origin);
    const found = await page.evaluate(async (origin) => {
      const tried = async (options: RequestInit) =>
        fetch(`${origin}/api/installs`, { method: 'POST', credentials: 'include', body: '{}', ...options }).then(
          (answer) => `${answer.type} ${answer.status}`,
          () => 'refused',
        );
      const stream = new EventSource(`${origin}/api/stream`, { withCredentials: true });
      const streamed = await new Promise((resolve) => {
        stream.addEventListener('message', () => resolve('heard'));
        stream.addEventListener('error', () => resolve('refused'));
      });
      const script = document.createElement('script');
      script.src = `${origin}/assets/main-abc123.js`;
      const scripted = new Promise((resolve) => {
        script.addEventListener('load', () => resolve('loaded'));
        script.addEventListener('error', () => resolve('refused'));
      });
      document.head.append(script);
      return {
        json: await tried({ headers: { 'content-type': 'application/json' } }),
        form: await tried({ headers: { 'content-type': 'text/plain' } }),
        blind: await tried({ mode: 'no-cors' }),
        streamed,
        scripted: await scripted,
      };
    }, server.origin);
    expect(found).toEqual({ json: 'refused', form: 'refused', blind: 'refused', streamed: 'refused', scripted: 'refused' });
    expect(engine.calls.filter(({ method }) => method !== 'installs')).toEqual([]);
    await page.evaluate((origin) => document.body.append(Object.assign(document.createElement('iframe'), { src: origin })), server.origin);
    await page.waitForTimeout(300);
    expect(page.frames().some((frame) => frame.url().startsWith(server.origin))).toBe(false);
  });

  it('a script in a page of ours that came from outside does not run', async () => {
    const { server } = await served();
    const page = await (await launchChromium()).newPage();
    await page.goto(server.address);
    await page.waitForFunction(() => document.title === 'ran');
    const stolen = await page.evaluate(async () => {
      const seen: string[] = [];
      Object.assign(window, { stolen: (how: string) => seen.push(how) });
      document.body.innerHTML = `<img src=x onerror="stolen('handler')"><a href="javascript:stolen('link')">x</a>`;
      const inline = document.createElement('script');
      inline.textContent = `stolen('inline')`;
      document.body.append(inline);
      document.querySelector('a')?.click();
      await fetch('http://127.0.0.1:9/steal').catch(() => seen.push('no other server'));
      await new Promise((resolve) => setTimeout(resolve, 200));
      return seen;
    });
    expect(stolen).toEqual(['no other server']);
  });
});
