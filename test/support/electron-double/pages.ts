/**
 * Pages of the real Chromium. It knows no scheme of ours: `app://moult/` becomes `http://moult.localhost/`, which never leaves the process
 * because every request of a page is answered here.
 */
import {
  type Browser,
  type BrowserContext,
  chromium,
  type Frame,
  type Page,
  type Request as PageRequest,
  type Route,
} from 'playwright-core';
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
  const context = await browser.newContext({ viewport: null });
  await context.route('**/*', answerRequest);
  // Electron opens no page for what it denies.
  context.on('page', (page) => setTimeout(() => void (windows.has(page) ? null : page.close().catch(() => undefined)), 200));
  return { browser, context };
}

/** What is asked of a window about its own pages. */
export interface WindowQuestions {
  mayNavigate(url: string, frame: Frame): boolean;
  /** Its page opened another one; Electron would have asked before. */
  onPopup(url: string): void;
}

const windows = new Map<Page, WindowQuestions>();

export async function newPage(questions: WindowQuestions): Promise<Page> {
  launched ??= launch();
  const page = await (await launched).context.newPage();
  windows.set(page, questions);
  page.once('close', () => windows.delete(page));
  return page;
}

export async function closeChromium(): Promise<void> {
  await (await launched)?.browser.close();
}

/** Answers every request of every page; nothing ever leaves the process. */
async function answerRequest(route: Route): Promise<void> {
  const request = route.request();
  const address = toOutside(request.url());
  const window = windows.get(pageOf(request) ?? newest());
  if (pageOf(request) === null || window === undefined) {
    await route.abort('aborted');
    window?.onPopup(address);
  } else if (request.isNavigationRequest() && !window.mayNavigate(address, request.frame())) {
    await route.abort('aborted');
  } else {
    await answer(route, address);
  }
}

/** Null for the first request of a page that another one opened: it has no frame yet. */
function pageOf(request: PageRequest): Page | null {
  try {
    return request.frame().page();
  } catch {
    return null;
  }
}

function newest(): Page {
  const page = [...windows.keys()].at(-1);
  if (page === undefined) throw new Error('a page asks for something, and there is no window');
  return page;
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
