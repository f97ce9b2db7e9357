import type { Engine } from '../api/engine.ts';
import type { Clock } from './clock.ts';

/** Milliseconds between two looks: soon enough for a person who switches between terminal and window. */
const pause = 4000;

/** The newest entries that are compared; more do not happen between two looks. */
const entries = 20;

export interface RegistryWatch {
  /** Looks only while somebody is there to be told. */
  setActive(active: boolean): void;
  /** Takes what is there now as known. */
  refresh(): void;
}

/**
 * Notices what other processes did: it compares the list of installs, the newest history and the backups, which are reads of Moult's own
 * database and of one small file an install; no product and no feed is asked.
 * @param onChange with the install, or null when it cannot be said which
 */
export function watchRegistry(engine: Pick<Engine, 'api'>, clock: Clock, onChange: (install: string | null) => void): RegistryWatch {
  let known: Map<string, string> | null = null;
  let stop: (() => void) | null = null;
  let looking = false;
  const look = async (silent: boolean): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      const now = await fingerprints(engine);
      if (known !== null && !silent) for (const install of differing(known, now)) onChange(install === '' ? null : install);
      known = now;
    } catch {
      // What cannot be read now is read at the next look; a call of a face tells why.
    } finally {
      looking = false;
    }
  };
  return {
    setActive: (active) => {
      if (active && stop === null) {
        void look(true);
        stop = clock.every(pause, () => void look(false));
      } else if (!active && stop !== null) {
        stop();
        stop = null;
      }
    },
    refresh: () => void (stop !== null && look(true)),
  };
}

/** For each install what is known of it, and under the empty name the list of installs. */
async function fingerprints({ api }: Pick<Engine, 'api'>): Promise<Map<string, string>> {
  const [installs, history, backups] = [await api.installs({}), await api.history({ limit: entries }), await api.backups({})];
  const named = (install: string): unknown[] => [
    ...installs.filter((each) => each.install === install),
    ...history.filter((each) => each.install === install),
    ...backups.filter((each) => each.install === install),
  ];
  const list = JSON.stringify(installs.map((each) => each.install));
  return new Map([['', list], ...installs.map(({ install }) => [install, JSON.stringify(named(install))] as const)]);
}

function differing(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string[] {
  return [...now].filter(([install, text]) => before.get(install) !== text).map(([install]) => install);
}
