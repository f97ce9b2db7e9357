/**
 * The double of the `electron` module: windows are pages of a real Chromium, the real preload runs in them before the page, IPC is wired, and the
 * tray, menus, notifications and dialogs wait for a test to drive them (drive.ts). What it offers is checked against Electron's own types.
 */
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type Electron from 'electron';
import { BrowserWindowDouble, ipcDouble } from './browser-window.ts';
import { closeChromium } from './pages.ts';
import { driven } from './driven.ts';
import { listenToDriver } from './drive.ts';

class AppDouble extends EventEmitter {
  name = 'Electron';
  readonly isPackaged = false;
  readonly #paths = new Map<string, string>([['appData', join(homedir(), '.config')]]);
  readonly #ready = new Promise<void>((resolve) => setImmediate(resolve));

  setName(name: string): void {
    this.name = name;
  }
  setPath(name: string, path: string): void {
    this.#paths.set(name, path);
  }
  getPath(name: string): string {
    const path = this.#paths.get(name);
    if (path === undefined) throw new Error(`the double knows no path "${name}"`);
    return path;
  }
  getVersion(): string {
    return '0.0.0-double';
  }
  getAppPath(): string {
    return process.cwd();
  }
  whenReady(): Promise<void> {
    return this.#ready;
  }
  enableSandbox(): void {
    driven.sandboxed = true;
  }
  setAppUserModelId(): void {}
  setLoginItemSettings(): void {}
  requestSingleInstanceLock(): boolean {
    return process.env['DOUBLE_IS_SECOND'] !== 'true';
  }

