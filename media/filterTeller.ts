import type { Filter, TermProblem } from '../src/panelApi/protocol.ts';

/** A pause in typing after which the filter is applied. */
const typingMs = 120;

/** Tells the host what the find bar asks for, and knows what is wrong with it. */
export class FilterTeller {
  #filter: Filter | undefined;
  #problem: TermProblem | undefined;
  readonly #ask: (filter: Filter) => Promise<TermProblem | null>;
  readonly #onDidChange: () => void;

  constructor(ask: (filter: Filter) => Promise<TermProblem | null>, onDidChange: () => void) {
    this.#ask = ask;
    this.#onDidChange = onDidChange;
  }

  /** What is wrong with the filter, which is then not what the list shows. */
  get problem(): TermProblem | undefined {
    return this.#problem;
  }

  /** The last of several counts. Rejects where the host doesn't answer. */
  async tell(filter: Filter): Promise<void> {
    this.#filter = filter;
    const problem = await this.#ask(filter);
    if (filter !== this.#filter) return;
    this.#problem = problem ?? undefined;
    this.#onDidChange();
  }

  /** @param typing whether more is about to come */
  async change(filter: Filter, typing: boolean): Promise<void> {
    this.#filter = filter;
    if (typing) await new Promise((resolve) => setTimeout(resolve, typingMs));
    if (filter !== this.#filter) return;
    try {
      await this.tell(filter);
    } catch {
      this.#problem = { term: 0, message: 'The filter could not be applied. Change it to try again.' };
      this.#onDidChange();
    }
  }
}
