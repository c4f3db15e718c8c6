import type { Row, Rows } from '../src/panelApi/protocol.ts';

const pageSize = 200;
const maxInFlight = 2;
const maxRows = 4000;
/** Rows this near to the window stay when the cache is cut. */
const keepAround = 1500;
const retryMs = 1000;

/**
 * The rows the panel knows, by their index in the list, and the pulling of those it lacks. Bounded: what is far from the
 * window goes first, the host has it still.
 */
export class RowCache {
  /** null: the host was asked and hasn't got it any more. */
  #rows = new Map<number, Row | null>();
  #pages = new Set<number>();
  #generation = 0;
  #centre = 0;
  readonly #fetch: (range: { from: number; to: number }) => Promise<Rows | null>;
  readonly #onDidChange: () => void;

  constructor(fetch: (range: { from: number; to: number }) => Promise<Rows | null>, onDidChange: () => void) {
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
    this.#pages.clear();
  }

  /** The view shows [from, to) of the available [first, next): pulls what is missing of it, by pages. */
  want(from: number, to: number, first: number, next: number): void {
    this.#centre = (from + to) / 2;
    for (let index = Math.max(from, first); index < Math.min(to, next); index++) {
      if (this.#pages.size >= maxInFlight) return;
      if (this.#rows.has(index)) continue;
      const page = Math.floor(index / pageSize);
      if (!this.#pages.has(page)) {
        void this.#pull(page, Math.max(page * pageSize, first), Math.min((page + 1) * pageSize, next));
      }
    }
  }

  async #pull(page: number, from: number, to: number): Promise<void> {
    const generation = this.#generation;
    this.#pages.add(page);
    try {
      const answer = await this.#fetch({ from, to });
      // Nothing is the answer where the list is another one by now, which an update is about to say.
      if (generation !== this.#generation || !answer) return;
      this.put(answer);
      for (let index = from; index < to; index++) {
        if (!this.#rows.has(index)) this.#rows.set(index, null);
      }
    } catch {
      // The host was slow or is restarting. The page counts as in flight for a while, so that a host in
      // trouble isn't asked once a frame.
      await new Promise((resolve) => setTimeout(resolve, retryMs));
      if (generation !== this.#generation) return;
    }
    this.#pages.delete(page);
    this.#onDidChange();
  }

  #trim(): void {
    if (this.#rows.size <= maxRows) return;
    for (const index of this.#rows.keys()) {
      if (Math.abs(index - this.#centre) > keepAround) this.#rows.delete(index);
    }
  }
}
