import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mendJson } from '../../../../src/capture/formats/brokenJson.ts';

describe('mending JSON', () => {
  it.each([
    ['{"a":[1,{"b":"c', '{"a":[1,{"b":"c"}]}'],
    ['{"a":1,"b', '{"a":1}'],
    ['{"a":1,"b":', '{"a":1}'],
    ['{"a":12', '{}'],
    ['[1,tru', '[1]'],
    ['[1,', '[1]'],
    ['["a\\', '["a"]'],
    ['["a\\\\', '["a\\\\"]'],
    ['["a\\\\\\u00e', '["a\\\\"]'],
    ['["a\\\\u00e', '["a\\\\u00e"]'],
    ['[[],{}', '[[],{}]'],
  ])('closes %s where it was cut off', (text, whole) => {
    expect(mendJson(text)).toEqual({ text: whole, at: text.length, isCut: true });
  });

  it.each([
    ['[1,,2]', '[1]', 3],
    ['[1}', '[1]', 2],
    ['{"a":1 "b":2}', '{"a":1}', 7],
    ['{a:1}', '{}', 1],
    ['[01]', '[0]', 2],
    ['["a\nb"]', '[]', 1],
    ['["\\x"]', '[]', 1],
    ['[1] [2]', '[1]', 4],
    ['{"a":1,}', '{"a":1}', 7],
    ['[1,]', '[1]', 3],
  ])('stops in %j at what can’t stand there', (text, whole, at) => {
    expect(mendJson(text)).toEqual({ text: whole, at, isCut: false });
  });

  it('makes nothing of what doesn’t begin', () => {
    for (const text of ['', ' ', 'x', ']', ',', 'tr']) expect(mendJson(text)).toBeUndefined();
  });

  it('makes JSON of any beginning of JSON, and of any text behind it', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), fc.nat(), fc.string(), (json, cut, more) => {
        for (const text of [json.slice(0, cut % json.length), json.slice(0, cut % json.length) + more]) {
          const mended = mendJson(text);
          if (mended) JSON.parse(mended.text);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
