/** The formats of config files, one row each: from text to data, or to a line and column. No sentence quotes the text: it holds secrets. */
import type { ConfigFile } from '../product/schema.ts';
import { readYaml } from '../product/yaml.ts';
import { findJsonProblem } from './json-position.ts';

export type ConfigParse = { value: unknown } | { line: number; column: number; what: string };

type Parser = (text: string) => ConfigParse;

export const configParsers: Record<ConfigFile['format'], Parser> = {
  yaml: parseYaml,
  json: parseJson,
  env: parseEnv,
  ini: parseIni,
  text: (text) => ({ value: text }),
};

const yamlLimits = { values: 200_000, depth: 100 };

function parseYaml(text: string): ConfigParse {
  const { value, problems } = readYaml(text, yamlLimits);
  const first = problems[0];
  return first === undefined ? { value: value ?? {} } : { line: first.line, column: first.column, what: first.what };
}

function parseJson(text: string): ConfigParse {
  const problem = findJsonProblem(text);
  return problem === null ? { value: JSON.parse(text) as unknown } : { ...lineAndColumn(text, problem.offset), what: problem.what };
}

/** `NAME=value` a line, with `export`, comments and quotes as a shell would read them; nothing is expanded. */
function parseEnv(text: string): ConfigParse {
  const entries: [string, string][] = [];
  const line = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|([^\n'"][^\n]*|))[ \t]*(?:#[^\n]*)?$/s;
  let number = 0;
  for (const { text: whole, lines } of logicalLines(text)) {
    const first = number + 1;
    number += lines;
    if (/^\s*(?:#.*)?$/s.test(whole)) continue;
    const match = line.exec(whole);
    if (match === null) return { line: first, column: 1, what: 'not a line such as NAME=value, or a quote that is not closed' };
    const [, name = '', single, double, bare] = match;
    entries.push([name, single ?? (double === undefined ? (bare ?? '').replace(/\s+#.*$/, '').trim() : unescapeDouble(double))]);
  }
  return { value: Object.fromEntries(entries) };
}

/** Lines, with those that a quoted value goes over put together. */
function* logicalLines(text: string): Generator<{ text: string; lines: number }> {
  const rows = text.split(/\r?\n/);
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index] as string;
    const quote = /^[ \t]*(?:export[ \t]+)?[\w.-]+[ \t]*=[ \t]*(["'])/.exec(row)?.[1];
    const closes = quote === "'" ? /=[ \t]*'[^']*'/ : /=[ \t]*"(?:[^"\\]|\\.)*"/;
    let end = index;
    if (quote !== undefined && !closes.test(row)) {
      const more = rows.findIndex((other, at) => at > index && (quote === "'" ? other.includes("'") : /(?:^|[^\\])(?:\\\\)*"/.test(other)));
      if (more !== -1) end = more;
    }
    yield { text: rows.slice(index, end + 1).join('\n'), lines: end - index + 1 };
    index = end;
  }
}

function unescapeDouble(text: string): string {
  return text.replaceAll(/\\(.)/gs, (_, character: string) => ({ n: '\n', r: '\r', t: '\t' })[character] ?? character);
}

/** `[section]` and `key = value`; keys before the first section have none. Values are texts. */
function parseIni(text: string): ConfigParse {
  const root = new Map<string, string | Map<string, string>>();
  let section: Map<string, string> | null = null;
  for (const [index, row] of text.split(/\r?\n/).entries()) {
    const line = row.trim();
    if (line === '' || line.startsWith(';') || line.startsWith('#')) continue;
    const head = /^\[([^\]]+)\]\s*(?:[;#].*)?$/.exec(line)?.[1]?.trim();
    const pair = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line);
    if (head !== undefined) {
      const known = root.get(head);
      section = known instanceof Map ? known : new Map();
      root.set(head, section);
    } else if (pair) (section ?? root).set(pair[1] as string, withoutQuotes(pair[2] as string));
    else return { line: index + 1, column: 1, what: 'neither a [section] nor a line such as key = value' };
  }
  return { value: Object.fromEntries([...root].map(([key, value]) => [key, value instanceof Map ? Object.fromEntries(value) : value])) };
}

function withoutQuotes(text: string): string {
  const quoted = /^(["'])(.*)\1\s*(?:[;#].*)?$/.exec(text)?.[2];
  return quoted ?? text.replace(/\s+[;#].*$/, '');
}

function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - start + 1 };
}
