import { textPattern } from '../../base/textPattern.ts';

/** As many bytes as there are bits in a number. */
const mostInWindow = 32;

/** Finds a text in UTF-8 bytes without decoding them, each of its letters in any case (Boyer, Moore, Horspool). */
export class ByteSearch {
  /** Of each letter what may stand for it. None begins as another does, so at most one stands at a place. */
  readonly #letters: readonly (readonly Uint8Array[])[];
  /** The bytes of a hit that are looked at ahead of its letters: as many as the shortest has, at most. */
  readonly #window: number;
  /** Which bytes may stand where in the window: of each byte a bit for each place. */
  readonly #places = new Uint32Array(256);
  /** How far to go on where the byte under the window's end is this one. */
  readonly #skip: Uint8Array;
  /** What passes the window is a hit. */
  readonly #isDecided: boolean;

  /** @param letters what may stand for each */
  constructor(letters: readonly (readonly string[])[]) {
    const utf8 = new TextEncoder();
    this.#letters = letters.map((cases) => cases.map((letter) => utf8.encode(letter)));
    const shortest = this.#letters.reduce((sum, cases) => sum + Math.min(...cases.map(lengthOf)), 0);
    this.#window = Math.min(shortest, mostInWindow);
    this.#isDecided =
      shortest <= mostInWindow &&
      this.#letters.every((cases) => cases.length === 1 || cases.every(({ length }) => length === 1));
    this.#fillPlaces();
    const last = this.#window - 1;
    const ahead = (1 << last) - 1;
    // The highest bit says where the byte stands nearest to the end.
    this.#skip = Uint8Array.from(this.#places, (places) => last + Math.clz32(places & ahead) - 31);
  }

  /**
   * For one line of text. Undefined where its bytes don't decide: it would have to be matched with decoded text.
   * Without case letters are the same that an expression takes for the same.
   */
  static of(text: string, caseSensitive: boolean): ByteSearch | undefined {
    // Lone surrogates and U+FFFD are what a decoder makes of bytes that aren't UTF-8.
    if (text === '' || /[\r\n\uFFFD\p{Surrogate}]/u.test(text)) return undefined;
    return new ByteSearch(Array.from(text, (letter) => (caseSensitive ? [letter] : casesOf(letter))));
  }

  /** Where it first stands within [from, to); -1 for nowhere. */
  indexIn(bytes: Uint8Array, from: number, to: number): number {
    const places = this.#places;
    const skip = this.#skip;
    const last = this.#window - 1;
    for (let at = from + last; at < to; ) {
      const byte = bytes[at] as number;
      if ((((places[byte] as number) >>> last) & 1) === 1) {
        let i = last - 1;
        const start = at - last;
        while (i >= 0 && (((places[bytes[start + i] as number] as number) >>> i) & 1) === 1) i--;
        if (i < 0 && (this.#isDecided || this.#standsAt(bytes, start, to))) return start;
      }
      at += skip[byte] as number;
    }
    return -1;
  }

  #standsAt(bytes: Uint8Array, start: number, to: number): boolean {
    let at = start;
    for (const cases of this.#letters) {
      let length = 0;
      for (let i = 0; i < cases.length && length === 0; i++)
        length = lengthAt(bytes, at, cases[i] as Uint8Array);
      if (length === 0) return false;
      at += length;
    }
    return at <= to;
  }

  /** A letter begins at several places where those before it are longer in one case than in another. */
  #fillPlaces(): void {
    let starts = new Set([0]);
    for (const cases of this.#letters) {
      const ends = new Set<number>();
      for (const start of starts) {
        for (const letter of cases) {
          for (const [i, byte] of letter.entries()) {
            if (start + i < this.#window)
              this.#places[byte] = (this.#places[byte] as number) | (1 << (start + i));
          }
          ends.add(start + letter.length);
        }
      }
      starts = new Set([...ends].filter((end) => end < this.#window));
    }
  }
}

function lengthOf({ length }: Uint8Array): number {
  return length;
}

/** The letter's length where it stands, 0 where it doesn't. */
function lengthAt(bytes: Uint8Array, at: number, letter: Uint8Array): number {
  const { length } = letter;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== letter[i]) return 0;
  return length;
}

let characters = '';

/** The letter in all its cases, as an expression has it: it knows none of characters of two code units. */
function casesOf(letter: string): string[] {
  if (letter.length > 1) return [letter];
  if (characters === '') for (let code = 0; code < 0x10000; code++) characters += String.fromCharCode(code);
  return characters.match(textPattern(letter, false, 'g')) ?? [letter];
}
