const exactly = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const lowerCase = exactly.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));

/** Finds a text in UTF-8 bytes without decoding them (Boyer, Moore, Horspool). */
export class ByteSearch {
  readonly #needle: Uint8Array;
  /** What a byte of the text counts as: itself, or its lower case. */
  readonly #fold: Uint8Array;
  /** How far to go on where the byte under the needle's end is this one. */
  readonly #skip: Uint8Array;

  constructor(needle: Uint8Array, fold = exactly) {
    this.#needle = needle.map((byte) => fold[byte] as number);
    this.#fold = fold;
    const length = needle.length;
    this.#skip = new Uint8Array(256).fill(Math.min(255, length));
    for (let byte = 0; byte < 256; byte++) {
      const last = this.#needle.lastIndexOf(fold[byte] as number, length - 2);
      if (length > 1 && last >= 0) this.#skip[byte] = Math.min(255, length - 1 - last);
    }
  }

  /**
   * For one line of text. Undefined where its bytes don't decide: it would have to be matched with decoded text.
   * Without case A to Z are the same as a to z; letters beyond ASCII are left to whoever decodes.
   */
  static of(text: string, caseSensitive: boolean): ByteSearch | undefined {
    // Lone surrogates and U+FFFD are what a decoder makes of bytes that aren't UTF-8.
    if (text === '' || /[\r\n\uFFFD\p{Surrogate}]/u.test(text)) return undefined;
    if (!caseSensitive && hasCaseBeyondAscii(text)) return undefined;
    return new ByteSearch(new TextEncoder().encode(text), caseSensitive ? exactly : lowerCase);
  }

  /** Where it first stands within [from, to); -1 for nowhere. */
  indexIn(bytes: Uint8Array, from: number, to: number): number {
    const needle = this.#needle;
    const fold = this.#fold;
    const skip = this.#skip;
    const last = needle.length - 1;
    const lastByte = needle[last] as number;
    for (let at = from + last; at < to; ) {
      const byte = bytes[at] as number;
      if (fold[byte] === lastByte) {
        let i = last - 1;
        const start = at - last;
        while (i >= 0 && fold[bytes[start + i] as number] === needle[i]) i--;
        if (i < 0) return start;
      }
      at += skip[byte] as number;
    }
    return -1;
  }
}

function hasCaseBeyondAscii(text: string): boolean {
  for (const character of text) {
    if (character.charCodeAt(0) < 0x80) continue;
    if (character.toLowerCase() !== character || character.toUpperCase() !== character) return true;
  }
  return false;
}