  /** As Electron does: asks the listeners, closes the windows, each of which may refuse, and ends. */
  quit(): void {
    if (!this.#asks('before-quit')) return;
    for (const window of [...driven.windows]) {
      window.close();
      if (!window.isDestroyed()) return;
    }
    if (this.#asks('will-quit')) this.exit(0);
  }
  exit(code = 0): void {
    this.emit('quit', {}, code);
    void closeChromium().finally(() => process.exit(code));
  }
  #asks(name: string): boolean {
    let prevented = false;
    this.emit(name, { preventDefault: () => (prevented = true) });
    return !prevented;
  }
}

const appDouble = new AppDouble();
driven.app = appDouble;

export const app = appDouble satisfies Pick<
  Electron.App,
  | 'name'
  | 'isPackaged'
  | 'setName'
  | 'setPath'
  | 'getPath'
  | 'getVersion'
  | 'getAppPath'
  | 'whenReady'
  | 'enableSandbox'
  | 'setAppUserModelId'
  | 'setLoginItemSettings'
  | 'requestSingleInstanceLock'
  | 'quit'
  | 'exit'
>;

export const BrowserWindow = BrowserWindowDouble;
export const ipcMain = ipcDouble;

export class Tray
  extends EventEmitter
  implements Pick<Electron.Tray, 'setImage' | 'setToolTip' | 'setContextMenu' | 'popUpContextMenu' | 'destroy'>
{
  constructor(image: Electron.NativeImage | string) {
    super();
    driven.tray = { emitter: this, image: '', tooltip: '', menu: null };
    this.setImage(image);
  }
  setImage(image: Electron.NativeImage | string): void {
    if (driven.tray !== null) driven.tray.image = typeof image === 'string' ? image : (image as unknown as ImageDouble).path;
  }
  setToolTip(text: string): void {
    if (driven.tray !== null) driven.tray.tooltip = text;
  }
  setContextMenu(menu: Electron.Menu | null): void {
    if (driven.tray !== null) driven.tray.menu = menu as unknown as MenuDouble | null;
  }
  popUpContextMenu(menu?: Electron.Menu): void {
    this.setContextMenu(menu ?? null);
  }
  destroy(): void {
    driven.tray = null;
  }
}

export interface ItemDouble {
  label: string;
  type: string;
  role: string | null;
  enabled: boolean;
  submenu: ItemDouble[];
  click: () => void;
}

export class MenuDouble {
  readonly items: ItemDouble[];
  constructor(items: ItemDouble[]) {
    this.items = items;
  }
}

export const Menu = {
  buildFromTemplate: (template: readonly (Electron.MenuItem | Electron.MenuItemConstructorOptions)[]) =>
    new MenuDouble(template.map((item) => toItem(item as Electron.MenuItemConstructorOptions))) as unknown as Electron.Menu,
  setApplicationMenu: (menu: Electron.Menu | null) => void (driven.appMenu = menu as unknown as MenuDouble | null),
} satisfies Pick<typeof Electron.Menu, 'buildFromTemplate' | 'setApplicationMenu'>;

function toItem(options: Electron.MenuItemConstructorOptions): ItemDouble {
  const submenu = Array.isArray(options.submenu) ? options.submenu.map(toItem) : [];
  const click = options.click as (() => void) | undefined;
  return {
    label: (options.label ?? options.role ?? '').replaceAll('&&', '\0').replaceAll('&', '').replaceAll('\0', '&'),
    type: options.type ?? (submenu.length > 0 ? 'submenu' : 'normal'),
    role: options.role ?? null,
    enabled: options.enabled ?? true,
    submenu,
    click: () => {
      if (options.role === 'quit') appDouble.quit();
      else click?.();
    },
  };
}

interface ImageDouble {
  path: string;
  template: boolean;
}

export const nativeImage = {
  createFromPath: (path: string) => {
    if (!existsSync(path)) throw new Error(`there is no picture at ${path}`);
    const image = { path, template: false, isEmpty: () => false, setTemplateImage: (template: boolean) => (image.template = template) };
    return image as unknown as Electron.NativeImage;
  },
} satisfies Pick<typeof Electron.nativeImage, 'createFromPath'>;

export class Notification extends EventEmitter implements Pick<Electron.Notification, 'show' | 'title' | 'body'> {
  static isSupported(): boolean {
    return true;
  }
  title: string;
  body: string;
  constructor(options: Electron.NotificationConstructorOptions = {}) {
    super();
    this.title = options.title ?? '';
    this.body = options.body ?? '';
  }
  show(): void {
    driven.notifications.push(this);
  }
}

type MessageBox = [Electron.MessageBoxOptions] | [Electron.BaseWindow, Electron.MessageBoxOptions];
type OpenDialog = [Electron.OpenDialogOptions] | [Electron.BaseWindow, Electron.OpenDialogOptions];

export const dialog = {
  showMessageBox: async (...given: MessageBox): Promise<Electron.MessageBoxReturnValue> => {
    const options = given.at(-1) as Electron.MessageBoxOptions;
    const answer = driven.answers.shift();
    driven.questions.push({ message: options.message, detail: options.detail ?? '', buttons: options.buttons ?? [] });
    const index = answer === undefined ? (options.cancelId ?? 0) : (options.buttons ?? []).indexOf(answer);
    if (index === -1) throw new Error(`the question "${options.message}" has no button "${answer}"`);
    return { response: index, checkboxChecked: false };
  },
  showOpenDialog: async (...given: OpenDialog): Promise<Electron.OpenDialogReturnValue> => {
    const options = given.at(-1) as Electron.OpenDialogOptions;
    driven.questions.push({ message: options.title ?? '', detail: '', buttons: [] });
    const path = driven.answers.shift();
    return { canceled: path === undefined, filePaths: path === undefined ? [] : [path] };
  },
  showErrorBox: (title: string, content: string) => void process.stderr.write(`${title}: ${content}\n`),
} satisfies Pick<typeof Electron.dialog, 'showMessageBox' | 'showOpenDialog' | 'showErrorBox'>;

class SessionDouble extends EventEmitter {
  protocol = {
    handle: (scheme: string, handler: (request: Request) => Response | Promise<Response>) => void driven.protocols.set(scheme, handler),
  };
  setPermissionRequestHandler(
    handler: Electron.Session['setPermissionRequestHandler'] extends (handler: infer H) => void ? H : never,
  ): void {
    driven.permissionRequest = handler as never;
  }
  setPermissionCheckHandler(handler: unknown): void {
    driven.permissionCheck = handler as never;
  }
  setDevicePermissionHandler(handler: unknown): void {
    driven.devicePermission = handler as never;
  }
}

export const session = { defaultSession: new SessionDouble() };

export const protocol = {
  registerSchemesAsPrivileged: (schemes: Electron.CustomScheme[]) => void driven.schemes.push(...schemes.map(({ scheme }) => scheme)),
} satisfies Pick<typeof Electron.protocol, 'registerSchemesAsPrivileged'>;

export const shell = {
  openExternal: async (address: string) => void driven.opened.push(address),
  showItemInFolder: (path: string) => void driven.opened.push(path),
} satisfies Pick<typeof Electron.shell, 'openExternal' | 'showItemInFolder'>;

const area = { x: 0, y: 0, width: 1600, height: 1000 };

export const screen = {
  getAllDisplays: () => [{ workArea: area, bounds: area } as Electron.Display],
} satisfies Pick<typeof Electron.screen, 'getAllDisplays'>;

export const nativeTheme = { shouldUseDarkColors: false } satisfies Pick<typeof Electron.nativeTheme, 'shouldUseDarkColors'>;

export const systemPreferences = {
  getAnimationSettings: () => ({ shouldRenderRichAnimation: false, scrollAnimationsEnabledBySystem: false, prefersReducedMotion: true }),
} satisfies Pick<typeof Electron.systemPreferences, 'getAnimationSettings'>;

listenToDriver();
