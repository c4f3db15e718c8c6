import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteSearch } from '../../../../src/capture/filter/byteSearch.ts';

const utf8 = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** What reads the decoded text would say. */
function isIn(text: string, whole: string, caseSensitive: boolean): boolean {
  if (caseSensitive) return whole.includes(text);
  return new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'i').test(whole);
}

function hits(search: ByteSearch, bytes: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = search.indexIn(bytes, 0, bytes.length); at >= 0; ) {
    found.push(at);
    at = search.indexIn(bytes, at + 1, bytes.length);
  }
  return found;
}

// Letters of one, two, three and four bytes, some longer in their other case, some that have three cases, and those that
// pass for a letter of ASCII elsewhere: the Kelvin sign, a long s, an i with and without its dot.
const letter = fc.constantFrom(
  ...[
    'a',
    'A',
    'k',
    'K',
    '\u212A',
    's',
    'S',
    'ſ',
    'i',
    'I',
    'İ',
    'ı',
    'ß',
    'ẞ',
    'é',
    'É',
    'e\u0301',
    '.',
    '"',
  ],
  ...[
    'µ',
    'μ',
    'Μ',
    'ǆ',
    'ǅ',
    'Ǆ',
    'ς',
    'σ',
    'Σ',
    'в',
    'В',
    'ᲀ',
    'Ⱥ',
    'ⱥ',
    'ﬁ',
    'å',
    '\u212B',
    '漢',
    'ａ',
    'Ａ',
  ],
  ...['𐐀', '𐐨', '😀', '\uFEFF', '\0'],
);
const word = fc.string({ unit: letter, minLength: 1, maxLength: 4 });
const long = fc.string({ unit: letter, minLength: 10, maxLength: 40 });

describe('ByteSearch', () => {
  it('finds in bytes what is found in their text, each letter in all its cases', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: letter, maxLength: 60 }),
        fc.oneof(word, long),
        fc.boolean(),
        fc.boolean(),
        (rest, text, isThere, caseSensitive) => {
          const other = isThere ? `${rest}${text.toUpperCase()}${rest}${text.toLowerCase()}` : '';
          const bytes = utf8.encode(`${rest}${other}${rest}`);
          const at = ByteSearch.of(text, caseSensitive)?.indexIn(bytes, 0, bytes.length) as number;
          expect(at >= 0).toBe(isIn(text, decoder.decode(bytes), caseSensitive));
          if (at >= 0) expect(isIn(text, decoder.decode(bytes.subarray(0, at)), caseSensitive)).toBe(false);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('finds no letter in bytes that are none', () => {
    const byte = fc.constantFrom(
      0x41,
      0x61,
      0xc3,
      0x89,
      0xa9,
      0xd0,
      0xd1,
      0x92,
      0xb2,
      0xe1,
      0xb2,
      0x80,
      0xf0,
      0xff,
    );
    fc.assert(
      fc.property(
        fc.array(byte, { maxLength: 12 }),
        fc.string({ unit: fc.constantFrom('a', 'é', 'в', 'В', 'ᲀ'), minLength: 1, maxLength: 3 }),
        (bytes, text) => {
          const search = ByteSearch.of(text, false) as ByteSearch;
          const found = search.indexIn(Uint8Array.from(bytes), 0, bytes.length) >= 0;
          expect(found).toBe(isIn(text, decoder.decode(Uint8Array.from(bytes)), false));
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('takes the same letters for the same as an expression does, each there is', () => {
    const all = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code));
    const cased = all.filter((one) => one.toLowerCase() !== one || one.toUpperCase() !== one).join('');
    const bytes = utf8.encode(cased);
    for (const one of cased) {
      const found = hits(ByteSearch.of(one, false) as ByteSearch, bytes);
      const wanted = [...cased.matchAll(new RegExp(one, 'gi'))];
      expect(found).toEqual(wanted.map(({ index }) => utf8.encode(cased.slice(0, index)).length));
    }
  });

  it('looks no further than it is told to, also where a case is longer than the other', () => {
    const bytes = utf8.encode('xⱥx');
    const search = ByteSearch.of('Ⱥ', false) as ByteSearch;
    expect(search.indexIn(bytes, 0, 4)).toBe(1);
    expect(search.indexIn(bytes, 0, 3)).toBe(-1);
    expect(search.indexIn(bytes, 2, 5)).toBe(-1);
  });

  it('leaves to decoded text what bytes can not tell', () => {
    for (const text of ['', 'a\nb', 'a\rb', '\uFFFD', 'a\uD800'])
      expect(ByteSearch.of(text, false)).toBeUndefined();
  });
});
