/**
 * Pages of the real Chromium. It knows no scheme of ours: `app://moult/` becomes `http://moult.localhost/`, which never leaves the process
 * because every request of a page is answered here.
 */
import { type Browser, type BrowserContext, chromium, type Frame, type Page, type Route } from 'playwright-core';
import { chromiumOptions } from '../chromium-options.ts';
import { driven } from './driven.ts';

const inside = 'http://moult.localhost';
const outside = 'app://moult';

let launched: Promise<{ browser: Browser; context: BrowserContext }> | null = null;

/** As the page sees an address, and as the app does. */
export const toInside = (address: string): string => address.replace(outside, inside);
export const toOutside = (address: string): string => address.replace(inside, outside);

async function launch(): Promise<{ browser: Browser; context: BrowserContext }> {
  const options = await chromiumOptions();
  // The test looks at the pages through this port.
  const port = process.env['DOUBLE_DEBUGGING_PORT'] ?? '0';
  const browser = await chromium.launch({ ...options, args: [...(options.args ?? []), `--remote-debugging-port=${port}`] });
  return { browser, context: await browser.newContext({ viewport: null }) };
}

export async function newPage(): Promise<Page> {
  launched ??= launch();
  return (await launched).context.newPage();
}

export async function closeChromium(): Promise<void> {
  await (await launched)?.browser.close();
}

export interface Navigation {
  url: string;
  frame: Frame;
}

/** Answers every request of a page; what is no page of the app is told to `onLeave` and goes nowhere. */
export async function answerRequests(page: Page, onNavigate: (navigation: Navigation) => boolean): Promise<void> {
  await page.route('**/*', async (route) => {
    const request = route.request();
    const address = toOutside(request.url());
    if (request.isNavigationRequest() && !onNavigate({ url: address, frame: request.frame() })) {
      await route.abort('aborted');
      return;
    }
    await answer(route, address);
  });
}

async function answer(route: Route, address: string): Promise<void> {
  const request = route.request();
  const handler = driven.protocols.get(new URL(address).protocol.replace(':', ''));
  if (handler === undefined) {
    await route.abort('addressunreachable');
    return;
  }
  const response = await handler(new Request(address, { method: request.method() }));
  await route.fulfill({
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  });
}
