import { performance } from 'node:perf_hooks';
import type { Clock } from '../base/clock.ts';
import { toDisposable } from '../base/disposables.ts';

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return toDisposable(() => clearTimeout(timer));
  },
};
