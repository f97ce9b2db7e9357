/** The machine and the person: folders, platform, environment variables, the Node that runs products written in JavaScript. */
import { homedir, tmpdir } from 'node:os';
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Platform = 'linux' | 'macos' | 'windows';

export function platform(): Platform {
  return process.platform === 'win32' ? 'windows' : process.platform === 'darwin' ? 'macos' : 'linux';
}

/** The processor as Go calls it (`GOARCH`): `amd64`, `arm64`, `386`; what has no such name keeps Node's. */
export function architecture(): string {
  const names: Record<string, string> = { x64: 'amd64', ia32: '386' };
  return names[process.arch] ?? process.arch;
}

export function userHome(): string {
  return homedir();
}

export function temporaryFolder(): string {
  return tmpdir();
}

export function variable(name: string): string | undefined {
  return process.env[name];
}

/** Moult's own folder: `MOULT_HOME`, else the platform's place for application data. */
export function moultHome(): string {
  const named = variable('MOULT_HOME');
  if (named !== undefined && named !== '') return resolve(named);
  if (platform() === 'macos') return join(userHome(), 'Library', 'Application Support', 'Moult');
  if (platform() === 'windows') return join(variable('LOCALAPPDATA') ?? join(userHome(), 'AppData', 'Local'), 'Moult');
  return join(xdgFolder('XDG_DATA_HOME') ?? userHome(), 'moult');
}

/** The folder `resources/`, in a checkout and in a packaged app. */
export function resourcesFolder(): string {
  return findUpwards('resources');
}

/** Where the build step puts the releases of the sample. */
export function sampleFolder(): string {
  const packaged = join(resourcesFolder(), 'sample-releases');
  return existsSync(packaged) ? packaged : join(dirname(resourcesFolder()), 'dist', 'sample');
}

/** The Node that runs a product: this one. Inside Electron it takes `ELECTRON_RUN_AS_NODE=1` to be one. */
export function nodeCommand(): { path: string; env: Record<string, string> } {
  return { path: process.execPath, env: process.versions['electron'] === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' } };
}

/** Moult's own version: put in by the build; from its sources it is `0.0.0-source`. */
export function moultVersion(): string {
  return process.env.MOULT_VERSION ?? '0.0.0-source';
}

export function nodeVersion(): string {
  return process.versions.node;
}

/** `~/x`, `%LOCALAPPDATA%/x` and `$XDG_…/x` with the person's own folders filled in; variables that are not set stay as they are. */
export function expandHome(path: string): string {
  const filled = path
    .replace(/^~(?=\/|\\|$)/, userHome())
    .replaceAll(/%(\w+)%/g, (whole, name: string) => variable(name) ?? whole)
    .replaceAll(/\$(?:\{(\w+)\}|([A-Z_][A-Z0-9_]*))/g, (whole, braced: string | undefined, bare: string | undefined) => {
      const name = braced ?? bare ?? '';
      return xdgFolder(name) ?? variable(name) ?? whole;
    });
  return resolve(filled);
}

/** A copy of the environment without the named variables; `*` in a pattern matches any text. */
export function environmentWithout(patterns: readonly string[]): Record<string, string> {
  const tests = patterns.map((pattern) => new RegExp(`^${pattern.split('*').map(escapeText).join('.*')}$`));
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !tests.some((test) => test.test(name))) kept[name] = value;
  }
  return kept;
}

/** What a program needs of the environment to run at all, and that names no folder of the person. */
const harmless =
  /^(?:PATH|LANG|LANGUAGE|LC_\w+|TZ|TERM|SystemRoot|SystemDrive|ComSpec|PATHEXT|WINDIR|NUMBER_OF_PROCESSORS|LD_LIBRARY_PATH)$/i;

/** An environment in which `folder` is the person's home: nothing in it leads to what the person really has. */
export function environmentApart(folder: string): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name, value]) => value !== undefined && harmless.test(name));
  const home = { HOME: folder, USERPROFILE: folder, TMPDIR: join(folder, 'tmp'), TEMP: join(folder, 'tmp'), TMP: join(folder, 'tmp') };
  return { ...(Object.fromEntries(kept) as Record<string, string>), ...home };
}

/** Where the XDG Base Directory Specification (0.8) puts a folder that its variable does not name; it demands absolute paths. */
const xdgDefaults: Record<string, string> = {
  XDG_DATA_HOME: '.local/share',
  XDG_CONFIG_HOME: '.config',
  XDG_STATE_HOME: '.local/state',
  XDG_CACHE_HOME: '.cache',
};

function xdgFolder(name: string): string | undefined {
  const byDefault = xdgDefaults[name];
  if (byDefault === undefined) return undefined;
  const named = variable(name);
  return named !== undefined && isAbsolute(named) ? named : join(userHome(), byDefault);
}

function escapeText(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function findUpwards(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const candidate = join(folder, name);
    if (existsSync(join(candidate, 'products'))) return candidate;
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`the folder ${name} of Moult is missing; its files are damaged: install Moult again`);
    folder = parent;
  }
}
