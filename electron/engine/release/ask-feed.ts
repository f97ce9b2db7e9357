import { pause } from '../platform/clock.ts';
import { get, type HttpAnswer } from '../platform/network.ts';
import type { FeedOptions } from './release.ts';
import { unreachable } from './feed-rules.ts';

/**
 * Asks an address of a feed, twice before it gives up: a dropped connection or a server that is being restarted is no news.
 * `most`: the most that is read, in bytes. Throws `feed-unreachable`; any status is an answer.
 */
export async function askFeed(
  address: string,
  options: Pick<FeedOptions, 'limit' | 'signal'>,
  request: { accept: string; most: number },
): Promise<HttpAnswer> {
  const limit = options.limit ?? 30;
  const asked = { limit, headers: { accept: request.accept }, most: request.most, ...(options.signal && { signal: options.signal }) };
  const first = await get(address, asked).catch(() => null);
  if (first !== null && first.status < 500 && first.status !== 429) return first;
  options.signal?.throwIfAborted();
  await pause(300, options.signal);
  try {
    return await get(address, asked);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw unreachable(address, `asked twice; ${reasonOf(error, limit)}`, error);
  }
}

function reasonOf(error: unknown, limit: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${limit} s`;
  const cause = error.cause as { code?: string; message?: string } | undefined;
  return cause?.message === undefined || cause.message === '' ? (cause?.code ?? error.message) : cause.message;
}
