import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Terminators } from '../../../src/sse/blocks.ts';

it('finds the ends of short and long lines at any place in a buffer', () => {
  // Neighbours of LF and CR, with and without the highest bit: what a look at four bytes at once could mistake.
  const byte = fc.constantFrom(0x00, 0x09, 0x0b, 0x0c, 0x0e, 0x7f, 0x80, 0x8a, 0x8d, 0xff);
  const line = fc.tuple(
    fc.array(byte, { minLength: 1, maxLength: 12 }),
    fc.oneof(fc.nat(30), fc.nat(600)),
    fc.constantFrom([0x0a], [0x0d], [0x0d, 0x0a]),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.nat(7), fc.nat(20), (lines, offset, rest) => {
      const text = lines.flatMap(([bytes, length, end]) => [
        ...Array.from({ length }, (_, i) => bytes[i % bytes.length] as number),
        ...end,
      ]);
      const chunk = Buffer.from([...text, ...new Array(rest).fill(0x41)]);
      // What stands behind the chunk isn't its own.
      const bytes = new Uint8Array([...new Array(offset).fill(0x0a), ...chunk, 0x0a, 0x0a, 0x0a]);
      const terminators = new Terminators();
      terminators.lookAt(bytes, chunk, offset);
      const found: number[] = [];
      const end = offset + chunk.length;
      for (let at = terminators.next(offset); at < end; at = terminators.next(at + 1))
        found.push(at - offset);
      const expected = [...chunk.keys()].filter((at) => chunk[at] === 0x0a || chunk[at] === 0x0d);
      expect(found).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});
