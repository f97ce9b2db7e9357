/** Reading requests and sending answers. No answer is ever cached: what is asked after an upgrade is answered by the new release. */

export class HttpProblem extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The most that a request may hold, in bytes. */
const mostBytes = 1024 * 1024;

export async function readBody(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new HttpProblem(413, 'more than 1 MiB is not taken');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function sendJson(response, status, value, headers = {}) {
  send(response, status, { 'content-type': 'application/json; charset=utf-8', ...headers }, `${JSON.stringify(value)}\n`);
}

export function sendPage(response, status, html) {
  const policy =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
  send(
    response,
    status,
    { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy, 'referrer-policy': 'no-referrer' },
    html,
  );
}

export function sendStatic(response, type, content) {
  send(response, 200, { 'content-type': `${type}; charset=utf-8` }, content);
}

export function sendTo(response, location, cookie) {
  send(response, 303, { location, 'set-cookie': cookie }, '');
}

function send(response, status, headers, body) {
  response.writeHead(status, {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
