import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GrowingText } from '../../../../src/capture/text/growingText.ts';

describe('GrowingText', () => {
  it('is the text it was made of, wherever it is read from, also after its start was dropped', () => {
    const change = fc.oneof(
      { weight: 4, arbitrary: fc.string({ maxLength: 20 }) },
      { weight: 2, arbitrary: fc.nat(5).map((thousands) => 'abcdefghij'.repeat(thousands * 100)) },
      { weight: 1, arbitrary: fc.nat(6_000) },
    );
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 40 }),
        fc.nat(30_000),
        fc.nat(12_000),
        (changes, from, most) => {
          const text = new GrowingText();
          let all = '';
          let start = 0;
          for (const value of changes) {
            if (typeof value === 'string') {
              text.append(value);
              all += value;
            } else {
              text.drop(value);
              start = Math.min(all.length, start + value);
            }
            const at = Math.max(from, start);
            expect(text.slice(from, most)).toBe(all.slice(at, at + most));
            expect([text.start, text.end, text.length]).toEqual([start, all.length, all.length - start]);
          }
        },
      ),
    );
  });
});
