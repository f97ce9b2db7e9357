import type { Desktop } from '../../electron/api/desktop.ts';

declare global {
  interface Window {
    moultDesktop?: Desktop;
  }
}

/** What only the desktop app can do; null in a browser, where screens leave out what needs it. */
export function findDesktop(): Desktop | null {
  return window.moultDesktop ?? null;
}
