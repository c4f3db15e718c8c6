import { type Disposable, toDisposable } from '../base/disposables.ts';

/** Calls back every `ms` milliseconds until disposed. */
export function every(ms: number, callback: () => void): Disposable {
  const timer = setInterval(callback, ms);
  return toDisposable(() => clearInterval(timer));
}

/** Resolves when everything that waits for the event loop has had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
