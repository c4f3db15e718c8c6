import type { Row } from '../src/panelApi/protocol.ts';

const pageSize = 200;
const maxInFlight = 2;
const maxRows = 4000;
/** Rows this near to the window stay when the cache is cut. */
const keepAround = 1500;
const retryMs = 1000;

/**
 * The rows the panel knows, by position, and the pulling of those it lacks. Bounded: what is far from the
 * window goes first, the host has it still.
 */
export class RowCache {
  /** null: the host was asked and hasn't got it any more. */
  #rows = new Map<number, Row | null>();
  #pages = new Set<number>();
  #generation = 0;
  #centre = 0;
  readonly #fetch: (range: { from: number; to: number }) => Promise<Row[]>;
  readonly #onDidChange: () => void;

  constructor(fetch: (range: { from: number; to: number }) => Promise<Row[]>, onDidChange: () => void) {
    this.#fetch = fetch;
    this.#onDidChange = onDidChange;
  }

  get(position: number): Row | null | undefined {
    return this.#rows.get(position);
  }

  put(rows: readonly Row[]): void {
    for (const row of rows) this.#rows.set(row.position, row);
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
    for (let position = Math.max(from, first); position < Math.min(to, next); position++) {
      if (this.#pages.size >= maxInFlight) return;
      if (this.#rows.has(position)) continue;
      const page = Math.floor(position / pageSize);
      if (!this.#pages.has(page)) {
        void this.#pull(page, Math.max(page * pageSize, first), Math.min((page + 1) * pageSize, next));
      }
    }
  }

  async #pull(page: number, from: number, to: number): Promise<void> {
    const generation = this.#generation;
    this.#pages.add(page);
    try {
      const rows = await this.#fetch({ from, to });
      if (generation !== this.#generation) return;
      for (const row of rows) this.#rows.set(row.position, row);
      for (let position = from; position < to; position++) {
        if (!this.#rows.has(position)) this.#rows.set(position, null);
      }
      this.#trim();
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
    for (const position of this.#rows.keys()) {
      if (Math.abs(position - this.#centre) > keepAround) this.#rows.delete(position);
    }
  }
}
