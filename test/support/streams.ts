// Event streams as fast-check makes them: every field and line end, byte order marks, bytes that are no text; and cuts.
import fc from 'fast-check';

const utf8 = new TextEncoder();

const value = fc.stringMatching(/^[ a-c:é✓\u{1F600}\uFEFF0-2]{0,6}$/u);
const line = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('data', 'data', 'data', 'event', 'id', 'retry', '', 'Data', 'x'),
      fc.constantFrom(':', ': ', ''),
      value,
    )
    .map((parts) => parts.join('')),
  fc.constantFrom('', '', '', 'id: a\0b', 'retry: 1500', 'retry: 999999999999', 'event', 'ï»¿data: x'),
  value,
);
const lineEnd = fc.constantFrom('\n', '\n', '\r', '\r\n');
/** Lines with ends of any kind, the last perhaps unfinished, in bytes, a few of them perhaps not UTF-8. */
export const stream = fc
  .tuple(
    fc.constantFrom('', '', '\uFEFF', '\uFEFF\uFEFF'),
    fc.array(fc.tuple(line, lineEnd), { maxLength: 40 }),
    fc.constantFrom('', 'data: rest', ': rest', '\r'),
    fc.option(fc.tuple(fc.nat(), fc.constantFrom(0xff, 0xc3, 0xf0, 0xed)), { freq: 3 }),
  )
  .map(([start, lines, rest, broken]) => {
    const bytes = utf8.encode(start + lines.flat().join('') + rest);
    if (broken && bytes.length > 0) bytes[broken[0] % bytes.length] = broken[1];
    return bytes;
  });
/** Where to cut a stream into chunks. */
export const cuts = fc.array(fc.nat(), { maxLength: 30 });

export function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [...new Set(at.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...places, bytes.length].map((end, i) => bytes.slice(places[i - 1] ?? 0, end));
}
