/** Moult's windows: where they open, that one is enough, and what closing them means. */
import { BrowserWindow, nativeTheme, screen } from 'electron';
import { wires } from '../api/ipc.ts';
import { addressOf } from './screens-address.ts';
import type { SettingsFile } from './settings-file.ts';
import { placeWindow, smallest } from './window-place.ts';

export interface WindowMeans {
  settings: SettingsFile;
  preload: string;
  icon: string;
  /** Developer tools, for who builds Moult. */
  devTools: boolean;
  /** Whether closing the last window leaves Moult where it can be found again. */
  staysInTray(): boolean;
  /** The last window was hidden instead of closed. */
  onHidden(): void;
}

export interface Windows {
  /** Shows a page in the window that is there, or in a new one. */
  open(page: string): void;
  openAnother(page: string): void;
  showProgress(fraction: number | null): void;
  /** Whether a person looks at one of them. */
  isLookedAt(): boolean;
  /** The window for dialogs to stand on. */
  front(): BrowserWindow | null;
  /** From now on closing means closing. */
  letGo(): void;
}

/** What the page paints first (renderer/styles), so that no white flash comes before it. */
const backgrounds = { light: '#faf9f7', dark: '#1c1a18' };

export function openWindows(means: WindowMeans): Windows {
  const all = new Set<BrowserWindow>();
  let last: BrowserWindow | null = null;
  let leaving = false;
  const make = (page: string): void => {
    const window = makeWindow(means, page);
    all.add(window);
    last = window;
    window.on('focus', () => (last = window));
    window.on('close', (event) => {
      keepPlace(window, means.settings);
      if (leaving || all.size > 1 || !means.staysInTray()) return;
      event.preventDefault();
      window.hide();
      means.onHidden();
    });
    window.on('closed', () => {
      all.delete(window);
      if (last === window) last = [...all].at(-1) ?? null;
    });
  };
  return {
    open: (page) => {
      if (last === null) {
        make(page);
        return;
      }
      if (last.isMinimized()) last.restore();
      last.show();
      last.focus();
      last.webContents.send(wires.go, page);
    },
    openAnother: make,
    showProgress: (fraction) => all.forEach((window) => window.setProgressBar(fraction ?? -1)),
    isLookedAt: () => [...all].some((window) => window.isVisible() && window.isFocused()),
    front: () => last,
    letGo: () => (leaving = true),
  };
}

function makeWindow(means: WindowMeans, page: string): BrowserWindow {
  const kept = means.settings.current.place;
  const window = new BrowserWindow({
    ...placeWindow(
      kept,
      screen.getAllDisplays().map((display) => display.workArea),
    ),
    minWidth: smallest.width,
    minHeight: smallest.height,
    title: 'Moult',
    icon: means.icon,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? backgrounds.dark : backgrounds.light,
    webPreferences: {
      preload: means.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: means.devTools,
    },
  });
  if (kept?.maximized === true) window.maximize();
  window.once('ready-to-show', () => window.show());
  // A page that cannot be loaded shows nothing; the window still opens, so that a person can close it.
  window.loadURL(addressOf(page)).catch(() => window.show());
  return window;
}

function keepPlace(window: BrowserWindow, settings: SettingsFile): void {
  // Where it stands is a comfort; that it cannot be written is no reason to stop anything.
  settings.change({ place: { ...window.getNormalBounds(), maximized: window.isMaximized() } }).catch(() => undefined);
}
