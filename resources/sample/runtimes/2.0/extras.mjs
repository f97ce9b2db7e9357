/** New in 2.0: tables, beside what 1.1 brought. */
export const blocks = [toDo, table];
export const inlines = [[/~~([^~]+)~~/g, '<del>$1</del>']];

function toDo(block, inline) {
  const lines = block.split('\n').map((line) => /^[-*] \[([ xX])\] (.*)$/.exec(line));
  if (lines.some((line) => line === null)) return null;
  const entries = lines.map(
    ([, mark, text]) => `<li><input type="checkbox" disabled${mark === ' ' ? '' : ' checked'}> ${inline(text)}</li>`,
  );
  return `<ul class="to-do">${entries.join('')}</ul>`;
}

function table(block, inline) {
  const lines = block.split('\n');
  if (lines.length < 2 || !lines.every((line) => line.startsWith('|')) || !/^\|[\s:|-]+$/.test(lines[1])) return null;
  const row = (line, tag) => {
    const cells = line.replace(/^\||\|\s*$/g, '').split('|');
    return `<tr>${cells.map((cell) => `<${tag}>${inline(cell.trim())}</${tag}>`).join('')}</tr>`;
  };
  return `<table>${row(lines[0], 'th')}${lines
    .slice(2)
    .map((line) => row(line, 'td'))
    .join('')}</table>`;
}
