/** The app's side of a test's wishes: they come over the channel of the child process, and each is answered. */
import type { ItemDouble } from './electron.ts';
import { driven } from './driven.ts';

export interface MenuView {
  label: string;
  enabled: boolean;
  submenu: MenuView[];
}

/** What a test sees of the app. */
export interface DesktopView {
  tray: { image: string; tooltip: string; menu: MenuView[] } | null;
  appMenu: MenuView[];
  windows: { visible: boolean; focused: boolean; progress: number; address: string; webPreferences: Record<string, unknown> }[];
  notifications: { title: string; body: string }[];
  questions: { message: string; detail: string; buttons: string[] }[];
  opened: string[];
  sandboxed: boolean;
  schemes: string[];
  /** What the app answers to requests for permissions. */
  permissions: Record<string, boolean>;
}

export type Wish =
  | { do: 'look' }
  | { do: 'click-tray'; how: 'click' | 'double-click' }
  /** Labels from the top; a menu without the entry is a failure. */
  | { do: 'choose'; menu: 'tray' | 'app'; path: string[] }
  | { do: 'click-notification'; title: string }
  | { do: 'answer'; with: string }
  | { do: 'close-window'; index: number }
  | { do: 'move-window'; index: number; bounds: { x: number; y: number; width: number; height: number } }
  | { do: 'look-away' }
  | { do: 'second-start' }
  | { do: 'quit' };

export function listenToDriver(): void {
  process.on('message', ({ number, wish }: { number: number; wish: Wish }) => {
    try {
      fulfil(wish);
      process.send?.({ number, view: look() });
    } catch (error) {
      process.send?.({ number, error: (error as Error).message });
    }
  });
  // A test that is gone leaves no app behind.
  process.on('disconnect', () => process.exit(1));
}

function fulfil(wish: Wish): void {
  switch (wish.do) {
    case 'click-tray':
      driven.tray?.emitter.emit(wish.how);
      break;
    case 'choose':
      find((wish.menu === 'tray' ? driven.tray?.menu : driven.appMenu)?.items ?? [], wish.path).click();
      break;
    case 'click-notification': {
      const notification = driven.notifications.find(({ title }) => title === wish.title);
      if (notification === undefined) throw new Error(`there is no notification "${wish.title}"`);
      notification.emit('click');
      break;
    }
    case 'answer':
      driven.answers.push(wish.with);
      break;
    case 'close-window':
      [...driven.windows][wish.index]?.close();
      break;
    case 'move-window':
      [...driven.windows][wish.index]?.setBounds(wish.bounds);
      break;
    case 'look-away':
      driven.windows.forEach((window) => window.blur());
      break;
    case 'second-start':
      driven.app?.emit('second-instance', {}, [], '');
      break;
    case 'quit':
      driven.app?.quit();
      break;
    case 'look':
  }
}

function find(items: readonly ItemDouble[], path: readonly string[]): ItemDouble {
  const [label, ...rest] = path;
  const item = items.find((each) => each.label === label);
  if (item === undefined) throw new Error(`there is no entry "${label}" among ${items.map((each) => each.label).join(' | ')}`);
  if (rest.length > 0) return find(item.submenu, rest);
  if (!item.enabled) throw new Error(`the entry "${label}" is not enabled`);
  return item;
}

function look(): DesktopView {
  const { tray } = driven;
  return {
    tray: tray === null ? null : { image: tray.image, tooltip: tray.tooltip, menu: viewOf(tray.menu?.items ?? []) },
    appMenu: viewOf(driven.appMenu?.items ?? []),
    windows: [...driven.windows].map((window) => ({
      visible: window.isVisible(),
      focused: window.isFocused(),
      progress: window.progress,
      address: window.webContents.page?.url() ?? '',
      webPreferences: { ...window.options.webPreferences },
    })),
    notifications: driven.notifications.map(({ title, body }) => ({ title, body })),
    questions: driven.questions,
    opened: driven.opened,
    sandboxed: driven.sandboxed,
    schemes: driven.schemes,
    permissions: permissions(),
  };
}

function permissions(): Record<string, boolean> {
  const names = ['media', 'geolocation', 'notifications', 'openExternal', 'hid', 'clipboard-read', 'fullscreen'];
  return Object.fromEntries(
    names.map((name) => {
      let granted = driven.permissionCheck?.(null, name, 'app://moult/') ?? true;
      driven.permissionRequest?.(null, name, (answer) => (granted ||= answer));
      return [name, granted];
    }),
  );
}

function viewOf(items: readonly ItemDouble[]): MenuView[] {
  return items
    .filter((item) => item.type !== 'separator')
    .map(({ label, enabled, submenu }) => ({ label, enabled, submenu: viewOf(submenu) }));
}
