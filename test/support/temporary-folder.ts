import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** A folder of its own for the running test, its links resolved; gone when the test ends. */
export async function temporaryFolder(name: string = 'test'): Promise<string> {
  const folder = await makeFolder(name);
  onTestFinished(() => discard(folder));
  return folder;
}

/** A folder of its own for a whole file or `describe`: call it there at the top level and await it; gone after the last test of it. */
export async function suiteFolder(name: string = 'suite'): Promise<string> {
  const folder = await makeFolder(name);
  afterAll(() => discard(folder));
  return folder;
}

async function makeFolder(name: string): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), `moult-${name}-`)));
}

/** Removes a folder, also one whose mode a test took away. */
async function discard(folder: string): Promise<void> {
  await chmod(folder, 0o700).catch(() => undefined);
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
