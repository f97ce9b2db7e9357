import { createStore, type StoreApi } from 'zustand/vanilla';

/** What a person set for these screens alone. It stays in this browser. */
export interface Preferences {
  /** Whether each action shows its command line at once, and not only when asked. */
  showCommands: boolean;
}

const place = 'moult.preferences';
const usual: Preferences = { showCommands: false };

export function createPreferences(storage: Pick<Storage, 'getItem' | 'setItem'> = localStorage): StoreApi<Preferences> {
  const store = createStore<Preferences>()(() => read(storage));
  store.subscribe((preferences) => {
    try {
      storage.setItem(place, JSON.stringify(preferences));
    } catch {
      // A browser that keeps nothing still shows everything.
    }
  });
  return store;
}

function read(storage: Pick<Storage, 'getItem'>): Preferences {
  try {
    const kept = JSON.parse(storage.getItem(place) ?? '{}') as Partial<Preferences>;
    return { showCommands: kept.showCommands === true };
  } catch {
    return usual;
  }
}
