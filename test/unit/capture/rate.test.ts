import { describe, expect, it } from 'vitest';
import { RateMeter } from '../../../src/capture/rate.ts';

const start = Date.UTC(2026, 0, 1);

describe('RateMeter', () => {
  it('averages the whole seconds of its window, without the one under way', () => {
    const meter = new RateMeter(5);
    for (let second = 0; second < 10; second++) meter.add(start + second * 1_000, 20);
    expect(meter.perSecond(start + 9_999)).toBe(20);
    meter.add(start + 9_999, 1_000);
    expect(meter.perSecond(start + 9_999)).toBe(20);
    expect(meter.perSecond(start + 10_000)).toBe((4 * 20 + 1_020) / 5);
  });

  it('falls to nothing when nothing comes any more', () => {
    const meter = new RateMeter(5);
    meter.add(start, 10);
    expect([1, 5, 6, 100_000].map((seconds) => meter.perSecond(start + seconds * 1_000))).toEqual([
      2, 2, 0, 0,
    ]);
  });

  it('is not put off by a clock that goes back', () => {
    const meter = new RateMeter(5);
    meter.add(start + 3_000, 5);
    meter.add(start, 5);
    expect(meter.perSecond(start + 4_000)).toBe(2);
  });
});
