import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
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

it('packs for each system, with icons that are there, and leaves compiled code outside the archive', async () => {
  expect([packing.linux.target, packing.mac.target, packing.win.target]).toEqual([['AppImage', 'deb'], 'dmg', 'nsis']);
  for (const { icon } of [packing.linux, packing.mac, packing.win]) await access(join(root, icon));
  expect(packing.extraMetadata.main).toBe('dist/main.js');
  expect(packing.asarUnpack).toContain('node_modules/better-sqlite3/**');
});
