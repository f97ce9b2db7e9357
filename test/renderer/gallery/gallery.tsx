/** Draws one screen with sample data: `?scene=upgrade`. Only for looking at; `npx vite test/renderer/gallery`. */
import { createRoot } from 'react-dom/client';
import '../../../renderer/styles/tokens.css';
import '../../../renderer/styles/base.css';
import { App } from '../../../renderer/app.tsx';
import { createStores, followEngine } from '../../../renderer/store/stores.ts';
import { StoresContext } from '../../../renderer/store/use-stores.ts';
import { fakeClient } from '../fake-client.ts';
import { scenes } from './scenes.ts';

const name = new URLSearchParams(location.search).get('scene') ?? 'home';
const scene = scenes[name];
const place = document.querySelector('#root');
if (scene === undefined || place === null) throw new Error(`no scene called ${name}; there are ${Object.keys(scenes).join(', ')}`);
const client = fakeClient();
scene.prepare(client);
location.hash = scene.address;
const stores = createStores(client, { desktop: scene.desktop ?? null });
followEngine(stores);
scene.after?.(client);
createRoot(place).render(
  <StoresContext value={stores}>
    <App />
  </StoresContext>,
);
