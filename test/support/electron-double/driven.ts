/** What the double remembers of the app and a test looks at: one object, because there is one app in a process. */
import type { EventEmitter } from 'node:events';
import type { BrowserWindowDouble } from './browser-window.ts';
import type { MenuDouble, Notification } from './electron.ts';

interface TrayState {
  emitter: EventEmitter;
  image: string;
  tooltip: string;
  menu: MenuDouble | null;
}

export const driven = {
  app: null as (EventEmitter & { quit: () => void }) | null,
  sandboxed: false,
  tray: null as TrayState | null,
  appMenu: null as MenuDouble | null,
  windows: new Set<BrowserWindowDouble>(),
  notifications: [] as Notification[],
  /** What dialogs asked, and the buttons or paths with which the next ones are answered. */
  questions: [] as { message: string; detail: string; buttons: string[] }[],
  answers: [] as string[],
  /** Addresses and files that were handed to the system. */
  opened: [] as string[],
  schemes: [] as string[],
  protocols: new Map<string, (request: Request) => Response | Promise<Response>>(),
  permissionRequest: null as ((contents: unknown, permission: string, answer: (granted: boolean) => void) => void) | null,
  permissionCheck: null as ((contents: unknown, permission: string, origin: string) => boolean) | null,
  devicePermission: null as (() => boolean) | null,
};
