/** One GET as a stream of exactly the bytes that the server has, from an offset where it allows that. */

export interface Transfer {
  status: number;
  /** Where the first byte of `body` stands in the whole: 0 when the server ignored the offset. */
  start: number;
  /** Bytes of the whole, when the server tells. */
  total: number | null;
  /** Seconds to wait that the server asked for, RFC 9110 section 10.2.3. */
  retryAfter: number | null;
  body: AsyncIterable<Uint8Array>;
  /** Lets go of the connection. To be called in every case. */
  close: () => void;
}

/**
 * Throws on a network error, and when no byte came for `stall` seconds (an `Error` with the code `STALLED`). There is no limit on the whole,
 * since that depends on its size.
 */
export async function transfer(url: string, options: { from: number; stall: number; signal?: AbortSignal }): Promise<Transfer> {
  const ours = new AbortController();
  const stalled = Object.assign(new Error(`no byte came for ${options.stall} s`), { code: 'STALLED' });
  const timer = setTimeout(() => ours.abort(stalled), options.stall * 1000);
  const stop = () => ours.abort(options.signal?.reason);
  options.signal?.addEventListener('abort', stop, { once: true });
  const close = () => {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', stop);
    if (!ours.signal.aborted) ours.abort(new Error('closed'));
  };
  try {
    options.signal?.throwIfAborted();
    // A server that compresses on the way would make offsets and lengths mean something else.
    const headers = { 'accept-encoding': 'identity', ...(options.from > 0 && { range: `bytes=${options.from}-` }) };
    const answer = await fetch(url, { headers, signal: ours.signal, redirect: 'follow' });
    return {
      ...placeOf(answer),
      status: answer.status,
      retryAfter: secondsOrNull(answer.headers.get('retry-after')),
      body: watched(answer, timer),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Content-Range: `bytes 100-999/1000` or `bytes 100-999/*`, RFC 9110 section 14.4. */
function placeOf(answer: Response): { start: number; total: number | null } {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers.get('content-range') ?? '');
  if (answer.status === 206 && range !== null) return { start: Number(range[1]), total: range[2] === '*' ? null : Number(range[2]) };
  const length = answer.headers.get('content-length');
  return { start: 0, total: length === null || answer.headers.has('content-encoding') ? null : Number(length) };
}

async function* watched(answer: Response, timer: NodeJS.Timeout): AsyncGenerator<Uint8Array> {
  for await (const chunk of answer.body ?? []) {
    timer.refresh();
    yield chunk;
    // The time that the reader took for the chunk is not the server's.
    timer.refresh();
  }
}

function secondsOrNull(text: string | null): number | null {
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}
