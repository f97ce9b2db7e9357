/** Changes values in a YAML text; comments, order and every other line stay as they are as far as the library can keep them. */
import { parseDocument } from 'yaml';

/** The text with values set, or taken out where they are `undefined`. Null where it cannot be done. */
export function editYaml(text: string, changes: readonly (readonly [path: readonly string[], value: unknown])[]): string | null {
  const document = parseDocument(text);
  if (document.errors.length > 0) return null;
  try {
    for (const [path, value] of changes) {
      if (value === undefined) document.deleteIn(path);
      else document.setIn(path, value);
    }
    // Long lines are not folded anew.
    return document.toString({ lineWidth: 0 });
  } catch {
    return null;
  }
}
