/** Counts per second over the last few seconds, in constant memory. */
export class RateMeter {
  readonly #buckets: Uint32Array;
  #second = 0;

  constructor(seconds = 5) {
    // One bucket more than is read: the second under way is left out, it would always read low.
    this.#buckets = new Uint32Array(seconds + 1);
  }

  /** `now` in epoch milliseconds, not going back by more than the window. */
  add(now: number, count = 1): void {
    this.#advance(now);
    const at = this.#second % this.#buckets.length;
    this.#buckets[at] = (this.#buckets[at] ?? 0) + count;
  }

  /** Events per second, averaged over the whole seconds of the window. */
  perSecond(now: number): number {
    this.#advance(now);
    let sum = 0;
    for (let i = 0; i < this.#buckets.length; i++) {
      if (i !== this.#second % this.#buckets.length) sum += this.#buckets[i] ?? 0;
    }
    return sum / (this.#buckets.length - 1);
  }

  #advance(now: number): void {
    const second = Math.floor(now / 1_000);
    if (second <= this.#second) return;
    const steps = Math.min(second - this.#second, this.#buckets.length);
    for (let i = 0; i < steps; i++) this.#buckets[(second - i) % this.#buckets.length] = 0;
    this.#second = second;
  }
}
