/**
 * The one way out of the screens. In the desktop app the preload puts a client at `window.moult`; in a browser one is made over HTTP.
 *
 * Promises: every answer is a `Result`; nothing here rejects for an expected failure. A subscription begins with a snapshot and begins
 * anew with one after every loss. Refuses: to know what the answers mean.
 */
import type { Client } from '../../electron/api/client.ts';
import { httpClient } from './http-client.ts';

declare global {
  interface Window {
    moult?: Client;
  }
}

export function findClient(): Client {
  return window.moult ?? httpClient(new URL('api/', document.baseURI));
}
