/**
 * Addresses of pages: `#/install/sprig/upgrade?to=2.0.0`. The part behind the `#` is never sent anywhere, works from any scheme, and lets the
 * tray open a page by its address.
 */
export const tabs = ['overview', 'upgrade', 'backups', 'drift', 'activity', 'settings'] as const;
export type Tab = (typeof tabs)[number];

export type Route =
  | { page: 'home' }
  | { page: 'add' }
  | { page: 'set-up'; product: string }
  | { page: 'install'; install: string; tab: Tab; to: string | null }
  | { page: 'fresh-start'; install: string }
  | { page: 'operation'; operation: string }
  | { page: 'settings' }
  | { page: 'unknown'; address: string };

/** @param hash as `location.hash` has it, with its `#` */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [first = '', second, third, ...rest] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  if (rest.length > 0) return { page: 'unknown', address: hash };
  if (first === '') return { page: 'home' };
  if (second === undefined && (first === 'add' || first === 'settings')) return { page: first };
  if (second !== undefined && third === undefined && first === 'set-up') return { page: 'set-up', product: second };
  if (second !== undefined && third === undefined && first === 'operation') return { page: 'operation', operation: second };
  if (second !== undefined && first === 'install') {
    if (third === 'fresh-start') return { page: 'fresh-start', install: second };
    const tab = tabs.find((name) => name === (third ?? 'overview'));
    if (tab !== undefined) return { page: 'install', install: second, tab, to: new URLSearchParams(query).get('to') };
  }
  return { page: 'unknown', address: hash };
}

/** The address of a page, for links. */
export function addressOf(route: Exclude<Route, { page: 'unknown' }>): string {
  switch (route.page) {
    case 'home':
      return '#/';
    case 'add':
    case 'settings':
      return `#/${route.page}`;
    case 'set-up':
      return `#/set-up/${encodeURIComponent(route.product)}`;
    case 'operation':
      return `#/operation/${encodeURIComponent(route.operation)}`;
    case 'fresh-start':
      return `#/install/${encodeURIComponent(route.install)}/fresh-start`;
    case 'install': {
      const tab = route.tab === 'overview' ? '' : `/${route.tab}`;
      const query = route.to === null ? '' : `?${new URLSearchParams({ to: route.to }).toString()}`;
      return `#/install/${encodeURIComponent(route.install)}${tab}${query}`;
    }
  }
}

export function installAddress(install: string, tab: Tab = 'overview', to: string | null = null): string {
  return addressOf({ page: 'install', install, tab, to });
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
