/** Changes values in a YAML text and leaves everything else of it as it is written: comments, order, quotes. */
import { isMap, isScalar, parseDocument, visit, type Document } from 'yaml';

/** `set`: dotted keys with their new values. `replace` answers with another text for a value, or with the same. The text was checked before. */
export function moveYaml(text: string, set: ReadonlyMap<string, unknown>, replace: (value: string) => string): string {
  const document = parseDocument(text, { schema: 'core', strict: false });
  visit(document, {
    Scalar: (key, node) => {
      if (key !== 'key' && typeof node.value === 'string') node.value = replace(node.value);
    },
  });
  for (const [key, value] of set) document.setIn(pathOf(document, key.split('.')), value);
  return document.toString({ lineWidth: 0 });
}

/** A key may have dots itself: what is there decides. */
function pathOf(document: Document, parts: readonly string[]): string[] {
  let node: unknown = document.contents;
  const path: string[] = [];
  for (let at = 0; at < parts.length;) {
    const rest = parts.slice(at);
    const taken = rest.findIndex((_, index) => hasKey(node, rest.slice(0, index + 1).join('.'))) + 1;
    const key = rest.slice(0, taken === 0 ? 1 : taken).join('.');
    path.push(key);
    node = isMap(node) ? node.get(key, true) : undefined;
    at += taken === 0 ? 1 : taken;
  }
  return path;
}

function hasKey(node: unknown, key: string): boolean {
  return isMap(node) && node.items.some((pair) => isScalar(pair.key) && String(pair.key.value) === key);
}
