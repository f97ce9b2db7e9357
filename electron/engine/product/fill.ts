/** Placeholders: the text in braces that a descriptor leaves open and that is filled in when it is used. */
import { Failure } from '../../api/failure.ts';

/** Fills the placeholders of one text. Throws where one has no value here. */
export type Fill = (text: string) => string;

/** What may stand in braces, beside `{item:ID}`. */
export const placeholders = [
  'home',
  'home-parent',
  'home-hash',
  'slot',
  'release',
  'port',
  'path',
  'node',
  'npm',
  'resources',
  'sample',
  'user-home',
  'datastore-mode',
] as const;

/** A brace that opens with a letter is a placeholder; `{2}` in a regular expression and `{"a": 1}` in a JSON text are not. */
const inBraces = /\{([A-Za-z][^{}\s]*)\}/g;

/** The names in braces, in order, as they are written: `home`, `item:workspace`. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(inBraces)].map((match) => match[1] as string);
}

/**
 * A filler over these values; `{item:ID}` is looked up under `item:ID`. Values are put in as they are and never filled again.
 * The filler throws `internal` for a placeholder without a value: the descriptor was checked, so the caller forgot to give one.
 */
export function makeFill(values: Readonly<Record<string, string>>): Fill {
  return (text) =>
    text.replaceAll(inBraces, (whole, name: string) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value === undefined) throw new Failure('internal', `nothing to put in place of ${whole} in "${text}"`);
      return value;
    });
}
