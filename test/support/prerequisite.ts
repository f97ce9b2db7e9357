import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * Whether a tool that a test stands on is missing here: `test.skipIf(await lacks('zstd'))(…)`. Skipped tests are named at the end of
 * the run. In CI nothing may be missing, so there this throws.
 */
export async function lacks(command: string): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = await Promise.all(
    isAbsolute(command) ? [isExecutable(command)] : folders.map((folder) => isExecutable(join(folder, command))),
  );
  return missing(command, found.includes(true));
}

/** Whether a server cannot be reached from here, for tests on the real npm registry. In CI it must be. */
export async function lacksServer(url: string): Promise<boolean> {
  const reached = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(15_000) }).then(
    (answer) => answer.status < 500,
    () => false,
  );
  return missing(url, reached);
}

function missing(what: string, isThere: boolean): boolean {
  if (!isThere && process.env['CI'] === 'true') throw new Error(`${what} is missing; in CI every prerequisite must be there`);
  return !isThere;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
