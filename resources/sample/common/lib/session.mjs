/** Browser sessions: a JSON Web Token (RFC 7519) signed with HS256 and the secret of config.yaml, so that they outlive the server. */
import { createHmac, timingSafeEqual } from 'node:crypto';

export const cookieName = 'sprig_session';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const signature = (content, secret) => createHmac('sha256', Buffer.from(secret, 'hex')).update(content).digest();

/** A token for a user; `days` is how long it is good for. */
export function openSession(user, secret, days) {
  const now = Math.floor(Date.now() / 1000);
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub: user, iat: now, exp: now + days * 86_400 })}`;
  return `${content}.${signature(content, secret).toString('base64url')}`;
}

/** `{user, since, until}` (ISO times) of a token that this secret signed and that has not run out; else null. */
export function readSession(token, secret) {
  const [header, payload, signed, ...rest] = token.split('.');
  if (!signed || rest.length > 0) return null;
  const expected = signature(`${header}.${payload}`, secret);
  const found = Buffer.from(signed, 'base64url');
  if (found.length !== expected.length || !timingSafeEqual(found, expected)) return null;
  const { sub, iat, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString());
  if (exp * 1000 <= Date.now()) return null;
  return { user: sub, since: new Date(iat * 1000).toISOString(), until: new Date(exp * 1000).toISOString() };
}

/** The token that a request brings: a bearer token, else the cookie. */
export function tokenOf(request) {
  const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '');
  if (bearer) return bearer[1];
  const cookies = (request.headers.cookie ?? '').split(/;\s*/);
  return cookies.find((cookie) => cookie.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1) ?? '';
}
