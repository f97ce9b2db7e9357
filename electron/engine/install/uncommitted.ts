/** Work in a repository that stands nowhere else: what is not committed. Asks Git and changes nothing, not even Git's own index. */
import { join } from 'node:path';
import { environmentWithout } from '../platform/environment.ts';
import { exists } from '../platform/files.ts';
import { run } from '../platform/processes.ts';
import type { ResolvedItem } from './items.ts';

export interface UncommittedWork {
  item: string;
  title: string;
  path: string;
  /** Files that are changed or new; null where Git could not tell. */
  files: number | null;
}

/** Seconds for Git to look through one repository. */
const gitLimit = 60;

/** The chosen items that are a repository with such work. */
export async function findUncommitted(items: readonly ResolvedItem[], signal?: AbortSignal): Promise<UncommittedWork[]> {
  const found: UncommittedWork[] = [];
  for (const { item, paths } of items) {
    for (const path of paths) {
      if (!(await exists(join(path, '.git')))) continue;
      const files = await changedFiles(path, signal);
      if (files !== 0) found.push({ item: item.id, title: item.title, path, files });
    }
  }
  return found;
}

async function changedFiles(path: string, signal: AbortSignal | undefined): Promise<number | null> {
  // A variable could name another repository; a hook or a monitor of the repository's own configuration could run anything.
  const command = ['git', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-C', path, 'status', '--porcelain', '-z'];
  const env = { ...environmentWithout(['GIT_*']), GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' };
  const finished = await run(command, { env, limit: gitLimit, ...(signal && { signal }) }).catch(() => null);
  return finished?.code === 0 ? finished.stdout.split('\0').filter((line) => line !== '').length : null;
}
