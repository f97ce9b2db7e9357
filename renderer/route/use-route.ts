import { useMemo, useSyncExternalStore } from 'react';
import { parseRoute, type Route } from './route.ts';

export function useRoute(): Route {
  const hash = useSyncExternalStore(onHash, () => location.hash);
  return useMemo(() => parseRoute(hash), [hash]);
}

export function goTo(address: string): void {
  location.hash = address;
}

/** Goes there without a step in the browser's history: for pages that only lead on. */
export function replaceBy(address: string): void {
  history.replaceState(null, '', address);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

function onHash(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}
