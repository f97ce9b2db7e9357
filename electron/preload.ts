/**
 * What a window sees of the desktop app: the `Client` that every face has, and what only the desktop can do. Nothing else of Electron or
 * Node reaches the page. It runs in the sandbox, before the page and apart from it.
 */
import { contextBridge, ipcRenderer } from 'electron';
import type { Client, StreamMessage } from './api/client.ts';
import type { Desktop } from './api/desktop.ts';
import { wires } from './api/ipc.ts';

declare const location: { hash: string };

let last = 0;

const client: Client = {
  call: (method, input) => ipcRenderer.invoke(wires.call, method, input) as Promise<never>,
  cancel: (operation) => ipcRenderer.invoke(wires.cancel, { operation }) as Promise<never>,
  subscribe: (listener, onConnection) => {
    last += 1;
    const subscription = last;
    const hear = (_event: unknown, about: number, message: StreamMessage): void => {
      if (about !== subscription) return;
      if (message.kind === 'snapshot') onConnection?.('connected');
      listener(message);
    };
    onConnection?.('connecting');
    ipcRenderer.on(wires.message, hear);
    ipcRenderer.send(wires.subscribe, subscription);
    return () => {
      ipcRenderer.off(wires.message, hear);
      ipcRenderer.send(wires.unsubscribe, subscription);
    };
  },
};

const desktop: Desktop = {
  call: (method, input) => ipcRenderer.invoke(wires.desktop, method, input) as Promise<never>,
};

contextBridge.exposeInMainWorld('moult', client);
contextBridge.exposeInMainWorld('moultDesktop', desktop);

// The tray and notifications open pages of a window that is already there.
ipcRenderer.on(wires.go, (_event, address: unknown) => {
  if (typeof address === 'string' && address.startsWith('#/')) location.hash = address;
});
