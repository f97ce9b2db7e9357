/** The native menu: the usual entries of each platform by their roles, and Moult's own few. */
import { app, Menu, type MenuItemConstructorOptions } from 'electron';

export interface AppMenuMeans {
  devTools: boolean;
  onNewWindow: () => void;
  onSettings: () => void;
  onCheckForUpdates: () => void;
  onLink: (address: string) => void;
  homepage: string;
}

export function setAppMenu(means: AppMenuMeans): void {
  const settings: MenuItemConstructorOptions[] = [
    { label: 'Settings …', accelerator: 'CmdOrCtrl+,', click: means.onSettings },
    { label: 'Check for Updates …', click: means.onCheckForUpdates },
  ];
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === 'darwin' ? [macMenu(settings)] : []),
    {
      label: '&File',
      submenu: [
        { label: 'New Window', accelerator: 'CmdOrCtrl+N', click: means.onNewWindow },
        { role: 'close' },
        ...(process.platform === 'darwin'
          ? []
          : [{ type: 'separator' as const }, ...settings, { type: 'separator' as const }, { role: 'quit' as const }]),
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'reload' },
        ...(means.devTools ? [{ role: 'toggleDevTools' as const }] : []),
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
    { role: 'help', submenu: [{ label: 'Moult on the Web', click: () => means.onLink(means.homepage) }, ...aboutOutsideMac()] },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}

function macMenu(settings: MenuItemConstructorOptions[]): MenuItemConstructorOptions {
  return {
    label: app.name,
    submenu: [
      { role: 'about' },
      { type: 'separator' },
      ...settings,
      { type: 'separator' },
      { role: 'services' },
      { type: 'separator' },
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      { type: 'separator' },
      { role: 'quit' },
    ],
  };
}

function aboutOutsideMac(): MenuItemConstructorOptions[] {
  return process.platform === 'darwin' ? [] : [{ role: 'about' }];
}
