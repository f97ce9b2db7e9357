/** Adds the number of words below a note. */
export function extend(html, text) {
  const words = text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
  return `${html}<p class="words">${words} ${words === 1 ? 'word' : 'words'}</p>`;
}
