/** The wire between windows and the hub. Every message's sender is checked, every input parsed; see answer-ipc.ts. */
import { ipcMain, type WebContents, type WebFrameMain } from 'electron';
import { wires } from '../api/ipc.ts';
import type { Hub } from '../transport/hub.ts';
import { answerCall, answerCancel, answerDesktop, type DesktopCalls, isTrusted, type Sender, subscriptionOf } from './answer-ipc.ts';

/** Subscriptions that one window may hold; a page needs one. */
const mostSubscriptions = 16;

interface Message {
  sender: WebContents;
  senderFrame: WebFrameMain | null;
}

export function serveWindows(hub: Hub, calls: DesktopCalls): void {
  const held = new Map<WebContents, Map<number, Promise<() => void>>>();
  ipcMain.handle(wires.call, (message, ...given: unknown[]) => answerCall(hub, senderOf(message), given));
  ipcMain.handle(wires.cancel, (message, ...given: unknown[]) => answerCancel(hub, senderOf(message), given));
  ipcMain.handle(wires.desktop, (message, ...given: unknown[]) => answerDesktop(calls, senderOf(message), given));
  ipcMain.on(wires.subscribe, (message, ...given: unknown[]) => {
    const subscription = isTrusted(senderOf(message)) ? subscriptionOf(given) : null;
    const own = held.get(message.sender) ?? holdFor(message.sender);
    if (subscription === null || own.has(subscription) || own.size >= mostSubscriptions) return;
    const { sender } = message;
    own.set(
      subscription,
      hub.subscribe((news) => {
        if (!sender.isDestroyed()) sender.send(wires.message, subscription, news);
      }),
    );
  });
  ipcMain.on(wires.unsubscribe, (message, ...given: unknown[]) => {
    const subscription = subscriptionOf(given);
    const own = held.get(message.sender);
    if (subscription === null || own === undefined) return;
    release(own.get(subscription));
    own.delete(subscription);
  });

  /** A window that goes, or loads its page anew, lets go of what it heard. */
  function holdFor(sender: WebContents): Map<number, Promise<() => void>> {
    const own = new Map<number, Promise<() => void>>();
    const letGo = (): void => {
      own.forEach(release);
      own.clear();
    };
    held.set(sender, own);
    sender.on('did-start-navigation', (details) => {
      if (details.isMainFrame && !details.isSameDocument) letGo();
    });
    sender.once('destroyed', () => {
      letGo();
      held.delete(sender);
    });
    return own;
  }
}

function release(subscribed: Promise<() => void> | undefined): void {
  void subscribed?.then((leave) => leave());
}

function senderOf({ sender, senderFrame }: Message): Sender {
  return { address: senderFrame?.url ?? '', isMainFrame: senderFrame !== null && senderFrame === sender.mainFrame };
}
