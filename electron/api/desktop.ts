/**
 * What only the desktop app can do, beside the `Client` that every face has: its own settings, dialogs of the system, its own updates.
 * The preload puts it at `window.moultDesktop`; in a browser it is missing, and screens leave out what needs it.
 */
import { z } from 'zod';
import type { Result } from './result.ts';

export interface DesktopSettings {
  startAtLogin: boolean;
  /** Whether closing the window leaves Moult in the tray. */
  keepInTray: boolean;
  /** Whether feeds are asked every 24 hours. */
  checkForUpdates: boolean;
  /** An address that is told of new releases: https, or http on this machine; null for none. */
  webhook: string | null;
}

/** Moult's own update. */
export interface AppUpdate {
  state: 'none' | 'available' | 'downloading' | 'ready' | 'unsupported' | 'failed';
  /** The version that is offered, where one is. */
  version: string | null;
  /** 0 to 1 while it is downloaded. */
  fraction: number | null;
  /** One sentence for a person. */
  text: string;
}

const nothing = z.strictObject({});

/** Every call of the desktop with its input; IPC checks what arrives against it. */
export const desktopMethods = {
  settings: nothing,
  changeSettings: z.strictObject({
    startAtLogin: z.boolean().optional(),
    keepInTray: z.boolean().optional(),
    checkForUpdates: z.boolean().optional(),
    webhook: z.string().max(2000).nullable().optional(),
  }),
  chooseFolder: z.strictObject({ title: z.string().max(200).optional(), from: z.string().max(4096).optional() }),
  chooseBackup: z.strictObject({ title: z.string().max(200).optional(), from: z.string().max(4096).optional() }),
  /** Shows a file or folder in the system's file manager. */
  showFile: z.strictObject({ path: z.string().min(1).max(4096) }),
  /** Asks the feeds of all installs now, and whether there is a newer Moult. */
  checkForUpdates: nothing,
  appUpdate: nothing,
  /** Downloads Moult's own update, or installs the one that is ready. Refused while an operation runs. */
  updateApp: nothing,
} as const;

export type DesktopMethod = keyof typeof desktopMethods;
export type DesktopInput<M extends DesktopMethod> = z.input<(typeof desktopMethods)[M]>;

export interface DesktopResults {
  settings: DesktopSettings;
  changeSettings: DesktopSettings;
  chooseFolder: { path: string | null };
  chooseBackup: { path: string | null };
  showFile: Record<string, never>;
  checkForUpdates: { updates: { install: string; release: string }[] };
  appUpdate: AppUpdate;
  updateApp: AppUpdate;
}

/** What screens hold at `window.moultDesktop`. */
export interface Desktop {
  call<M extends DesktopMethod>(method: M, input: DesktopInput<M>): Promise<Result<DesktopResults[M]>>;
}
