/** What the stories on the screens have in common: a person in front of the app, and how one of them finds their way. */
import type { Locator, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import type { Status } from '../../../electron/api/models.ts';
import { launchChromium } from '../chromium.ts';
import { makeWorld, quickly, sampleFeed, type World } from '../moult.ts';
import { setUpSprig, type SprigInstall } from '../sprig-install.ts';
import { violationsOn } from './accessibility.ts';
import { type Hand, mouse } from './hand.ts';
import { patience, type ServedApp, serveApp, type Viewer, viewer } from './served-app.ts';

export interface Story {
  world: World;
  app: ServedApp;
  person: Viewer;
  page: Page;
}

export interface Before {
  /** Where it happens, where that is not a world of its own. */
  within?: World;
  /** What happened before the person comes. */
  before?: (world: World) => Promise<void>;
  /** The way from the person to the app, where it is not the usual one. Answers the address. */
  by?: (app: ServedApp) => Promise<string>;
  /** Without the policy that forbids scripts in the page, where a test is about what keeps them out before it. */
  bypassCSP?: boolean;
}

/** A person in front of the app, in a world where something happened before. */
export async function story({ within, before, by, bypassCSP = false }: Before = {}): Promise<Story> {
  const world = within ?? (await makeWorld(onTestFinished));
  await before?.(world);
  const app = await serveApp(world);
  const person = await viewer(await launchChromium(), { bypassCSP });
  return { world, app, person, page: await person.open((await by?.(app)) ?? app.address) };
}

export interface SprigBefore extends Before {
  release?: string;
  /** Changes the descriptor; without it health is looked at for a shorter time. */
  change?: (descriptor: string) => string;
}

/** The same with the sample at a release, and a note in it. */
export async function sprigStory({ release = '1.0.0', change = quickly, before, ...more }: SprigBefore = {}): Promise<
  Story & { sprig: SprigInstall }
> {
  let sprig: SprigInstall | null = null;
  const told = await story({
    before: async (world) => {
      await world.useSprig(sampleFeed, change);
      sprig = await setUpSprig(world, release);
      await sprig.write('Garden', '# Garden\n\nBeans.\n', ['summer']);
      await before?.(world);
    },
    ...more,
  });
  return { ...told, sprig: sprig as unknown as SprigInstall };
}

export const title = (page: Page, name: string | RegExp): Promise<void> =>
  orTell(page, page.getByRole('heading', { level: 1, name }).waitFor({ timeout: 2 * patience }));
export const button = (page: Page, name: string | RegExp): Locator => page.getByRole('button', { name }).first();
export const link = (page: Page, name: string | RegExp): Locator => page.getByRole('link', { name }).first();
export const tab = (page: Page, name: string): Locator => page.getByRole('tab', { name, exact: true });
export const text = (page: Page, words: string | RegExp): Promise<void> => orTell(page, page.getByText(words).first().waitFor());

/** Everybody can use the page as it stands. With the keyboard the pages are the same; they need no second look. */
export async function isForAll(page: Page, hand: Hand = mouse): Promise<void> {
  if (hand === mouse) expect(await violationsOn(page)).toEqual([]);
}

export async function statusOf(world: World): Promise<Status> {
  return (await world.must(['status', 'sprig'])).result as Status;
}

/** The most that is told of a page, in characters. */
const mostWords = 3000;

/** Waits, and where that was in vain, says what the page shows instead: an operation that failed tells its own reason there. */
async function orTell(page: Page, waiting: Promise<void>): Promise<void> {
  try {
    await waiting;
  } catch (error) {
    const shown = await page
      .locator('body')
      .innerText({ timeout: 5000 })
      .catch((reason: unknown) => `(it does not answer: ${String(reason)})`);
    throw new Error(`${(error as Error).message}\n${page.url()} shows:\n${shown.slice(0, mostWords)}`, { cause: error });
  }
}
