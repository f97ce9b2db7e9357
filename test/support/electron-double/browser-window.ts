/** Windows and the wire between them and the app: each window is a page, with the real preload in it. */
import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import type Electron from 'electron';
import type { Frame, Page } from 'playwright-core';
import { driven } from './driven.ts';
import { newPage, toInside, toOutside } from './pages.ts';
import { preloadScript } from './preload-script.ts';

type Handler = (message: never, ...given: never[]) => unknown;

class IpcDouble extends EventEmitter {
  readonly handlers = new Map<string, Handler>();
  handle(channel: string, handler: Handler): void {
    if (this.handlers.has(channel)) throw new Error(`a second handler for ${channel}`);
    this.handlers.set(channel, handler);
  }
}

export const ipcDouble = new IpcDouble() satisfies Pick<Electron.IpcMain, 'handle'>;

type OpenHandler = Parameters<Electron.WebContents['setWindowOpenHandler']>[0];

class ContentsDouble extends EventEmitter implements Pick<Electron.WebContents, 'send' | 'isDestroyed' | 'setWindowOpenHandler'> {
  page: Page | null = null;
  openHandler: OpenHandler = () => ({ action: 'allow' });
  readonly #frames = new WeakMap<Frame, { url: string }>();
  #destroyed = false;

  /** A frame as messages name it: the same object each time, its address always the newest. */
  frameOf(frame: Frame): { url: string } {
    const known = this.#frames.get(frame) ?? {
      get url() {
        return toOutside(frame.url());
      },
    };
    this.#frames.set(frame, known);
    return known;
  }
  get mainFrame(): unknown {
    return this.page === null ? null : this.frameOf(this.page.mainFrame());
  }
  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler;
  }
  isDestroyed(): boolean {
    return this.#destroyed;
  }
  send(channel: string, ...given: unknown[]): void {
    // A page that is being replaced or closed hears nothing, as in Electron.
    void this.page
      ?.evaluate(([name, values]) => (globalThis as unknown as { doubleHear?: (...all: unknown[]) => void }).doubleHear?.(name, values), [
        channel,
        given,
      ] as const)
      .catch(() => undefined);
  }
  destroy(): void {
    this.#destroyed = true;
    this.emit('destroyed');
  }
}

type Members =
  | 'loadURL'
  | 'show'
  | 'hide'
  | 'focus'
  | 'close'
  | 'restore'
  | 'maximize'
  | 'isMinimized'
  | 'isMaximized'
  | 'isVisible'
  | 'isFocused'
  | 'isDestroyed'
  | 'getNormalBounds'
  | 'setProgressBar';

export class BrowserWindowDouble extends EventEmitter implements Pick<Electron.BrowserWindow, Members> {
  readonly webContents = new ContentsDouble();
  readonly options: Electron.BrowserWindowConstructorOptions;
  progress = -1;
  #visible: boolean;
  #focused = false;
  #maximized = false;
  #destroyed = false;
  #bounds: { x: number; y: number; width: number; height: number };

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super();
    this.options = options;
    this.#visible = options.show ?? true;
    this.#bounds = { x: options.x ?? 200, y: options.y ?? 100, width: options.width ?? 800, height: options.height ?? 600 };
    driven.windows.add(this);
    driven.app?.emit('web-contents-created', {}, this.webContents);
  }

  async loadURL(address: string): Promise<void> {
    const page = await this.#open();
    await page.goto(toInside(address));
    this.emit('ready-to-show');
  }

  async #open(): Promise<Page> {
    const contents = this.webContents;
    if (contents.page !== null) return contents.page;
    const page = await newPage({ mayNavigate: (url, frame) => this.#mayNavigate(url, frame), onPopup: (url) => this.#refusePopup(url) });
    contents.page = page;
    await page.setViewportSize({ width: this.#bounds.width, height: this.#bounds.height });
    const message = (frame: Frame): unknown => ({ sender: contents, senderFrame: contents.frameOf(frame), returnValue: undefined });
    await page.exposeBinding('doubleInvoke', async ({ frame }, channel: string, given: unknown[]) => {
      const handler = ipcDouble.handlers.get(channel);
      if (handler === undefined) throw new Error(`no handler for ${channel}`);
      return handler(message(frame) as never, ...(given as never[]));
    });
    await page.exposeBinding(
      'doubleSend',
      ({ frame }, channel: string, given: unknown[]) => void ipcDouble.emit(channel, message(frame), ...given),
    );
    const preload = this.options.webPreferences?.preload;
    if (preload !== undefined) await page.addInitScript(preloadScript(await readFile(preload, 'utf8')));
    page.on('close', () => this.#closed());
    return page;
  }

  #mayNavigate(url: string, frame: Frame): boolean {
    const isMainFrame = frame === this.webContents.page?.mainFrame();
    const isFirst = frame.url() === 'about:blank' && isMainFrame;
    let prevented = false;
    const event = { url, isMainFrame, isSameDocument: false, preventDefault: () => (prevented = true) };
    if (!isFirst) {
      this.webContents.emit('will-frame-navigate', event);
      if (isMainFrame) this.webContents.emit('will-navigate', event);
    }
    if (!prevented) this.webContents.emit('did-start-navigation', event);
    return !prevented;
  }

  #refusePopup(url: string): void {
    const { action } = this.webContents.openHandler({ url } as Electron.HandlerDetails);
    if (action !== 'deny') throw new Error(`a window was allowed to open ${url}`);
  }

  show(): void {
    this.#visible = true;
    this.focus();
  }
  hide(): void {
    this.#visible = false;
    this.#focused = false;
  }
  focus(): void {
    this.#focused = true;
    this.emit('focus');
  }
  /** The person looks elsewhere. */
  blur(): void {
    this.#focused = false;
  }
  restore(): void {}
  maximize(): void {
    this.#maximized = true;
  }
  isMinimized(): boolean {
    return false;
  }
  isMaximized(): boolean {
    return this.#maximized;
  }
  isVisible(): boolean {
    return this.#visible;
  }
  isFocused(): boolean {
    return this.#focused;
  }
  isDestroyed(): boolean {
    return this.#destroyed;
  }
  getNormalBounds(): Electron.Rectangle {
    return this.#bounds;
  }
  setBounds(bounds: Electron.Rectangle): void {
    this.#bounds = bounds;
  }
  setProgressBar(progress: number): void {
    this.progress = progress;
  }
  close(): void {
    let prevented = false;
    this.emit('close', { preventDefault: () => (prevented = true) });
    if (prevented || this.#destroyed) return;
    const page = this.webContents.page;
    this.#closed();
    void page?.close().catch(() => undefined);
  }
  #closed(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    driven.windows.delete(this);
    this.webContents.destroy();
    this.emit('closed');
    if (driven.windows.size === 0) driven.app?.emit('window-all-closed');
  }
}
