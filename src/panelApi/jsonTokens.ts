const token = /"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9][0-9.eE+-]*|true|false|null|[[\]{}]/gsy;
const between = /[\s,:]*/gy;

/**
 * The tokens of a JSON text as they were sent, commas and colons left out. For what `JSON.parse` has taken: that
 * parser decides what is JSON, but loses digits, key order and doubled keys.
 */
export class JsonTokens {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Where the last token ends. */
  get end(): number {
    return this.#at;
  }

  /** Undefined at the end. */
  next(): string | undefined {
    between.lastIndex = this.#at;
    between.test(this.#text);
    token.lastIndex = between.lastIndex;
    const source = token.exec(this.#text)?.[0];
    this.#at = token.lastIndex;
    return source;
  }
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
