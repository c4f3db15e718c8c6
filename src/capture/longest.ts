const most = 10;

/** The longest of what was added, the longest first; of equals those that came first. */
export class Longest<T extends { ms: number }> {
  readonly #items: T[] = [];

  get items(): readonly T[] {
    return this.#items;
  }

  takes(ms: number): boolean {
    return this.#items.length < most || ms > (this.#items.at(-1)?.ms ?? 0);
  }

  add(item: T): void {
    if (!this.takes(item.ms)) return;
    const after = this.#items.findIndex(({ ms }) => ms < item.ms);
    this.#items.splice(after < 0 ? this.#items.length : after, 0, item);
    this.#items.length = Math.min(this.#items.length, most);
  }
}
