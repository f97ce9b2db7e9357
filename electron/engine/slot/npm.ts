import { join } from 'node:path';
import { z } from 'zod';
import { Failure } from '../../api/failure.ts';
import { makeFolder, readTextOrNull, writeDurably } from '../platform/files.ts';
import { run, type Finished, type RunOptions } from '../platform/processes.ts';
import { findNpm } from './npm-command.ts';

export interface PackageSource {
  package: string;
  /** Exact. */
  version: string;
  registry: string;
  /** Subresource Integrity that the feed gave for the package. */
  integrity: string;
}

export interface InstallPackageOptions {
  /** An empty folder. Gets package.json, package-lock.json and node_modules. */
  into: string;
  source: PackageSource;
  cache: string;
  signal?: AbortSignal;
  onProgress?: (progress: { detail: string }) => void;
  /** Told of npm's process as soon as it runs. */
  onStarted?: RunOptions['onStarted'];
}

/** Seconds. Node-RED with its 300 packages takes some 20 on a fast line. */
const longestInstall = 30 * 60;

/** What of the lock file is looked at, see https://docs.npmjs.com/cli/configuring-npm/package-lock-json */
const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      integrity: z.string().optional(),
      link: z.boolean().optional(),
      inBundle: z.boolean().optional(),
    }),
  ),
});

/**
 * Installs one package of a registry with npm, with what it depends on.
 *
 * Install scripts are not run: they would be code of some hundred publishers that runs before anything was decided, as the person who only
 * asked for a plan to be carried out. What is needed from them has a way without: native parts come as prebuilt packages
 * (`@node-rs/bcrypt-linux-x64-gnu`) and Node-RED falls back to plain JavaScript where there is none.
 *
 * The package itself must have the integrity that the feed gave; npm verifies the others against the registry, and every one of them must have had one.
 * Throws `wrong-checksum`, `feed-unreachable`, `unknown-release`, `no-space`, `command-failed`, `unsupported` (no npm).
 */
export async function installPackage(options: InstallPackageOptions): Promise<void> {
  const { into, source } = options;
  const npm = await findNpm();
  await makeFolder(options.cache);
  const wanted = { name: 'slot', version: '0.0.0', private: true, dependencies: { [source.package]: source.version } };
  await writeDurably(join(into, 'package.json'), `${JSON.stringify(wanted, null, 2)}\n`, 0o644);
  options.onProgress?.({ detail: `npm installs ${source.package} ${source.version}` });
  const finished = await run([...npm.command, 'install', ...settings(options)], {
    folder: into,
    env: npm.env,
    limit: longestInstall,
    onOutput: packageCounter(options),
    ...(options.signal && { signal: options.signal }),
    ...(options.onStarted && { onStarted: options.onStarted }),
  });
  options.signal?.throwIfAborted();
  if (finished.code !== 0) throw explain(finished, source);
  await proveLock(into, source);
}

/** Everything that an npmrc of the person could say otherwise and that would make another slot. */
function settings({ into, source, cache }: InstallPackageOptions): string[] {
  return [
    `--prefix=${into}`,
    `--cache=${cache}`,
    `--registry=${source.registry}/`,
    '--ignore-scripts',
    '--omit=dev',
    '--include=optional',
    '--no-global',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    '--no-dry-run',
    '--package-lock',
    '--no-package-lock-only',
    '--no-bin-links',
    '--no-omit-lockfile-registry-resolved',
    '--install-strategy=hoisted',
    '--prefer-online',
    // Waits 0.5 and 1.5 s; npm's own 10 and 60 s are made for build servers, and a person is looking at this.
    '--fetch-retries=2',
    '--fetch-retry-mintimeout=500',
    '--fetch-retry-factor=3',
    '--no-progress',
    '--no-color',
    '--loglevel=http',
    '--logs-max=0',
  ];
}

/** npm tells each request at the level `http`; requests for tarballs are the packages that arrive. */
function packageCounter(options: InstallPackageOptions): (text: string) => void {
  let packages = 0;
  return (text) => {
    const arrived = text.match(/http fetch GET 200 \S+\.tgz/g)?.length ?? 0;
    packages += arrived;
    if (arrived > 0) options.onProgress?.({ detail: `npm fetched ${packages} packages` });
  };
}

