import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The example of docs/descriptors.md: a small whole descriptor that tests break in one place each. */
export async function exampleText(): Promise<string> {
  const page = await readFile(fileURLToPath(new URL('../../../docs/descriptors.md', import.meta.url)), 'utf8');
  const block = /<!-- example -->\n```yaml\n([\s\S]*?)```/.exec(page)?.[1];
  if (block === undefined) throw new Error('docs/descriptors.md has no example');
  return block;
}

/** The text with one change; the test fails when there is nothing to change. */
export function changed(text: string, from: string | RegExp, to: string): string {
  const result = text.replace(from, to);
  if (result === text) throw new Error(`nothing to change: ${String(from)}`);
  return result;
}

/** The line, from 1, on which a text first stands. */
export function lineOf(text: string, part: string): number {
  const offset = text.indexOf(part);
  if (offset === -1) throw new Error(`not there: ${part}`);
  return text.slice(0, offset).split('\n').length;
}
