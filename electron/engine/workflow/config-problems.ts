/** Config files of an install that cannot be read. What depends on them is not told, so every face says it before anything else. */
import { join } from 'node:path';
import { type FailureData, toFailureData } from '../../api/failure.ts';
import { readConfig } from '../install/config-file.ts';
import type { OpenedInstall } from './kit.ts';

/** Each with its file, line and column and the way out, in the order of the descriptor; empty when all can be read. */
export async function configProblems(opened: OpenedInstall): Promise<FailureData[]> {
  const problems: FailureData[] = [];
  for (const { path, format } of opened.descriptor.config) {
    if (format === 'text') continue;
    await readConfig(join(opened.home, path), format).catch((error: unknown) => problems.push(toFailureData(error)));
  }
  if (problems.length === 0 && opened.unclear !== null) problems.push(toFailureData(opened.unclear));
  return problems;
}
