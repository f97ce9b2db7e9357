/** The page in the desktop app's window, as `viewer` opens the one in a browser. */
import type { Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { startDesktop } from '../desktop.ts';
import type { World } from '../moult.ts';
import { patience } from './served-app.ts';

export async function openDesktopPage(world: World): Promise<{ page: Page; complaints: string[] }> {
  const desktop = await startDesktop(world, onTestFinished);
  await desktop.until('a window', (view) => view.windows.some(({ visible, address }) => visible && address.startsWith('http')));
  const page = await desktop.page();
  page.setDefaultTimeout(patience);
  // As `viewer` does: while a colour moves from light to dark, its contrast is nothing to judge.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, complaints };
}
