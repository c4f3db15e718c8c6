const mostBuckets = 2_048;

/** Counts side by side on the time axis. */
export interface RateBuckets {
  /** Epoch milliseconds at which the first bucket begins; each is `width` milliseconds long. */
  from: number;
  width: number;
  events: number[];
  /** The most that came within one second of the bucket. */
  peaks: number[];
}

/**
 * How many events came when, over any length of time in constant memory: buckets of a second, which double their
 * width where there would be more than two thousand. An event counts by its own time, also where clocks went back.
 */
export class RateHistory {
  #width = 1_000;
  /** The first bucket's place on the axis, in widths since the epoch, so that halves always meet the same whole. */
  #first = 0;
  #events: number[] = [];
  #peaks: number[] = [];
  #second = 0;
  #inSecond = 0;

  /** `time` in epoch milliseconds, finite. */
  add(time: number, count = 1): void {
    const at = this.#bucketAt(time);
    this.#events[at] = (this.#events[at] ?? 0) + count;
    const second = Math.floor(time / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#inSecond = 0;
    }
    this.#inSecond += count;
    if (this.#inSecond > (this.#peaks[at] ?? 0)) this.#peaks[at] = this.#inSecond;
  }

  /** The buckets, joined until there are at most `most`. Which ones meet doesn't change as time goes on. */
  read(most: number): RateBuckets {
    let by = 1;
    while (this.#groups(by) > most) by *= 2;
    const first = Math.floor(this.#first / by);
    return { from: first * by * this.#width, width: by * this.#width, ...this.#joined(by) };
  }

  #bucketAt(time: number): number {
    let place = Math.floor(time / this.#width);
    const at = place - this.#first;
    if (at >= 0 && at < this.#events.length) return at;
    if (this.#events.length === 0) this.#first = place;
    while (this.#span(place) > mostBuckets) {
      this.#double();
      place = Math.floor(time / this.#width);
    }
    for (const list of [this.#events, this.#peaks]) {
      if (place < this.#first) list.unshift(...new Array<number>(this.#first - place).fill(0));
      while (list.length <= place - this.#first) list.push(0);
    }
    this.#first = Math.min(this.#first, place);
    return place - this.#first;
  }

  /** How many buckets there are once this place is one of them. */
  #span(place: number): number {
    const last = this.#first + this.#events.length - 1;
    return Math.max(place, last) - Math.min(place, this.#first) + 1;
  }

  #double(): void {
    const { events, peaks } = this.#joined(2);
    this.#events = events;
    this.#peaks = peaks;
    this.#first = Math.floor(this.#first / 2);
    this.#width *= 2;
  }

  #groups(by: number): number {
    const { length } = this.#events;
    return length === 0 ? 0 : Math.floor((this.#first + length - 1) / by) - Math.floor(this.#first / by) + 1;
  }

  #joined(by: number): { events: number[]; peaks: number[] } {
    const events = new Array<number>(this.#groups(by)).fill(0);
    const peaks = events.slice();
    const first = Math.floor(this.#first / by);
    for (let i = 0; i < this.#events.length; i++) {
      const at = Math.floor((this.#first + i) / by) - first;
      events[at] = (events[at] ?? 0) + (this.#events[i] ?? 0);
      peaks[at] = Math.max(peaks[at] ?? 0, this.#peaks[i] ?? 0);
    }
    return { events, peaks };
  }
}
