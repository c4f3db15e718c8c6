import type { Clock } from '../../src/base/clock.ts';
import { type Disposable, toDisposable } from '../../src/base/disposables.ts';

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now: number;
  /** What the wall clock ran on while the machine slept. */
  #sleptMs = 0;
  readonly #timers = new Map<number, { at: number; callback: () => void }>();
  #nextId = 1;

  /** @param now epoch milliseconds */
  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now + this.#sleptMs;
  }

  monotonic(): number {
    return this.#now;
  }

  /** Timers that are set and neither fired nor cancelled. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer; undefined where there is none. */
  get nextIn(): number | undefined {
    const times = [...this.#timers.values()].map(({ at }) => at - this.#now);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  after(ms: number, callback: () => void): Disposable {
    const id = this.#nextId++;
    this.#timers.set(id, { at: this.#now + ms, callback });
    return toDisposable(() => this.#timers.delete(id));
  }

  /** The machine sleeps: the wall clock runs on, the monotonic one and the timers stand still. */
  sleep(ms: number): void {
    this.#sleptMs += ms;
  }

  /** Moves on, calling back what comes due, in order. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const due = [...this.#timers]
        .filter(([, { at }]) => at <= until)
        .sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      const [id, { at, callback }] = due;
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, at);
      callback();
    }
    this.#now = until;
  }
}
