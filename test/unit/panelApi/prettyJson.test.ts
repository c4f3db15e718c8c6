import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prettyJson } from '../../../src/panelApi/prettyJson.ts';

describe('prettyJson', () => {
  it('breaks lines as JSON.stringify does', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(3), (text, space) => {
        const value = JSON.parse(text);
        expect(JSON.parse(prettyJson(text))).toEqual(value);
        const sent = JSON.stringify(value, null, space);
        expect(prettyJson(sent)).toBe(JSON.stringify(value, null, 2));
      }),
    );
  });

  it('keeps digits, escapes, key order and doubled keys', () => {
    expect(prettyJson('{"b":310.00,"a":1E5,"b":12345678901234567890,"s":"\\u00e9","2":[ ],"1":{ }}')).toBe(
      '{\n  "b": 310.00,\n  "a": 1E5,\n  "b": 12345678901234567890,\n  "s": "\\u00e9",\n  "2": [],\n  "1": {}\n}',
    );
  });

  it('leaves what is too long or too deep for that as it is', () => {
    const deep = '['.repeat(20_000) + ']'.repeat(20_000);
    expect(prettyJson(deep)).toBe(deep);
    const long = `[${'1,'.repeat(1_100_000)}1]`;
    expect(prettyJson(long)).toBe(long);
  });
});
