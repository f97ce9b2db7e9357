/** The icon in the tray. What it shows and offers is decided in tray-model.ts and tray-menu.ts; here it is only put up. */
import { join } from 'node:path';
import { Menu, type MenuItemConstructorOptions, type NativeImage, nativeImage, systemPreferences, Tray } from 'electron';
import { Activations } from './activations.ts';
import type { InstallView } from './install-view.ts';
import { type TrayAction, type TrayEntry, trayMenu } from './tray-menu.ts';
import { type TrayState, trayState, trayTooltip } from './tray-model.ts';

/** Milliseconds between two pictures of the turning ring, and how many there are. */
const turnPause = 500;
const turns = 4;

export interface TrayMeans {
  /** The folder of the icons. */
  icons: string;
  onAction: (action: TrayAction) => void;
  onSingle: () => void;
  onDouble: () => void;
}

export interface TrayIcon {
  show(views: readonly InstallView[]): void;
  remove(): void;
}

/** Puts the icon up. Throws where the system has no place for one. */
export function putUpTray(means: TrayMeans): TrayIcon {
  const tray = new Tray(imageOf(means.icons, 'fine', 0));
  const isMac = process.platform === 'darwin';
  let menu = Menu.buildFromTemplate([]);
  let shown = '';
  let state: TrayState = 'fine';
  let turn = 0;
  let turning: ReturnType<typeof setInterval> | null = null;
  // A Mac shows the menu at a click; with the menu set on the icon it would tell no double-click.
  const activations = new Activations(() => (isMac ? tray.popUpContextMenu(menu) : means.onSingle()), means.onDouble);
  if (isMac) tray.on('right-click', () => tray.popUpContextMenu(menu));
  tray.on('click', () => activations.activate());
  tray.on('double-click', () => activations.double());

  const showState = (next: TrayState): void => {
    state = next;
    turn = 0;
    if (turning !== null) clearInterval(turning);
    turning = null;
    tray.setImage(imageOf(means.icons, state, 0));
    if (state !== 'working' || systemPreferences.getAnimationSettings().prefersReducedMotion) return;
    turning = setInterval(() => {
      turn = (turn + 1) % turns;
      tray.setImage(imageOf(means.icons, 'working', turn));
    }, turnPause);
  };
  return {
    show: (views) => {
      tray.setToolTip(trayTooltip(views));
      if (trayState(views) !== state) showState(trayState(views));
      const entries = trayMenu(views);
      // An open menu closes when it is replaced: only a different one is.
      if (JSON.stringify(entries) === shown) return;
      shown = JSON.stringify(entries);
      menu = Menu.buildFromTemplate(entries.map((entry) => toItem(entry, means.onAction)));
      if (!isMac) tray.setContextMenu(menu);
    },
    remove: () => {
      if (turning !== null) clearInterval(turning);
      tray.destroy();
    },
  };
}

function toItem(entry: TrayEntry, onAction: (action: TrayAction) => void): MenuItemConstructorOptions {
  switch (entry.kind) {
    case 'line':
      return { type: 'separator' };
    case 'heading':
      return { label: escapeLabel(entry.label), enabled: false };
    case 'submenu':
      return { label: escapeLabel(entry.label), submenu: entry.entries.map((each) => toItem(each, onAction)) };
    default:
      return { label: escapeLabel(entry.label), enabled: entry.enabled, click: () => onAction(entry.action) };
  }
}

/** An ampersand would make the next letter a shortcut. */
function escapeLabel(label: string): string {
  return label.replaceAll('&', '&&');
}

/** Pictures come as 16 and 32 pixels; a Mac takes black ones and colours them itself. */
function imageOf(icons: string, state: TrayState, turn: number): NativeImage {
  const name = state === 'working' ? `tray-working-${turn}` : `tray-${state}`;
  const isMac = process.platform === 'darwin';
  const image = nativeImage.createFromPath(join(icons, `${name}${isMac ? '-template' : ''}.png`));
  if (isMac) image.setTemplateImage(true);
  return image;
}
