import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TypeNames } from '../../../src/sse/eventBatch.ts';

it('names types by their bytes, however many there are', () => {
  const name = fc.oneof(fc.string({ unit: 'binary', maxLength: 4 }), fc.constant('x'.repeat(300)));
  fc.assert(
    fc.property(fc.array(name, { maxLength: 300 }), (names) => {
      const types = new TypeNames();
      const encoded = names.map((one) => new TextEncoder().encode(one));
      const bytes = Buffer.concat(encoded);
      let start = 0;
      for (const { length } of encoded) {
        const expected = length === 0 ? 'message' : bytes.toString('utf8', start, start + length);
        expect(types.at(bytes, start, start + length)).toBe(expected);
        start += length;
      }
    }),
  );
});
