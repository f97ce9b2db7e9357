/** New in 1.1: lists of things to do, and text struck through. */
export const blocks = [toDo];
export const inlines = [[/~~([^~]+)~~/g, '<del>$1</del>']];

function toDo(block, inline) {
  const lines = block.split('\n').map((line) => /^[-*] \[([ xX])\] (.*)$/.exec(line));
  if (lines.some((line) => line === null)) return null;
  const entries = lines.map(
    ([, mark, text]) => `<li><input type="checkbox" disabled${mark === ' ' ? '' : ' checked'}> ${inline(text)}</li>`,
  );
  return `<ul class="to-do">${entries.join('')}</ul>`;
}
