import { spawn } from 'node:child_process';

/** What opens an address on each system; on others and without a display there may be none. */
const openers: Readonly<Record<string, [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Opens an address in the person's browser. Resolves to whether something was there to open it. */
export function openBrowser(address: string): Promise<boolean> {
  const [command, ...rest] = openers[process.platform] ?? ['xdg-open'];
  return new Promise((resolve) => {
    const child = spawn(command, [...rest, address], { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
