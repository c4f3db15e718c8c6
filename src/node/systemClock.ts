import { performance } from 'node:perf_hooks';
import type { Clock } from '../base/clock.ts';
import { toDisposable } from '../base/disposables.ts';

/** Node calls back at once for anything longer: 24.8 days. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, longestTimerMs));
    return toDisposable(() => clearTimeout(timer));
  },
};
