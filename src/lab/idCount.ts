/** What stood in a stream before it broke off. */
export interface Before {
  /** Events received in all. */
  events: number;
  /** The ids of the last ones, oldest first; an event without an id of its own leaves none. */
  ids: readonly string[];
}

const integer = /^\d{1,15}$/;

/** What the ids of the events after a reconnect tell of those before it, up to the first one that is new. */
export class IdCount {
  readonly #before: Before;
  readonly #seen: ReadonlySet<string>;
  #doubled = 0;
  #next: string | undefined;

  constructor(before: Before) {
    this.#before = before;
    this.#seen = new Set(before.ids);
  }

  /**
   * @param ids of events, empty for one that has none of its own
   * @returns whether a new event has come; what comes behind it isn't counted
   */
  add(ids: readonly string[]): boolean {
    for (const id of ids) {
      if (this.#next !== undefined) break;
      if (this.#seen.has(id)) this.#doubled++;
      // Among events with ids one without can be any.
      else if (id !== '' || this.#seen.size === 0) this.#next = id;
    }
    return this.#next !== undefined;
  }

  /** Events that came again; undefined where no event had an id. */
  get doubled(): number | undefined {
    return this.#before.events === 0 || this.#seen.size > 0 ? this.#doubled : undefined;
  }

  /**
   * Events that never came: the gap between ids that are integers and rose by the same step before. Undefined where
   * the ids can't tell, or no new one has come.
   */
  get missed(): number | undefined {
    if (this.#next === undefined) return undefined;
    if (this.#before.events === 0) return 0;
    const [first, second, last] = [...this.#seen].slice(-3);
    if (![first, second, last, this.#next].every((id) => id !== undefined && integer.test(id)))
      return undefined;
    const step = Number(last) - Number(second);
    if (step <= 0 || Number(second) - Number(first) !== step) return undefined;
    const gap = (Number(this.#next) - Number(last)) / step - 1;
    return gap >= 0 && Number.isInteger(gap) ? gap : undefined;
  }
}
