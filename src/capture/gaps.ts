import { Longest } from './longest.ts';

/** Upper bounds of the histogram's buckets in milliseconds, inclusive; one more bucket has no bound. */
export const gapBounds = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 60_000,
] as const;

/** A time without an event, between two. */
export interface Gap {
  /** When it began (epoch milliseconds) and how long it was. */
  time: number;
  ms: number;
  /** Of the event that ended it. */
  position: number;
  /** The connection was made anew in between. */
  reconnected: boolean;
}

/** The times between events: how often which length, and the longest. */
export class Gaps {
  /** One for each of `gapBounds`, and one for what is longer. */
  readonly counts: number[] = [...gapBounds, 0].fill(0);
  readonly #longest = new Longest<Gap>();
  #time: number | undefined;
  #attempt = 0;

  /** Events that came at the same time, side by side from `position`. */
  add(time: number, attempt: number, position: number, count: number): void {
    let together = count;
    if (this.#time === undefined) together--;
    else {
      // A clock that goes back makes no negative gap.
      const ms = Math.max(0, time - this.#time);
      if (ms > 1) {
        together--;
        this.#count(ms);
        if (this.#longest.takes(ms))
          this.#longest.add({ time: this.#time, ms, position, reconnected: attempt !== this.#attempt });
      }
    }
    this.counts[0] = (this.counts[0] ?? 0) + together;
    this.#time = time;
    this.#attempt = attempt;
  }

  longest(): readonly Gap[] {
    return this.#longest.items;
  }

  #count(ms: number): void {
    const found = gapBounds.findIndex((bound) => ms <= bound);
    const at = found < 0 ? gapBounds.length : found;
    this.counts[at] = (this.counts[at] ?? 0) + 1;
  }
}
