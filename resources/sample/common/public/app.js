/** The editor: saves a note through the JSON interface, or deletes it. */
const editor = document.querySelector('#editor');

editor?.addEventListener('submit', (event) => {
  event.preventDefault();
  const { name, tags, text } = Object.fromEntries(new FormData(editor));
  const list = tags
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  void act(name, { method: 'PUT', body: JSON.stringify({ text, tags: list }) }, `/notes/${encodeURIComponent(name)}`);
});

document.querySelector('#remove')?.addEventListener('click', () => {
  const { name } = Object.fromEntries(new FormData(editor));
  if (confirm(`Delete "${name}"?`)) void act(name, { method: 'DELETE' }, '/');
});

async function act(name, request, then) {
  const problem = editor.querySelector('.problem');
  try {
    const answer = await fetch(`/api/notes/${encodeURIComponent(name)}`, request);
    if (answer.ok) location.assign(then);
    else problem.textContent = `That did not work: ${(await answer.json()).error}.`;
  } catch {
    problem.textContent = 'Sprig does not answer. Your text is still here; try again when it runs.';
  }
  problem.hidden = problem.textContent === '';
}
