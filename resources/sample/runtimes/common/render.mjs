/** Markdown to HTML: the few things that notes need. All text is escaped first, so that a note can never bring its own HTML. */
import { blocks, inlines } from './extras.mjs';

const marks = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** The HTML of a Markdown text. */
export function render(text) {
  const escaped = text.replaceAll('\r\n', '\n').replaceAll(/[&<>"']/g, (mark) => marks[mark]);
  const parts = escaped.split(/^```.*$/m);
  return parts.map((part, index) => (index % 2 === 1 ? `<pre><code>${part.slice(1)}</code></pre>` : prose(part))).join('');
}

function prose(text) {
  return text
    .split(/\n{2,}/)
    .map((block) => block.trim())
    .filter((block) => block !== '')
    .map(renderBlock)
    .join('\n');
}

function renderBlock(block) {
  for (const extra of blocks) {
    const html = extra(block, renderInline);
    if (html !== null) return html;
  }
  const heading = /^(#{1,6}) +(.+)\n?/.exec(block);
  if (heading) {
    const level = heading[1].length;
    return `<h${level}>${renderInline(heading[2])}</h${level}>${prose(block.slice(heading[0].length))}`;
  }
  if (block.split('\n').every((line) => /^[-*] /.test(line))) return list('ul', block, /^[-*] /);
  if (block.split('\n').every((line) => /^\d+\. /.test(line))) return list('ol', block, /^\d+\. /);
  return `<p>${renderInline(block).replaceAll('\n', '<br>')}</p>`;
}

function list(tag, block, bullet) {
  const entries = block.split('\n').map((line) => `<li>${renderInline(line.replace(bullet, ''))}</li>`);
  return `<${tag}>${entries.join('')}</${tag}>`;
}

function renderInline(text) {
  return text
    .split(/(`[^`]+`)/)
    .map((part) => (/^`[^`]+`$/.test(part) ? `<code>${part.slice(1, -1)}</code>` : renderWords(part)))
    .join('');
}

function renderWords(text) {
  const rules = [
    [/\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)/g, '<a href="$2" rel="noreferrer">$1</a>'],
    [/\*\*([^*]+)\*\*/g, '<strong>$1</strong>'],
    [/\*([^*]+)\*/g, '<em>$1</em>'],
    ...inlines,
  ];
  return rules.reduce((html, [pattern, replacement]) => html.replaceAll(pattern, replacement), text);
}
