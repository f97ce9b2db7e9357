/** The app's own updates: asked for, never by themselves, never while an operation runs. The updater itself is a double: what it fetches is not ours. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openSelfUpdate } from '../../electron/shell/self-update.ts';

const updater = vi.hoisted(() => ({
  autoDownload: true,
  autoInstallOnAppQuit: true,
  allowDowngrade: true,
  logger: {} as object | null,
  found: { isUpdateAvailable: true, updateInfo: { version: '0.2.0' } },
  did: [] as string[],
  on: () => undefined,
  checkForUpdates: async () => updater.found,
  downloadUpdate: async () => void updater.did.push('download'),
  quitAndInstall: () => void updater.did.push('install'),
}));
const app = vi.hoisted(() => ({ isPackaged: true }));

vi.mock('electron', () => ({ app }));
vi.mock('electron-updater', () => ({ autoUpdater: updater }));

beforeEach(() => {
  vi.stubEnv('APPIMAGE', '/opt/Moult.AppImage');
  updater.did = [];
  updater.checkForUpdates = async () => updater.found;
});
afterEach(() => vi.unstubAllEnvs());

it('tells of a newer one and fetches nothing until a person asks; then downloads, and installs on a second press', async () => {
  const own = openSelfUpdate(
    () => false,
    async () => void updater.did.push('prepare'),
  );
  expect(await own.check()).toMatchObject({ state: 'available', version: '0.2.0' });
  expect([updater.autoDownload, updater.autoInstallOnAppQuit, updater.allowDowngrade]).toEqual([false, false, false]);
  expect(updater.did).toEqual([]);
  expect(await own.advance()).toMatchObject({ state: 'ready', version: '0.2.0' });
  expect(await own.check()).toMatchObject({ state: 'ready' });
  expect(updater.did).toEqual(['download']);
  await own.advance();
  expect(updater.did).toEqual(['download', 'prepare', 'install']);
});

it('refuses while an operation runs, and has touched nothing', async () => {
  const own = openSelfUpdate(
    () => true,
    async () => undefined,
  );
  await own.check();
  await expect(own.advance()).rejects.toMatchObject({ code: 'locked' });
  expect(updater.did).toEqual([]);
  expect(own.current.state).toBe('available');
});

it('says that it could not look, and looks again later', async () => {
  const own = openSelfUpdate(
    () => false,
    async () => undefined,
  );
  updater.checkForUpdates = async () => Promise.reject(new Error('no network'));
  expect(await own.check()).toMatchObject({ state: 'failed' });
  updater.checkForUpdates = async () => updater.found;
  expect(await own.check()).toMatchObject({ state: 'available' });
});

it.runIf(process.platform === 'linux')('leaves a package of the system to the system', async () => {
  vi.stubEnv('APPIMAGE', undefined);
  const own = openSelfUpdate(
    () => false,
    async () => undefined,
  );
  expect(await own.check()).toMatchObject({ state: 'unsupported' });
  expect(await own.advance()).toMatchObject({ state: 'unsupported' });
  expect(updater.did).toEqual([]);
});
