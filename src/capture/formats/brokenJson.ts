// JSON that breaks off somewhere, made whole: everything before the break counts, what is open there is closed.
import { endOfString } from './jsonBounds.ts';

export interface Mended {
  /** JSON. */
  text: string;
  /** Where the break is, in characters. */
  at: number;
  /** The text is over there; otherwise something stands there that mustn't. */
  isCut: boolean;
}

/** What may come next: a value, a key, or what stands around them. */
type Next = 'value' | 'firstValue' | 'key' | 'firstKey' | 'colon' | 'separator';

const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const word = /[-+.\w]*/y;
const space = /[ \t\r\n]*/y;
/** The beginning of an escape at the end of a text. */
const cutEscape = /\\(?:u[0-9a-fA-F]{0,3})?$/;

/** Undefined where there is no value at all. */
export function mendJson(text: string): Mended | undefined {
  return new Mender(text).mend();
}

/** Goes through the text, as far as it is JSON. */
class Mender {
  readonly #text: string;
  #at = 0;
  #next: Next = 'value';
  /** What is open, by what closes it. */
  readonly #closers: string[] = [];
  /** What stands before it is JSON, once what is open is closed. */
  #whole = 0;
  /** The string that the text ends in, as far as it goes. */
  #cutString = '';

  constructor(text: string) {
    this.#text = text;
  }

  mend(): Mended | undefined {
    while (this.#step());
    const before = this.#text.slice(0, this.#whole);
    const start = this.#cutString === '' ? before : this.#cutString;
    if (start === '') return undefined;
    return {
      text: start + this.#closers.reverse().join(''),
      at: this.#at,
      isCut: this.#at >= this.#text.length,
    };
  }

  /** Takes what comes next; false where the text breaks off. */
  #step(): boolean {
    this.#at = this.#after(space);
    const character = this.#text[this.#at];
    const closer = this.#closers.at(-1);
    if (character === undefined || (closer === undefined && this.#whole > 0)) return false;
    if (character === closer && /^(?:first|separator)/.test(this.#next)) {
      this.#closers.pop();
      return this.#isWhole(this.#at + 1, 'separator');
    }
    switch (this.#next) {
      case 'value':
      case 'firstValue':
        return this.#value(character);
      case 'key':
      case 'firstKey':
        return character === '"' && this.#string('colon');
      case 'colon':
        return character === ':' && this.#pass('value');
      case 'separator':
        return character === ',' && this.#pass(closer === '}' ? 'key' : 'value');
    }
  }

  #value(character: string): boolean {
    if (character === '{' || character === '[') {
      this.#closers.push(character === '{' ? '}' : ']');
      return this.#isWhole(this.#at + 1, character === '{' ? 'firstKey' : 'firstValue');
    }
    if (character === '"') return this.#string('separator');
    const end = this.#after(scalar);
    // What stands at the very end may have gone on.
    const isCut = this.#after(word) === this.#text.length;
    if (end > this.#at && !isCut) return this.#isWhole(end, 'separator');
    if (isCut) this.#at = this.#text.length;
    return false;
  }

  #string(next: 'colon' | 'separator'): boolean {
    const start = this.#at;
    const end = endOfString(this.#text, start);
    if (end === this.#text.length) {
      if (next === 'separator') this.#cutString = withClosedString(this.#text, start);
      this.#at = end;
      return false;
    }
    if (!isJson(this.#text.slice(start, end + 1))) return false;
    this.#at = end + 1;
    this.#next = next;
    if (next === 'separator') this.#whole = this.#at;
    return true;
  }

  #isWhole(end: number, next: Next): true {
    this.#at = end;
    this.#whole = end;
    this.#next = next;
    return true;
  }

  #pass(next: Next): true {
    this.#at++;
    this.#next = next;
    return true;
  }

  /** Up to where the pattern matches from here on. */
  #after(pattern: RegExp): number {
    pattern.lastIndex = this.#at;
    return pattern.test(this.#text) ? pattern.lastIndex : this.#at;
  }
}

/** The whole text with the string that it ends in closed; empty where that can't be. */
function withClosedString(text: string, start: number): string {
  let end = text.length;
  const [cut = ''] = cutEscape.exec(text.slice(-6)) ?? [];
  // An even number of backslashes is as many characters, and no beginning.
  let first = end - cut.length;
  while (text[first - 1] === '\\') first--;
  if ((end - cut.length - first) % 2 === 0) end -= cut.length;
  return isJson(`${text.slice(start, end)}"`) ? `${text.slice(0, end)}"` : '';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
