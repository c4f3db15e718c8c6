import { type Disposable, toDisposable } from '../base/disposables.ts';

/** Calls back every `ms` milliseconds until disposed. */
export function every(ms: number, callback: () => void): Disposable {
  const timer = setInterval(callback, ms);
  return toDisposable(() => clearInterval(timer));
}
