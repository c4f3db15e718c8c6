import { type Disposable, toDisposable } from '../base/disposables.ts';
import { type Capture, type CaptureLimits, defaultLimits } from './capture.ts';

/** Bytes that all captures of a window may take together. */
export const defaultBudgetBytes = 1024 * 1024 * 1024;

/**
 * The bounds of captures, of each and over all: when together they take too much, the largest gives up its oldest
 * records.
 */
export class CaptureBudget {
  readonly #captures = new Set<Capture>();
  #maxBytes: number;
  #each: CaptureLimits;

  constructor(maxBytes = defaultBudgetBytes, each = defaultLimits) {
    this.#maxBytes = maxBytes;
    this.#each = each;
  }

  /** What one capture may take. */
  get each(): CaptureLimits {
    return this.#each;
  }

  /** New bounds, also for the captures that are there. */
  change(maxBytes: number, each: CaptureLimits): void {
    this.#maxBytes = maxBytes;
    this.#each = each;
    for (const capture of this.#captures) capture.limits = each;
    this.enforce();
  }

  /** Counts a capture in, until the result is disposed. */
  add(capture: Capture): Disposable {
    this.#captures.add(capture);
    return toDisposable(() => this.#captures.delete(capture));
  }

  /** Called by a capture that has grown by a segment, not for each record. */
  enforce(): void {
    let total = 0;
    for (const { bytes } of this.#captures) total += bytes;
    while (total > this.#maxBytes) {
      const largest = [...this.#captures].reduce((a, b) => (a.bytes >= b.bytes ? a : b));
      const freed = largest.evictOldest();
      if (freed === 0) return;
      total -= freed;
    }
  }
}
