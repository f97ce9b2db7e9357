/**
 * The part of YAML that config.yaml is written in: options of one or two levels with a scalar each, and comments.
 * Changing an option changes its own line and no other byte.
 */
import { Refusal } from './refusal.mjs';

const line = /^(?<indent> *)(?<key>[A-Za-z_][\w-]*):(?:[ \t]+(?<rest>.*))?$/;

/** The options as an object; those of the second level are objects in it. Refuses what it cannot read, naming the line. */
export function parseSettings(text) {
  const settings = {};
  for (const entry of entriesOf(text)) {
    const target = entry.parent === null ? settings : (settings[entry.parent] ??= {});
    if (entry.opensGroup) settings[entry.key] ??= {};
    else target[entry.key] = entry.value;
  }
  return settings;
}

/** The text with one option (`port`, `admin.user`) set; it must be there already. */
export function changeSetting(text, option, value) {
  const entry = entriesOf(text).find((candidate) => candidate.option === option && !candidate.opensGroup);
  if (!entry) throw new Refusal(4, `config.yaml has no option ${option}`);
  const lines = text.split('\n');
  lines[entry.number - 1] = `${entry.indent}${entry.key}: ${scalarText(value)}${entry.comment && ` ${entry.comment}`}`;
  return lines.join('\n');
}

/** A value as it is written: plain where that is unmistakable, else in quotes. */
export function scalarText(value) {
  if (typeof value !== 'string') return String(value);
  return /^[A-Za-z0-9_./$][\w./$ +-]*$/.test(value) && readScalar(value) === value ? value : JSON.stringify(value);
}

function entriesOf(text) {
  const entries = [];
  const seen = new Set();
  let parent = null;
  text.split('\n').forEach((raw, index) => {
    const number = index + 1;
    const content = raw.replace(/\r$/, '');
    if (/^\s*(#.*)?$/.test(content) || content === '---') return;
    const match = line.exec(content)?.groups;
    if (!match) throw new Refusal(4, `config.yaml line ${number}: expected "option: value"`);
    const { indent, key } = match;
    if (indent === '') parent = null;
    else if (parent === null) throw new Refusal(4, `config.yaml line ${number}: ${key} is indented but belongs to no group`);
    const [value, comment] = splitComment(match.rest ?? '', number);
    const option = indent === '' ? key : `${parent}.${key}`;
    if (seen.has(option)) throw new Refusal(4, `config.yaml line ${number}: ${option} is given a second time`);
    seen.add(option);
    const opensGroup = indent === '' && value === '';
    entries.push({
      number,
      indent,
      key,
      option,
      parent: indent === '' ? null : parent,
      opensGroup,
      comment,
      value: opensGroup ? null : readValue(value, number),
    });
    if (opensGroup) parent = key;
  });
  return entries;
}

/** The value and the comment behind it. A `#` begins a comment after a space, outside quotes. */
function splitComment(rest, number) {
  const quoted = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')[ \t]*(#.*)?$/.exec(rest);
  if (quoted) return [quoted[1], quoted[2] ?? ''];
  if (/^["']/.test(rest)) throw new Refusal(4, `config.yaml line ${number}: the quote is not closed`);
  const plain = /^(.*?)(?:(?:^|[ \t]+)(#.*))?$/.exec(rest);
  return [plain[1].trim(), plain[2] ?? ''];
}

function readValue(value, number) {
  if (/^[[{&*!|>%@`]/.test(value)) throw new Refusal(4, `config.yaml line ${number}: only plain values are understood here`);
  try {
    return readScalar(value);
  } catch {
    throw new Refusal(4, `config.yaml line ${number}: the text in quotes cannot be read`);
  }
}

function readScalar(value) {
  if (value.startsWith('"')) return JSON.parse(value);
  if (value.startsWith("'")) return value.slice(1, -1).replaceAll("''", "'");
  if (/^-?(0|[1-9]\d*)(\.\d+)?$/.test(value)) return Number(value);
  if (value === 'true' || value === 'false') return value === 'true';
  if (value === '' || value === 'null' || value === '~') return null;
  return value;
}
