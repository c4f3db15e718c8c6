import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenCache } from '../../../src/servers/tokenCache.ts';

const start = 1_700_000_000_000;
const far = start + 3_600_000;

function cacheAt(size?: number) {
  const time = { now: start };
  return { time, cache: new TokenCache(() => time.now, { size }) };
}

describe('TokenCache', () => {
  it('counts an entry for 300 s', () => {
    const { time, cache } = cacheAt();
    cache.set('token', 'topic', far);
    time.now = start + 299_999;
    expect(cache.get('token', 'topic')).toBe(far);
    time.now = start + 300_000;
    expect(cache.get('token', 'topic')).toBeUndefined();
    expect([cache.hits, cache.misses, cache.size]).toEqual([1, 1, 0]);
  });

  it('never counts one past the end of its token', () => {
    const { time, cache } = cacheAt();
    cache.set('token', 'topic', start + 5000);
    time.now = start + 5000;
    expect(cache.get('token', 'topic')).toBeUndefined();
  });

  it('knows a token for the topic it was found good for', () => {
    const { cache } = cacheAt();
    cache.set('token', 'orders', far);
    expect(cache.get('token', 'prices')).toBeUndefined();
    expect(cache.get('token', 'orders')).toBe(far);
  });

  it('holds 10,000 entries', () => {
    const { cache } = cacheAt();
    for (let i = 0; i <= 10_000; i += 1) cache.set(`token ${i}`, 'topic', far);
    expect(cache.size).toBe(10_000);
    expect(cache.get('token 0', 'topic')).toBeUndefined();
    expect(cache.get('token 1', 'topic')).toBe(far);
  });

  it('lets go of what was not used for the longest, as a list of all would', () => {
    const token = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), token)), (uses) => {
        const { cache } = cacheAt(3);
        let model: string[] = [];
        for (const [isSet, name] of uses) {
          const isKnown = model.includes(name);
          if (isSet) cache.set(name, 'topic', far);
          else expect(cache.get(name, 'topic') !== undefined).toBe(isKnown);
          if (isSet || isKnown) model = [...model.filter((each) => each !== name), name].slice(-3);
          expect(cache.size).toBe(model.length);
        }
      }),
    );
  });
});
