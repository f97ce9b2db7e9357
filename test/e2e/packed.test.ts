/// <reference lib="dom" />
/**
 * What electron-builder makes of the build, as far as it goes without Electron's own program: that is fetched from GitHub, which not every
 * machine can reach, so a stand-in takes its place. Packing, leaving out, unpacking and the fuses are electron-builder's own; and the app that
 * was packed runs from the package alone, on the double of Electron.
 */
import { execFile } from 'node:child_process';
import { chmod, glob, lstat, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { root } from '../architecture/read-modules.ts';
import { lacksChromium } from '../support/chromium.ts';
import { startDesktop } from '../support/desktop.ts';
import { makeWorld } from '../support/moult.ts';
import { mouse } from '../support/screens/hand.ts';
import { patience } from '../support/screens/served-app.ts';
import { suiteFolder } from '../support/temporary-folder.ts';

const builder = createRequire(createRequire(import.meta.url).resolve('electron-builder/package.json'));
const { extractAll, listPackage } = createRequire(builder.resolve('app-builder-lib'))('@electron/asar') as {
  extractAll(archive: string, to: string): void;
  listPackage(archive: string, options: { isPack: boolean }): string[];
};
const packing = parse(await readFile(join(root, 'electron-builder.yml'), 'utf8')) as {
  files: string[];
  electronFuses: Record<string, boolean>;
};
const isMissing = await lacksChromium();
const folder = await suiteFolder('packed');

/** What `@electron/fuses` looks for in a program, and how many fuses Electron 45 has. */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const fuses = 9;

describe.skipIf(process.platform !== 'linux')('the packed app', () => {
  let unpacked = '';
  let archive = '';
  let files: string[] = [];

  beforeAll(async () => {
    const standIn = join(folder, 'electron');
    await mkdir(standIn);
    const wire = [Buffer.from(sentinel), Buffer.from([1, fuses]), Buffer.from('0'.repeat(fuses))];
    await writeFile(join(standIn, 'electron'), Buffer.concat([Buffer.from('#!/bin/sh\nexit 0\n# '), ...wire, Buffer.from('\n')]));
    await chmod(join(standIn, 'electron'), 0o755);
    const output = join(folder, 'packages');
    await promisify(execFile)(
      process.execPath,
      [
        join(root, 'node_modules/electron-builder/cli.js'),
        '--linux',
        'dir',
        `-c.electronDist=${standIn}`,
        `-c.directories.output=${output}`,
        '--publish',
        'never',
      ],
      { cwd: root, env: { ...process.env, JITI_FS_CACHE: 'false' }, timeout: 4 * 60_000, maxBuffer: 2 ** 24 },
    );
    unpacked = join(output, 'linux-unpacked');
    archive = join(unpacked, 'resources', 'app.asar');
    files = listPackage(archive, { isPack: false }).map((path) => path.replace(/^[/\\]/, ''));
  });

  test('holds everything that electron-builder.yml names, and nothing that only builds', async () => {
    const folders = new Set(files.flatMap((path) => path.split('/').map((_, index, parts) => parts.slice(0, index).join('/'))));
    const held = files.filter((path) => !folders.has(path));
    for (const pattern of packing.files.filter((each) => !each.startsWith('!'))) {
      const wanted = await Array.fromAsync(glob(pattern, { cwd: root }));
      const isFile = await Promise.all(wanted.map(async (path) => (await lstat(join(root, path))).isFile()));
      const named = wanted.filter((path, index) => isFile[index] === true && !path.endsWith('.map'));
      expect(named.length, `${pattern} names nothing`).toBeGreaterThan(0);
      expect(named.filter((path) => !held.includes(path))).toEqual([]);
    }
    expect(held.filter((path) => /^(?:test|electron|renderer|docs)\/|\.map$|\.tsx?$/.test(path.replace(/^node_modules\/.*/, '')))).toEqual(
      [],
    );
    const metadata = JSON.parse(await readFile(join(await opened(), 'package.json'), 'utf8')) as { main: string };
    expect(held).toContain(metadata.main);
  });

  test('brings the packages that its own code imports at run time, with what these need, and no other', async () => {
    const app = await opened();
    const wanted = new Set<string>();
    for await (const path of glob('dist/*.{js,cjs}', { cwd: app })) {
      // Comments of packages show imports as well.
      const text = (await readFile(join(app, path), 'utf8')).replaceAll(/^\s*(?:\*|\/\/).*$/gm, '');
      for (const [, name] of text.matchAll(/(?:from|import\(|require\()\s*["']((?:@[\w.-]+\/)?[a-z][\w.-]*)["']/g)) {
        // What is not installed is an extra that a package asks for and does without: pg's pg-native.
        const isExtra = name === undefined || !(await isThere(join(root, 'node_modules', name)));
        if (!isExtra && !isBuiltin(name) && name !== 'electron') await want(app, name, wanted);
      }
    }
    expect(wanted).toContain('better-sqlite3');
    expect(wanted).toContain('electron-updater');
    const brought = new Set(files.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/@]+)\/package\.json$/.exec(path)?.[1] ?? []));
    expect([...brought].sort()).toEqual([...wanted].sort());
  });

  test('has its compiled code and the releases of the sample outside the archive', async () => {
    const beside = await Array.fromAsync(glob('**/*', { cwd: `${archive}.unpacked` }));
    expect(beside.some((path) => path.endsWith('.node'))).toBe(true);
    expect(beside).toContain('dist/sample/feed/releases.json');
  });

  test('has the fuses set as asked', async () => {
    const wire = await getCurrentFuseWire(join(unpacked, 'moult'));
    const names: Record<string, FuseV1Options> = {
      runAsNode: FuseV1Options.RunAsNode,
      enableCookieEncryption: FuseV1Options.EnableCookieEncryption,
      enableNodeOptionsEnvironmentVariable: FuseV1Options.EnableNodeOptionsEnvironmentVariable,
      enableNodeCliInspectArguments: FuseV1Options.EnableNodeCliInspectArguments,
      enableEmbeddedAsarIntegrityValidation: FuseV1Options.EnableEmbeddedAsarIntegrityValidation,
      onlyLoadAppFromAsar: FuseV1Options.OnlyLoadAppFromAsar,
      grantFileProtocolExtraPrivileges: FuseV1Options.GrantFileProtocolExtraPrivileges,
    };
    expect(Object.keys(packing.electronFuses).sort()).toEqual(Object.keys(names).sort());
    for (const [name, isOn] of Object.entries(packing.electronFuses)) {
      expect(wire[names[name] as FuseV1Options], name).toBe(isOn ? FuseState.ENABLE : FuseState.DISABLE);
    }
  });

  test.skipIf(isMissing)('runs from the package alone: the sample is set up in one press', async () => {
    const app = await opened();
    const world = await makeWorld(onTestFinished);
    const desktop = await startDesktop(world, onTestFinished, [], join(app, 'dist', 'main.js'));
    await desktop.until('a window', (view) => view.windows.some(({ visible, address }) => visible && address.startsWith('http')));
    const page = await desktop.page();
    await mouse.press(page.getByRole('button', { name: 'Try the sample' }));
    await page.getByRole('heading', { level: 1, name: 'sprig is set up, release 1.0.0.' }).waitFor({ timeout: patience });
  });

  let whole: Promise<string> | null = null;
  /** The package as files, far from this checkout: nothing of it can help out. */
  function opened(): Promise<string> {
    whole ??= mkdir(join(folder, 'app')).then(() => {
      extractAll(archive, join(folder, 'app'));
      return join(folder, 'app');
    });
    return whole;
  }
});

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** Headers that only compiling needs. */
const headers = new Set(['node-addon-api']);

/** A package and everything that it depends on. */
async function want(app: string, name: string, wanted: Set<string>): Promise<void> {
  if (wanted.has(name) || headers.has(name)) return;
  wanted.add(name);
  const { dependencies = {} } = JSON.parse(await readFile(join(app, 'node_modules', name, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  for (const each of Object.keys(dependencies)) await want(app, each, wanted);
}
