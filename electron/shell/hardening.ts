/**
 * The walls around every page, as Electron's security checklist asks (https://www.electronjs.org/docs/latest/tutorial/security).
 * Whatever a page becomes, it is in the sandbox, goes nowhere, opens nothing and is permitted nothing.
 */
import { app, type Session, type WebContents } from 'electron';
import { isOwnPage, screensOrigin } from './screens-address.ts';

/** Before the app is ready: every renderer is sandboxed, and what is made later is walled in when it is made. */
export function hardenApp(onLink: (address: string) => void): void {
  app.enableSandbox();
  app.on('web-contents-created', (_event, contents) => hardenContents(contents, onLink));
}

function hardenContents(contents: WebContents, onLink: (address: string) => void): void {
  const stayHere = (event: { url: string; preventDefault: () => void }): void => {
    if (!isOwnPage(event.url)) event.preventDefault();
  };
  contents.on('will-navigate', stayHere);
  contents.on('will-redirect', stayHere);
  contents.on('will-frame-navigate', stayHere);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    onLink(url);
    return { action: 'deny' };
  });
}

/** Nothing is permitted: no camera, no location, no notifications of a page's own, no device. Only a page's own text may be saved. */
export function hardenSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === 'clipboard-sanitized-write' && origin.replace(/\/$/, '') === screensOrigin,
  );
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event, item) => {
    if (!item.getURL().startsWith(`blob:${screensOrigin}/`)) event.preventDefault();
  });
}
