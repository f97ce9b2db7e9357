export interface MachineFacts {
  platform: string;
  environment: Readonly<Record<string, string | undefined>>;
  isSuperuser: boolean;
}

/** Why the desktop app cannot open here, in a few words that go on "cannot run here: …". */
export type Obstacle = string;

/** What can be told without Electron; null when nothing stands in the way. */
export function obstacle({ platform, environment, isSuperuser }: MachineFacts): Obstacle | null {
  const isSet = (name: string): boolean => (environment[name] ?? '') !== '';
  if (platform === 'linux' && !isSet('DISPLAY') && !isSet('WAYLAND_DISPLAY')) return 'this machine has no display';
  if ((platform === 'darwin' || platform === 'win32') && isSet('SSH_CONNECTION')) return 'this is a remote session without a display';
  // Chromium refuses to run as root with its sandbox, and without it Moult does not want to.
  if (platform === 'linux' && isSuperuser) return 'the superuser has no sandbox in Electron';
  return null;
}
