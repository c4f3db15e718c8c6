import { describe, expect, it } from 'vitest';
import { formatDuration, formatRelative } from '../../../src/jwt/relativeTime.ts';

const s = 1000;
const m = 60 * s;
const h = 60 * m;
const d = 24 * h;

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [0.4, '0 ms'],
    [450, '450 ms'],
    [999.9, '999 ms'],
    [s, '1 s'],
    [59.9 * s, '59 s'],
    [2 * m + 10 * s, '2 m 10 s'],
    [2 * m, '2 m'],
    [h - 1, '59 m 59 s'],
    [h + 59 * s, '1 h'],
    [3 * d + 4 * h + 59 * m, '3 d 4 h'],
    [385 * d, '1 y 20 d'],
    [-5 * s, '5 s'],
    [Number.NaN, '?'],
    [Number.POSITIVE_INFINITY, '?'],
  ])('writes %d ms as %j', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('formatRelative', () => {
  it.each([
    [2 * m + 10 * s, 'in 2 m 10 s'],
    [3 * d + 4 * h, 'in 3 d 4 h'],
    [-3 * s, '3 s ago'],
    [999, 'now'],
    [-999, 'now'],
    [s, 'in 1 s'],
    [-s, '1 s ago'],
  ])('says of a moment %d ms away: %j', (distance, text) => {
    expect(formatRelative(1_700_000_000_000 + distance, 1_700_000_000_000)).toBe(text);
  });
});
