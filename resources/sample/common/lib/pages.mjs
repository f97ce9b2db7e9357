/** The pages a person sees. Everything that comes from a note or a request is escaped here; the renderer escapes what it renders. */
import { keepsHistory } from './revisions.mjs';

const marks = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text) => String(text).replaceAll(/[&<>"']/g, (mark) => marks[mark]);
const linkTo = (name) => `/notes/${encodeURIComponent(name)}`;
const day = (time) => `<time datetime="${escape(time)}">${escape(time.slice(0, 10))}</time>`;

export function loginPage(state, problem) {
  return page(
    state,
    'Sign in',
    `<main class="door"><form class="card" method="post" action="/login">
<img src="/icon.svg" alt="" width="48" height="48"><h1>${escape(state.options.site_title ?? state.options.title)}</h1>
${problem && `<p class="problem" role="alert">${escape(problem)}</p>`}
<label>Name <input name="user" autocomplete="username" required autofocus value="admin"></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button>
<p class="quiet">The first password is in <code>first-login.txt</code> in Sprig’s home folder.</p>
</form></main>`,
  );
}

/** The list, and beside it one note: shown, or with `?edit` as a text to change. `?new` offers an empty one. */
export function notesPage(state, session, name, query) {
  const list = state.notes.list();
  const chosen = name ?? (query.has('new') ? null : (list[0]?.name ?? null));
  const note = chosen === null ? null : state.notes.read(chosen);
  const isEditing = query.has('edit') || note === null;
  return page(
    state,
    note?.title ?? 'New note',
    `${header(state, session)}<div class="desk"><nav aria-label="Notes"><a class="button" href="/?new">New note</a>
<ul>${list.map((entry) => row(entry, chosen)).join('')}</ul>${tagCloud(state)}</nav>
<main>${isEditing ? editor(note, chosen) : shown(state, note)}</main></div><script src="/app.js" defer></script>`,
  );
}

function header(state, session) {
  return `<header><a class="brand" href="/"><img src="/icon.svg" alt="" width="28" height="28"> ${escape(state.options.site_title ?? state.options.title)}</a>
<form method="post" action="/logout"><span class="quiet">${escape(session.user)}</span> <button class="plain">Sign out</button></form></header>`;
}

function row(entry, chosen) {
  const current = entry.name === chosen ? ' aria-current="page"' : '';
  return `<li><a href="${linkTo(entry.name)}"${current}><strong>${escape(entry.title)}</strong><span class="quiet">${day(entry.modifiedAt)}${chips(entry.tags)}</span></a></li>`;
}

function chips(tags) {
  return tags.map((tag) => ` <span class="chip">${escape(tag)}</span>`).join('');
}

function tagCloud(state) {
  const tags = state.notes.tags();
  return tags.length === 0
    ? ''
    : `<p class="tags quiet">${tags.map(({ tag, notes }) => `<span class="chip">${escape(tag)} ${notes}</span>`).join(' ')}</p>`;
}

function shown(state, note) {
  const html = state.extensions.apply(state.runtime.render(note.text), note.text);
  return `<article>${html}</article><footer class="note"><span class="quiet">Saved ${day(note.modifiedAt)}${chips(note.tags)}</span>
<a class="button" href="${linkTo(note.name)}?edit">Edit</a></footer>${history(state, note)}`;
}

function history(state, note) {
  if (!keepsHistory) return '';
  const entries = state.notes.revisions(note.name).slice(0, 10);
  if (entries.length === 0) return '';
  const rows = entries.map(
    (entry) => `<li>${escape(entry.savedAt.slice(0, 16).replace('T', ' '))} <code>${escape(entry.sha256.slice(0, 8))}</code></li>`,
  );
  return `<details><summary>History</summary><ol>${rows.join('')}</ol></details>`;
}

function editor(note, name) {
  const isNew = note === null;
  return `<form class="editor" id="editor">
<label>Name <input name="name" required maxlength="100" value="${escape(name ?? '')}"${isNew ? '' : ' readonly'}></label>
<label>Tags, with commas <input name="tags" value="${escape(note?.tags.join(', ') ?? '')}"></label>
<label class="grow">Text, in Markdown <textarea name="text" rows="18" spellcheck="true">${escape(note?.text ?? '')}</textarea></label>
<p class="problem" role="alert" hidden></p>
<p class="row"><button>Save</button>${isNew ? '' : ' <button type="button" class="plain" id="remove">Delete this note</button>'}</p></form>`;
}

function page(state, title, body) {
  const { release, runtime } = state;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} · Sprig</title><link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/style.css"></head>
<body>${body}<p class="identity quiet">Sprig Lite ${escape(release.version)} · build ${escape(release.build)} · schema ${escape(release.schema)} · runtime ${escape(runtime.version)}</p></body></html>`;
}
