import { House, Plus, Settings } from 'lucide-react';
import type { Route } from '../route/route.ts';
import { installAddress } from '../route/route.ts';
import { useOperation, useStores } from '../store/use-stores.ts';
import { useStore } from 'zustand';
import { actionWords } from '../wording/actions.ts';
import { Mark } from './mark.tsx';
import './app-bar.css';

/** The bar above every page: the way home, where one is, what runs. */
export function AppBar({ route }: { route: Route }) {
  return (
    <header className="app-bar">
      <nav aria-label="Moult">
        <a className="app-name" href="#/">
          <Mark />
          <span>Moult</span>
        </a>
        <Place route={route} />
        <ul className="app-links">
          <RunningLinks route={route} />
          <li>
            <a href="#/" aria-current={route.page === 'home' ? 'page' : undefined}>
              <House size={16} aria-hidden="true" /> <span>Home</span>
            </a>
          </li>
          <li>
            <a href="#/add" aria-current={route.page === 'add' ? 'page' : undefined}>
              <Plus size={16} aria-hidden="true" /> <span>Add</span>
            </a>
          </li>
          <li>
            <a href="#/settings" aria-current={route.page === 'settings' ? 'page' : undefined}>
              <Settings size={16} aria-hidden="true" /> <span>Settings</span>
            </a>
          </li>
        </ul>
      </nav>
    </header>
  );
}

function Place({ route }: { route: Route }) {
  const operation = useOperation(route.page === 'operation' ? route.operation : '');
  const install = route.page === 'install' || route.page === 'fresh-start' ? route.install : operation?.install;
  if (install === undefined) return null;
  return (
    <a className="app-place" href={installAddress(install)}>
      {install}
    </a>
  );
}

/** What runs anywhere is one press away from everywhere. */
function RunningLinks({ route }: { route: Route }) {
  const operations = useStore(useStores().operations.store, (state) => state.operations);
  const running = Object.values(operations).filter(
    (each) => each.ended === null && !(route.page === 'operation' && route.operation === each.operation),
  );
  return running.map((each) => (
    <li key={each.operation}>
      <a className="app-running" href={`#/operation/${encodeURIComponent(each.operation)}`}>
        <span className="app-running-dot" aria-hidden="true" />
        {actionWords[each.action].running(each.install)}
      </a>
    </li>
  ));
}
