/** Names of the wires between a window and the desktop app; the preload and the shell both sign here. */
export const wires = {
  /** (method, input) → Result */
  call: 'moult:call',
  /** ({ operation }) → Result */
  cancel: 'moult:cancel',
  /** (subscription): messages come on `message` until `unsubscribe`. */
  subscribe: 'moult:subscribe',
  unsubscribe: 'moult:unsubscribe',
  /** (subscription, StreamMessage), to the window. */
  message: 'moult:message',
  /** (address), to the window: show this page. Addresses begin with `#/`. */
  go: 'moult:go',
  /** (method, input) → Result, of `desktop.ts` */
  desktop: 'moult:desktop',
} as const;
