/** Tells an address of a new release, if a person set one. It goes to https, or to this machine, and carries nothing secret. */
import { Failure } from '../api/failure.ts';

export interface ReleaseNews {
  event: 'release';
  install: string;
  product: string;
  title: string;
  from: string | null;
  to: string;
  notes: string | null;
}

/** Milliseconds that the other side may take. */
const patience = 10_000;

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** The address as it is kept. Throws `bad-input` for what is neither https nor on this machine. */
export function checkWebhook(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  const isAllowed = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.has(url.hostname));
  if (url === null || !isAllowed) {
    throw new Failure('bad-input', 'A webhook is an https address, or an http address on this machine: https://example.org/hook', {
      remedy: { action: 'retry', text: 'Write the whole address.' },
    });
  }
  return url.href;
}

/** Sends the news once, as JSON by POST. Resolves to what went wrong in one sentence, or null. A redirect is not followed. */
export async function tellWebhook(address: string, news: ReleaseNews): Promise<string | null> {
  try {
    const answer = await fetch(checkWebhook(address), {
      method: 'POST',
      redirect: 'error',
      headers: { 'content-type': 'application/json', 'user-agent': 'Moult' },
      body: JSON.stringify(news),
      signal: AbortSignal.timeout(patience),
    });
    await answer.body?.cancel();
    return answer.ok ? null : `The webhook answered with ${answer.status}.`;
  } catch {
    // The reason may name the address, which is often a secret.
    return 'The webhook could not be reached.';
  }
}
