/// <reference lib="dom" />
/**
 * How a person presses and types: with the mouse, or with the keyboard alone. The keyboard reaches a thing by Tab, as a person has to, and
 * fails where it cannot be reached or where nobody would see that it is.
 */
import type { Locator, Page } from 'playwright-core';
import { patience } from './served-app.ts';

export interface Hand {
  name: 'mouse' | 'keyboard';
  press(target: Locator): Promise<void>;
  type(target: Locator, text: string): Promise<void>;
  /** Sets a checkbox. */
  tick(target: Locator): Promise<void>;
}

/** Presses of Tab after which a thing counts as out of reach. */
const farthest = 120;

export const mouse: Hand = {
  name: 'mouse',
  press: async (target) => target.click(),
  type: async (target, text) => target.fill(text),
  tick: async (target) => target.check(),
};

export const keyboard: Hand = {
  name: 'keyboard',
  press: async (target) => {
    await ready(target);
    await reach(target);
    await target.page().keyboard.press('Enter');
  },
  type: async (target, text) => {
    await ready(target);
    await reach(target);
    await target.page().keyboard.type(text);
  },
  tick: async (target) => {
    await ready(target);
    await reach(target);
    await target.page().keyboard.press('Space');
  },
};

/** A mouse waits until a button can be pressed; so does a person with a keyboard. */
async function ready(target: Locator): Promise<void> {
  await target.waitFor();
  const limit = performance.now() + patience;
  while (!(await target.isEnabled())) {
    if (performance.now() > limit) throw new Error(`${target.toString()} cannot be pressed`);
    await target.page().waitForTimeout(50);
  }
}

async function reach(target: Locator): Promise<void> {
  const page = target.page();
  const isTab = (await target.getAttribute('role')) === 'tab';
  // Of tabs only the selected one is on the way; arrows lead to the others.
  if (isTab && !(await isFocused(target))) await walk(page, page.getByRole('tab', { selected: true }), 'Tab');
  await walk(page, target, isTab ? 'ArrowRight' : 'Tab');
  const isSeen = await target.evaluate((element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return element.matches(':focus-visible') && ((outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || boxShadow !== 'none');
  });
  if (!isSeen) throw new Error(`nobody sees that the focus is on ${target.toString()}`);
}

async function walk(page: Page, target: Locator, key: 'Tab' | 'ArrowRight'): Promise<void> {
  const passed: string[] = [];
  for (let step = 0; step < farthest; step += 1) {
    if (await isFocused(target)) return;
    await page.keyboard.press(key);
    // Tabs move the focus a task after the key; who looks before that presses once too often.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    passed.push(await page.evaluate(() => `${document.activeElement?.tagName} ${document.activeElement?.textContent?.slice(0, 30)}`));
  }
  throw new Error(`${key} does not lead to ${target.toString()}; it passed ${passed.slice(0, 30).join(' | ')}`);
}

async function isFocused(target: Locator): Promise<boolean> {
  return target.evaluate((element) => element === document.activeElement && !element.matches(':disabled'));
}
