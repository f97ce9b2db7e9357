import type { AppUpdate, Desktop, DesktopSettings } from '../../electron/api/desktop.ts';
import { fail } from '../../electron/api/result.ts';
import type { Everything } from './catalogue.ts';
import { createKeyed, type Keyed } from './keyed.ts';

const noDesktop = fail({ code: 'unsupported', message: 'Only the desktop app can do this.' });

/** What is set for the desktop app. */
export function createDesktopSettings(desktop: Desktop | null): Keyed<Everything, DesktopSettings> {
  return createKeyed(
    () => '',
    async () => (desktop === null ? noDesktop : desktop.call('settings', {})),
  );
}

/** Moult's own update. */
export function createAppUpdate(desktop: Desktop | null): Keyed<Everything, AppUpdate> {
  return createKeyed(
    () => '',
    async () => (desktop === null ? noDesktop : desktop.call('appUpdate', {})),
  );
}
