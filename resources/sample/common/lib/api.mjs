/**
 * The JSON interface, for those who are signed in (cookie or bearer token):
 * GET /api/me, /api/tags, /api/notes; GET, PUT, DELETE /api/notes/NAME; GET /api/notes/NAME/revisions.
 * PUT takes `{"text", "tags"?}`; tags that are left out stay as they are.
 */
import { HttpProblem, readBody, sendJson } from './http.mjs';
import { isNoteName } from './notes.mjs';

export async function answerApi(state, session, request, response, url) {
  if (!session) throw new HttpProblem(401, 'sign in first');
  const { notes } = state;
  const { method } = request;
  if (method === 'GET' && url.pathname === '/api/me') return sendJson(response, 200, session);
  if (method === 'GET' && url.pathname === '/api/tags') return sendJson(response, 200, notes.tags());
  if (method === 'GET' && url.pathname === '/api/notes') return sendJson(response, 200, notes.list());
  const [, encoded, part] = /^\/api\/notes\/([^/]+)(\/revisions)?$/.exec(url.pathname) ?? [];
  if (encoded === undefined) throw new HttpProblem(404, 'there is no such thing');
  const name = nameFrom(encoded);
  if (part) return sendJson(response, 200, notes.revisions(name) ?? missing('this release keeps no history'));
  if (method === 'GET') return sendJson(response, 200, notes.read(name) ?? missing(`there is no note "${name}"`));
  if (method === 'PUT') {
    const { text, tags } = noteIn(await readBody(request));
    return sendJson(response, 200, notes.write(name, text, tags));
  }
  if (method === 'DELETE') return notes.remove(name) ? sendJson(response, 200, { removed: name }) : missing(`there is no note "${name}"`);
  throw new HttpProblem(405, `${method} is not understood here`);
}

function missing(message) {
  throw new HttpProblem(404, message);
}

function nameFrom(encoded) {
  let name = '';
  try {
    name = decodeURIComponent(encoded);
  } catch {
    // Stays empty, which is no name.
  }
  if (!isNoteName(name)) throw new HttpProblem(400, 'a note is named with letters, digits, spaces, dots, hyphens and underscores');
  return name;
}

function noteIn(body) {
  let value;
  try {
    value = JSON.parse(body);
  } catch {
    throw new HttpProblem(400, 'the request is not JSON');
  }
  const { text, tags } = value ?? {};
  if (typeof text !== 'string') throw new HttpProblem(400, '"text" is missing');
  if (tags === undefined) return { text };
  const fits = Array.isArray(tags) && tags.every((tag) => typeof tag === 'string' && /^[^,\s][^,]{0,49}$/.test(tag));
  if (!fits) throw new HttpProblem(400, '"tags" must be a list of words without commas');
  return { text, tags: [...new Set(tags.map((tag) => tag.trim().toLowerCase()))].toSorted() };
}
