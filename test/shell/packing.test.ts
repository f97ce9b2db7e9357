import { access, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { root } from '../architecture/read-modules.ts';

interface Packing {
  extraMetadata: { main: string };
  asarUnpack: string[];
  npmRebuild: boolean;
  electronFuses: Record<string, boolean>;
  linux: { icon: string; target: string[] };
  mac: { icon: string; target: string };
  win: { icon: string; target: string };
}

const packing = parse(await readFile(join(root, 'electron-builder.yml'), 'utf8')) as Packing;

it('closes every way to run other code in the packed app, but the one that products need', () => {
  expect(packing.electronFuses).toEqual({
    runAsNode: true,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
  });
});

it('is understood by the packer, who refuses what it does not know', async () => {
  // What it reads its settings with would keep a cache in the temporary folder.
  vi.stubEnv('JITI_FS_CACHE', 'false');
  const builder = createRequire(createRequire(import.meta.url).resolve('electron-builder/package.json'));
  const { validateConfiguration } = builder('app-builder-lib/out/util/config/config') as {
    validateConfiguration(config: unknown, log: { isEnabled: boolean; add(): void }): Promise<void>;
  };
  const log = { isEnabled: false, add: () => undefined };
  await expect(validateConfiguration(structuredClone(packing), log)).resolves.toBeUndefined();
  await expect(validateConfiguration({ ...structuredClone(packing), asarUnpacked: [] }, log)).rejects.toThrow(/asarUnpacked/);
});

it('packs for each system, with icons that are there, and leaves compiled code outside the archive', async () => {
  expect([packing.linux.target, packing.mac.target, packing.win.target]).toEqual([['AppImage', 'deb'], 'dmg', 'nsis']);
  for (const { icon } of [packing.linux, packing.mac, packing.win]) await access(join(root, icon));
  expect(packing.extraMetadata.main).toBe('dist/main.js');
  expect(packing.asarUnpack).toContain('node_modules/better-sqlite3/**');
});
