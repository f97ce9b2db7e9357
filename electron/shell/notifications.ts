import { Notification } from 'electron';

export interface Notice {
  title: string;
  body: string;
  onClick: () => void;
}

/** Notifications that were shown, so that they are not collected before they are clicked; the oldest go first. */
const kept: Notification[] = [];
const most = 20;

/** Shows a notification of the system, where it has any. */
export function notify({ title, body, onClick }: Notice): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification({ title, body, silent: true });
  notification.on('click', onClick);
  kept.push(notification);
  if (kept.length > most) kept.shift();
  notification.show();
}
