import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/node/systemClock.ts';

describe('systemClock', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('calls back once, unless it was told not to', () => {
    vi.useFakeTimers();
    const calls: string[] = [];
    systemClock.after(10, () => calls.push('a'));
    systemClock.after(10, () => calls.push('b')).dispose();
    vi.advanceTimersByTime(1_000);
    expect(calls).toEqual(['a']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not take a time longer than a timer can wait for no time at all', () => {
    const warnings: unknown[] = [];
    const onWarning = (warning: unknown): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const spy = vi.spyOn(globalThis, 'setTimeout');
    systemClock.after(1e12, () => {}).dispose();
    expect(spy.mock.calls[0]?.[1]).toBe(2 ** 31 - 1);
    spy.mockRestore();
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});