/** Reads back what npm says it installed. */
async function proveLock(into: string, source: PackageSource): Promise<void> {
  const text = await readTextOrNull(join(into, 'package-lock.json'));
  const parsed = lockFile.safeParse(text === null ? null : JSON.parse(text));
  if (!parsed.success) throw new Failure('command-failed', `npm ended well but left no lock file that can be read in ${into}`);
  const { packages } = parsed.data;
  const own = packages[`node_modules/${source.package}`];
  if (own?.version !== source.version) {
    throw new Failure(
      'command-failed',
      `npm was to install ${source.package} ${source.version} and installed ${own?.version ?? 'nothing'}`,
    );
  }
  if (!isSame(own.integrity, source.integrity)) {
    throw wrongChecksum(
      `${source.package} ${source.version} has the wrong checksum: the feed says ${source.integrity}, npm installed ${own.integrity ?? 'something without one'}`,
    );
  }
  const bare = Object.entries(packages).find(
    ([path, entry]) => path !== '' && entry.integrity === undefined && entry.link !== true && entry.inBundle !== true,
  );
  if (bare !== undefined)
    throw wrongChecksum(`${bare[0]} in ${source.package} ${source.version} has no checksum that it could be held against`);
}

/** Both are Subresource Integrity texts; one of several checksums in common is enough when it is of the same algorithm. */
function isSame(found: string | undefined, expected: string): boolean {
  const allowed = new Set(expected.trim().split(/\s+/));
  return (found ?? '')
    .trim()
    .split(/\s+/)
    .some((part) => part !== '' && allowed.has(part));
}

function explain(finished: Finished, source: PackageSource): Failure {
  const lines = `${finished.stderr}\n${finished.stdout}`.split('\n').filter((line) => /^npm (?:error|ERR!)/.test(line));
  const said = lines
    .map((line) => line.replace(/^npm (?:error|ERR!)\s*/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('A complete log'));
  const code = /^code (\w+)$/.exec(said.find((line) => line.startsWith('code ')) ?? '')?.[1] ?? '';
  const what = `npm could not install ${source.package} ${source.version}`;
  const why = finished.timedOut
    ? `it was not done after ${longestInstall / 60} minutes`
    : said
        .filter((line) => !line.startsWith('code '))
        .slice(0, 4)
        .join('; ');
  const reason = why === '' ? `it ended with ${finished.code ?? finished.signal}` : why;
  if (code === 'EINTEGRITY') return wrongChecksum(`${what}: ${reason}`);
  if (code === 'ENOSPC') {
    return new Failure('no-space', `${what}: the disk is full`, {
      remedy: { action: 'free-space', text: 'Free some space and try again. The live release was not touched.' },
    });
  }
  if (code === 'ETARGET' || code === 'E404') {
    return new Failure('unknown-release', `${what}: ${reason}`, {
      remedy: { action: 'choose-release', text: 'Choose another release.' },
      details: { npm: code },
    });
  }
  if (/^(?:ENOTFOUND|ECONN\w+|ETIMEDOUT|EAI_AGAIN|ERR_SOCKET_TIMEOUT|E5\d\d|EHOSTUNREACH|ENETUNREACH)$/.test(code)) {
    return new Failure('feed-unreachable', `${what} from ${source.registry}: ${reason}`, {
      remedy: { action: 'check-network', text: 'Check the connection to the registry, then try again. The live release was not touched.' },
      details: { tried: source.registry, npm: code },
    });
  }
  return new Failure('command-failed', `${what}: ${reason}`, {
    remedy: { action: 'retry', text: 'Read what npm says, then try again. The live release was not touched.' },
    details: { npm: code, said: said.slice(0, 20) },
  });
}

function wrongChecksum(message: string): Failure {
  return new Failure('wrong-checksum', message, {
    remedy: {
      action: 'retry',
      text: 'Try again; if it stays like this, the package was altered on its way or in the registry. Nothing was changed.',
    },
  });
}
