import type { Row, Rows } from '../src/panelApi/protocol.ts';

const maxInFlight = 2;
/** The host gives no more in one answer. */
const maxPull = 500;
/** Rows fetched beyond the window on one side, as soon as fewer than half of them are there. */
const ahead = 120;
const maxRows = 4000;
/** Rows this near to the window stay when the cache is cut. */
const keepAround = 1500;
const retryMs = 1000;

interface Range {
  from: number;
  to: number;
}

/**
 * The rows the panel knows, by their index in the list, and the pulling of those it lacks: what is in view at once and by
 * itself, what lies around it then. Bounded: what is far from the window goes first, the host has it still.
 */
export class RowCache {
  /** null: the host was asked and hasn't got it any more. */
  #rows = new Map<number, Row | null>();
  #inFlight = new Set<Range>();
  #generation = 0;
  #centre = 0;
  readonly #fetch: (range: Range) => Promise<Rows | null>;
  readonly #onDidChange: () => void;

  constructor(fetch: (range: Range) => Promise<Rows | null>, onDidChange: () => void) {
    this.#fetch = fetch;
    this.#onDidChange = onDidChange;
  }

  get(index: number): Row | null | undefined {
    return this.#rows.get(index);
  }

  put({ from, rows }: Rows): void {
    for (const [at, row] of rows.entries()) this.#rows.set(from + at, row);
    this.#trim();
  }

  clear(): void {
    this.#generation++;
    this.#rows.clear();
    this.#inFlight.clear();
  }

  /** The view shows [from, to) of the available [first, next): pulls what is missing of it, at once. */
  want(from: number, to: number, first: number, next: number): void {
    this.#centre = (from + to) / 2;
    this.#pullMissing(Math.max(from, first), Math.min(to, next));
  }

  /** Pulls what lies around [from, to), where nothing more urgent is under way, so that reading on meets no gap. */
  wantAround(from: number, to: number, first: number, next: number): void {
    if (this.#inFlight.size > 0) return;
    const below = Math.min(to + ahead, next);
    const above = Math.max(from - ahead, first);
    if (this.#lacks(to, Math.min(below, to + ahead / 2))) this.#pullMissing(to, below);
    else if (this.#lacks(Math.max(above, from - ahead / 2), from)) this.#pullMissing(above, from);
  }

  #lacks(from: number, to: number): boolean {
    for (let index = from; index < to; index++) if (!this.#rows.has(index)) return true;
    return false;
  }

  /** One pull for all that is neither there nor on its way. */
  #pullMissing(from: number, to: number): void {
    if (this.#inFlight.size >= maxInFlight) return;
    const onTheirWay = [...this.#inFlight];
    const missing: number[] = [];
    for (let index = from; index < to; index++) {
      if (this.#rows.has(index) || onTheirWay.some((range) => index >= range.from && index < range.to))
        continue;
      missing.push(index);
    }
    const [start, end] = [missing[0], missing.at(-1)];
    if (start === undefined || end === undefined) return;
    void this.#pull({ from: start, to: Math.min(end + 1, start + maxPull) });
  }

  async #pull(range: Range): Promise<void> {
    const generation = this.#generation;
    this.#inFlight.add(range);
    try {
      const answer = await this.#fetch({ ...range });
      // Nothing is the answer where the list is another one by now, which an update is about to say.
      if (generation !== this.#generation || !answer) return;
      this.put(answer);
      for (let index = range.from; index < range.to; index++) {
        if (!this.#rows.has(index)) this.#rows.set(index, null);
      }
    } catch {
      // The host was slow or is restarting. The range counts as in flight for a while, so that a host in
      // trouble isn't asked once a frame.
      await new Promise((resolve) => setTimeout(resolve, retryMs));
      if (generation !== this.#generation) return;
    }
    this.#inFlight.delete(range);
    this.#onDidChange();
  }

  #trim(): void {
    if (this.#rows.size <= maxRows) return;
    for (const index of this.#rows.keys()) {
      if (Math.abs(index - this.#centre) > keepAround) this.#rows.delete(index);
    }
  }
}
