/** `npm start` on a machine without a display: one line says why there is no window, and the browser's face opens instead. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { makeWorld } from '../support/moult.ts';

const starter = fileURLToPath(new URL('../../dist/start.js', import.meta.url));

test.skipIf(process.platform !== 'linux')('says why in one line and serves the screens, until Ctrl-C', async () => {
  const world = await makeWorld(onTestFinished);
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...env } = world.env;
  const child = spawn(process.execPath, [starter], { env, cwd: world.folder, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  await expect.poll(() => out, { timeout: 60_000 }).toMatch(/http:\/\/\S+/);
  expect(err).toBe("The desktop app cannot run here: this machine has no display. Opening the browser's face instead.\n");
  const address = /http:\/\/\S+/.exec(out)?.[0] ?? '';
  // The token is exchanged for a cookie on the way; without it there is no page.
  const landed = await fetch(address, { redirect: 'manual' });
  expect(landed.status).toBeLessThan(400);
  expect((await fetch(new URL('/', address))).status).toBeGreaterThanOrEqual(400);
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(await world.processes()).toEqual([]);
});
