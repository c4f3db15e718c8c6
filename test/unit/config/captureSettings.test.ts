import { expect, test } from 'vitest';
import { readCaptureSettings } from '../../../src/config/captureSettings.ts';

const defaults = { maxEvents: 100_000, maxMegabytes: 256, maxTotalMegabytes: 1_024, keepOverReload: true };

test('what is not given has its default', () => {
  expect(readCaptureSettings(() => undefined)).toEqual(defaults);
});

test('what is given counts, by itself', () => {
  const given: Record<string, unknown> = { maxEvents: 1_000_000, keepOverReload: false };
  expect(readCaptureSettings((name) => given[name])).toEqual({ ...defaults, ...given });
});

test.each(['many', 0, -5, 1e12, Number.NaN, null, {}])(
  'a value that can not be used counts as not given: %j',
  (value) => {
    expect(readCaptureSettings((name) => (name === 'maxEvents' ? value : undefined))).toEqual(defaults);
  },
);
