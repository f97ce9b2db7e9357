/** Composition root of the screens: one client, its slices, the app. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './styles/tokens.css';
import './styles/base.css';
import { App } from './app.tsx';
import { findClient } from './client/client.ts';
import { findDesktop } from './client/desktop.ts';
import { watchHealth } from './store/health-watch.ts';
import { createStores, followEngine } from './store/stores.ts';
import { StoresContext } from './store/use-stores.ts';

const stores = createStores(findClient(), { desktop: findDesktop() });
followEngine(stores);
watchHealth(stores);

const place = document.querySelector('#root');
if (place === null) throw new Error('the page has no place for the app');
createRoot(place).render(
  <StrictMode>
    <StoresContext value={stores}>
      <App />
    </StoresContext>
  </StrictMode>,
);
