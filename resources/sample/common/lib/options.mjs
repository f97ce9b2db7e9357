/** The configuration as this release understands it. The shipped config.schema.json says which options there are, of what type, with which default. */
import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { parseSettings, scalarText } from './settings-file.mjs';
import { Refusal } from './refusal.mjs';
import { releaseFolder } from './release.mjs';

const schema = () => JSON.parse(readFileSync(`${releaseFolder}config.schema.json`, 'utf8'));

/** All options of a home folder with defaults filled in. A renamed option is still read under its old name, with a warning. */
export function readOptions(home, warn) {
  const settings = parseSettings(readConfig(home));
  const { properties } = schema();
  for (const name of Object.keys(settings))
    if (!Object.hasOwn(properties, name)) warn(`config.yaml: ${name} is no option of this release; it is ignored`);
  const options = {};
  for (const [name, rule] of Object.entries(properties)) {
    if (rule.deprecated) {
      if (name in settings) warn(`config.yaml: ${name} is deprecated. ${rule.description}`);
      continue;
    }
    const value = settings[name] ?? settings[rule['x-renamed-from']] ?? rule.default;
    options[name] = checked(name, value, rule);
  }
  options.workspace = isAbsolute(options.workspace) ? options.workspace : join(home, options.workspace);
  return options;
}

/** A first config.yaml: every option with its description above it. `values` are those that a person or a random generator chose. */
export function newConfig(values) {
  const lines = ['# Sprig Lite. A change takes effect at the next start.'];
  for (const [name, rule] of Object.entries(schema().properties)) {
    if (rule.deprecated) continue;
    lines.push('', `# ${rule.description}`);
    if (rule.type === 'object')
      lines.push(`${name}:`, ...Object.keys(rule.properties).map((key) => `  ${key}: ${scalarText(values[name][key])}`));
    else lines.push(`${name}: ${scalarText(values[name] ?? rule.default)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The text of config.yaml. */
export function readConfig(home) {
  try {
    return readFileSync(join(home, 'config.yaml'), 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    throw new Refusal(4, `${join(home, 'config.yaml')} is missing; "sprig init --home ${home}" writes one`);
  }
}

function checked(name, value, rule) {
  if (rule.type === 'object') {
    return Object.fromEntries(Object.entries(rule.properties).map(([key, inner]) => [key, checked(`${name}.${key}`, value?.[key], inner)]));
  }
  const fits =
    rule.type === 'integer'
      ? Number.isInteger(value) && value >= rule.minimum && value <= rule.maximum
      : typeof value === 'string' && value !== '';
  if (!fits || (rule.pattern && !new RegExp(rule.pattern).test(value)))
    throw new Refusal(4, `config.yaml: ${name} must be ${expected(rule)}`);
  return value;
}

function expected(rule) {
  if (rule.type === 'integer') return `a whole number from ${rule.minimum} to ${rule.maximum}`;
  return rule.pattern ? `text that matches ${rule.pattern}` : 'some text';
}
