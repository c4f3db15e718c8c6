import type { Clock } from '../base/clock.ts';
import { type Disposable, toDisposable } from '../base/disposables.ts';

/** How often is looked, and by how much the wall clock must have run ahead of the monotonic one. Milliseconds. */
const tickMs = 5_000;
const sleptAfterMs = 15_000;

/**
 * Notices that the machine slept: the wall clock ran on while the monotonic one stood still. A blocked event loop is
 * no sleep, both run on then. One watch for all connections; it ticks while somebody listens.
 */
export class WakeWatch {
  readonly #clock: Clock;
  readonly #listeners = new Set<{ woken: (sleptMs: number) => void }>();
  #timer: Disposable | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(woken: (sleptMs: number) => void): Disposable {
    const listener = { woken };
    this.#listeners.add(listener);
    if (!this.#timer) this.#tick();
    return toDisposable(() => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#timer?.dispose();
      this.#timer = undefined;
    });
  }

  #tick(): void {
    const wall = this.#clock.now();
    const monotonic = this.#clock.monotonic();
    this.#timer = this.#clock.after(tickMs, () => {
      this.#tick();
      const sleptMs = this.#clock.now() - wall - (this.#clock.monotonic() - monotonic);
      if (sleptMs <= sleptAfterMs) return;
      for (const { woken } of [...this.#listeners]) woken(sleptMs);
    });
  }
}
