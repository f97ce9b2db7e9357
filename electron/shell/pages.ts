/** Addresses of the screens that the tray, menus and notifications open, as `renderer/route/route.ts` reads them. */

export const homePage = '#/';
export const settingsPage = '#/settings';

export type InstallTab = 'overview' | 'upgrade' | 'backups' | 'drift' | 'activity' | 'settings';

export function installPage(install: string, tab: InstallTab = 'overview'): string {
  return `#/install/${encodeURIComponent(install)}${tab === 'overview' ? '' : `/${tab}`}`;
}

export function upgradePage(install: string, to: string | null): string {
  return `${installPage(install, 'upgrade')}${to === null ? '' : `?${new URLSearchParams({ to }).toString()}`}`;
}

export function operationPage(operation: string): string {
  return `#/operation/${encodeURIComponent(operation)}`;
}
