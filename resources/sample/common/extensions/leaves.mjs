/** Shows :leaf:, :sprig: and :seed: as pictures. */
const pictures = { ':leaf:': '🍃', ':sprig:': '🌿', ':seed:': '🌱' };

export function extend(html) {
  return html.replaceAll(/:(?:leaf|sprig|seed):/g, (word) => pictures[word]);
}
