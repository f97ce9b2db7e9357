import type { Stores } from './stores.ts';

/** Milliseconds between two looks. A product that stops by itself tells nobody; its feed is left alone. */
const lookAgain = 20_000;

/** Looks now and then how the installs on the screen are, as long as somebody can see it. The answer ends it. */
export function watchHealth(stores: Stores): () => void {
  const look = (): void => {
    if (document.visibilityState === 'hidden' || stores.connection.getState().connection !== 'connected') return;
    for (const [install, { value }] of Object.entries(stores.statuses.store.getState().entries)) {
      if (value !== null) void lookAt(stores, install);
    }
  };
  const timer = setInterval(look, lookAgain);
  document.addEventListener('visibilitychange', look);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', look);
  };
}

/** Without the feed: what it said before still stands. */
async function lookAt({ client, statuses }: Stores, install: string): Promise<void> {
  const answer = await client.call('status', { install, offline: true });
  if (answer.ok) statuses.change({ install }, (before) => ({ ...answer.result, update: before.update }));
}
