/** Puts back what a product's own command dropped when it wrote its config file anew. */
import { parseDocument } from 'yaml';
import { Failure } from '../../api/failure.ts';

/**
 * The old text with every value of the new one in it: keys that the new one no longer has, the order and the comments stay. Only for flat
 * or nested maps in YAML. Throws `bad-config` where one of the two is no map; no sentence holds a value.
 */
export function mergeYaml(old: string, written: string, path: string): string {
  const [before, after] = [parseDocument(old), parseDocument(written)];
  const values: unknown = after.toJS();
  if (before.errors.length > 0 || after.errors.length > 0 || !isMap(before.toJS() ?? {}) || !isMap(values))
    throw new Failure('bad-config', `${path} is no map any more, so what was in it before cannot be put back`);
  const place = (into: Record<string, unknown>, at: readonly string[]) => {
    for (const [key, value] of Object.entries(into)) {
      const where = [...at, key];
      if (isMap(value) && isMap(valueIn(before.toJS(), where))) place(value, where);
      else if (JSON.stringify(valueIn(before.toJS(), where)) !== JSON.stringify(value)) before.setIn(where, value);
    }
  };
  place(values, []);
  return before.toString({ lineWidth: 0 });
}

function valueIn(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const key of path) value = isMap(value) ? value[key] : undefined;
  return value;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
