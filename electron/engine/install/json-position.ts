/**
 * Finds where a text stops being JSON (RFC 8259). The engine's own message would do, but it quotes the text, and config files hold secrets.
 */
export interface JsonProblem {
  /** In UTF-16 code units from the beginning. */
  offset: number;
  what: string;
}

const deepest = 500;

/** The first problem of a text; null where it is JSON. */
export function findJsonProblem(text: string): JsonProblem | null {
  const reader = new Reader(text);
  try {
    reader.value(0);
    reader.space();
    if (reader.at < text.length) reader.stop('something after the end of the value');
    return null;
  } catch (error) {
    if (error instanceof Stop) return { offset: reader.at, what: error.message };
    throw error;
  }
}

class Stop extends Error {}

class Reader {
  readonly #text: string;
  at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  stop(what: string): never {
    throw new Stop(what);
  }

  space(): void {
    this.at += this.#match(/[ \t\n\r]*/y)?.length ?? 0;
  }

  value(depth: number): void {
    if (depth > deepest) this.stop(`nested deeper than ${deepest}`);
    this.space();
    const first = this.#text[this.at];
    if (first === undefined) this.stop(this.at === 0 ? 'the file is empty' : 'the file ends too early');
    if (first === '{') this.#collection('}', depth, () => this.#key());
    else if (first === '[') this.#collection(']', depth);
    else if (first === '"') this.#string();
    else this.#word();
  }

  #collection(end: string, depth: number, before?: () => void): void {
    this.at += 1;
    this.space();
    if (this.#take(end)) return;
    for (;;) {
      before?.();
      this.value(depth + 1);
      this.space();
      if (this.#take(end)) return;
      if (!this.#take(',')) this.stop(this.at >= this.#text.length ? 'the file ends too early' : `a comma or ${end} is missing`);
      this.space();
      if (this.#text[this.at] === end) this.stop('a comma before the end of a list or map');
    }
  }

  #key(): void {
    this.space();
    if (this.#text[this.at] !== '"') this.stop('a key in double quotes is missing');
    this.#string();
    this.space();
    if (!this.#take(':')) this.stop('a colon after a key is missing');
  }

  #string(): void {
    this.at += 1;
    for (;;) {
      this.at += this.#match(/[^"\\\u0000-\u001f]*/y)?.length ?? 0;
      if (this.#take('"')) return;
      const escape = this.#match(/\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y);
      if (escape === null) this.stop(this.#text[this.at] === '\\' ? 'an unknown escape in a text' : 'a text that is not closed');
      this.at += escape.length;
    }
  }

  #word(): void {
    const word = this.#match(/true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
    if (word === null) this.stop('something that is no value: texts stand in double quotes, comments are not allowed');
    this.at += word.length;
  }

  #take(character: string): boolean {
    if (this.#text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.#text)?.[0] ?? null;
  }
}
