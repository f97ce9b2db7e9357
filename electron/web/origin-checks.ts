/** Where a request says it comes from and goes to: what keeps other sites out that run in the same browser. */
import type { IncomingHttpHeaders } from 'node:http';

const loopbackNames = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Whether the host that the browser believes to talk to is this machine. A site that points its own name at 127.0.0.1 (DNS rebinding)
 * fails here. Any port is fine: an SSH tunnel may begin at another one.
 */
export function isLoopbackHost(host: string | undefined): host is string {
  const parsed = /^(\[[^\]]*\]|[^:[\]@/\\]+)(?::\d{1,5})?$/.exec(host ?? '');
  return parsed !== null && loopbackNames.has((parsed[1] ?? '').toLowerCase());
}

/**
 * Whether a call was made by Moult's own page. Browsers name the origin of every POST; what they say about the site of a request
 * (`Sec-Fetch-Site`, Fetch Metadata) has to agree.
 */
export function isOwnOrigin(headers: IncomingHttpHeaders, method: string): boolean {
  const { origin, host } = headers;
  if (origin === undefined ? method === 'POST' : origin.toLowerCase() !== `http://${host ?? ''}`.toLowerCase()) return false;
  return comesFrom(headers, 'same-origin');
}

/** Whether the browser says nothing about where a request comes from, or says one of these. */
export function comesFrom(headers: IncomingHttpHeaders, ...sites: string[]): boolean {
  const site = headers['sec-fetch-site'];
  return site === undefined || (typeof site === 'string' && sites.includes(site));
}
