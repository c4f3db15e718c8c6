/** So many origins are asked about at a time, and so many are remembered. */
const mostPending = 8;
const mostKnown = 100;

/** Which pages may use a loopback server: the user is asked about each origin once. */
export class OriginAsks {
  readonly #ask: (origin: string) => Promise<boolean> | boolean;
  readonly #answers = new Map<string, Promise<boolean>>();
  #pending = 0;

  constructor(ask: (origin: string) => Promise<boolean> | boolean) {
    this.#ask = ask;
  }

  /** Whether a page of that origin may. "null" is the origin of many, so nobody can be asked about it. Never rejects. */
  async allows(origin: string): Promise<boolean> {
    const known = this.#answers.get(origin);
    if (known) return known;
    const { protocol, origin: exact } = URL.parse(origin) ?? {};
    if ((protocol !== 'http:' && protocol !== 'https:') || exact !== origin) return false;
    if (this.#pending >= mostPending || this.#answers.size >= mostKnown) return false;
    const answer = this.#answer(origin);
    this.#answers.set(origin, answer);
    return answer;
  }

  async #answer(origin: string): Promise<boolean> {
    this.#pending++;
    try {
      return await this.#ask(origin);
    } catch {
      return false;
    } finally {
      this.#pending--;
    }
  }
}
