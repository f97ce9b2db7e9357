/** The HTTP side: which request is answered by what. Only this machine can reach it. */
import { createServer } from 'node:http';
import { readFileSync, rmSync } from 'node:fs';
import { answerApi } from './api.mjs';
import { loginPage, notesPage } from './pages.mjs';
import { isPassword } from './password.mjs';
import { cookieName, openSession, readSession, tokenOf } from './session.mjs';
import { releaseFolder } from './release.mjs';
import { HttpProblem, readBody, sendJson, sendPage, sendStatic, sendTo } from './http.mjs';

const files = { '/style.css': 'text/css', '/app.js': 'text/javascript', '/icon.svg': 'image/svg+xml' };

/** A server for the state that `serve` brings up; it answers /healthz from the first moment on. */
export function createApplication(state, log) {
  const server = createServer((request, response) => {
    // A connection that was busy when the stop was asked for must not be kept for a next request.
    response.once('finish', () => state.status === 'stopping' && setImmediate(() => server.closeIdleConnections()));
    answer(state, request, response).catch((error) => {
      const problem = error instanceof HttpProblem ? error : new HttpProblem(500, 'something went wrong; the log tells more');
      if (problem.status === 500) log(error.stack);
      if (response.headersSent) response.destroy();
      else sendJson(response, problem.status, { error: problem.message });
    });
  });
  return server;
}

async function answer(state, request, response) {
  const url = new URL(request.url, 'http://127.0.0.1');
  const route = `${request.method} ${url.pathname}`;
  if (route === 'GET /healthz') return sendJson(response, 200, healthOf(state));
  if (route === 'GET /readyz') return sendJson(response, isReady(state) ? 200 : 503, { ready: isReady(state) });
  if (request.method === 'GET' && Object.hasOwn(files, url.pathname)) {
    return sendStatic(response, files[url.pathname], readFileSync(`${releaseFolder}public${url.pathname}`));
  }
  if (state.status !== 'ok') throw new HttpProblem(503, `not ready: ${state.progress}`);
  refuseForeignOrigin(request);
  if (route === 'POST /login') return signIn(state, request, response);
  if (route === 'POST /logout') return sendTo(response, '/', `${cookieName}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`);
  const session = readSession(tokenOf(request), state.options.jwt_secret);
  if (url.pathname.startsWith('/api/')) return answerApi(state, session, request, response, url);
  if (request.method !== 'GET') throw new HttpProblem(405, 'only GET is understood here');
  if (!session) return sendPage(response, 200, loginPage(state, ''));
  const name = /^\/notes\/([^/]+)$/.exec(url.pathname)?.[1];
  if (name === undefined && url.pathname !== '/') throw new HttpProblem(404, 'there is no such page');
  return sendPage(response, 200, notesPage(state, session, name === undefined ? null : decodeURIComponent(name), url.searchParams));
}

function healthOf({ status, progress, release }) {
  return { status, product: release.product, version: release.version, build: release.build, schema: release.schema, progress };
}

function isReady({ status, notes }) {
  try {
    return status === 'ok' && notes.isReadable();
  } catch {
    return false;
  }
}

async function signIn(state, request, response) {
  const body = await readBody(request);
  // Told by the body and not by the content type, so that `curl -d '{…}'` works as it stands.
  const isForm = !body.trimStart().startsWith('{');
  const { user, password } = isForm ? Object.fromEntries(new URLSearchParams(body)) : parseJson(body);
  const { admin, jwt_secret: secret, session_days: days } = state.options;
  // The password is always looked at, so that the time taken does not tell whether the name exists.
  const fits = await isPassword(String(password ?? ''), admin.password_hash);
  if (!fits || user !== admin.user) {
    if (isForm) return sendPage(response, 401, loginPage(state, 'That name and password do not fit.'));
    throw new HttpProblem(401, 'that name and password do not fit');
  }
  const token = openSession(user, secret, days);
  const cookie = `${cookieName}=${token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${days * 86_400}`;
  rmSync(state.places.firstLogin, { force: true });
  state.notes.recordSignIn(user);
  return isForm ? sendTo(response, '/', cookie) : sendJson(response, 200, { user, token }, { 'set-cookie': cookie });
}

/** A page of another site may not act with this site's cookie. */
function refuseForeignOrigin({ method, headers }) {
  if (method === 'GET' || headers.origin === undefined) return;
  if (headers.origin !== `http://${headers.host}`) throw new HttpProblem(403, 'asked for by another site');
}

function parseJson(body) {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    throw new HttpProblem(400, 'the request is not JSON');
  }
}
