import type { ListView, Place } from '../src/panelApi/protocol.ts';

export interface Sought {
  position: number;
  /** It is to be shown; otherwise its place is only kept. */
  show: boolean;
  /** The id of a list whose end is waited for. */
  after?: number;
}

/** Finds the place of one record in the list: asks at each update, until the filter has come to it. */
export class PlaceSeeker {
  #sought: Sought | undefined;
  #isAsking = false;
  readonly #ask: (of: { list: number; position: number }) => Promise<Place | null>;
  readonly #onFound: (sought: Sought, place: Place) => void;

  constructor(
    ask: (of: { list: number; position: number }) => Promise<Place | null>,
    onFound: (sought: Sought, place: Place) => void,
  ) {
    this.#ask = ask;
    this.#onFound = onFound;
  }

  get isSeeking(): boolean {
    return this.#sought !== undefined;
  }

  want(sought: Sought): void {
    this.#sought = sought;
  }

  forget(): void {
    this.#sought = undefined;
  }

  /** @param list as it is now, and what it is when the answer comes */
  async seek(list: () => ListView | undefined): Promise<void> {
    const sought = this.#sought;
    const asked = list();
    if (!sought || !asked || this.#isAsking || sought.after === asked.id) return;
    const { position } = sought;
    let place: Place | null = { index: position, isThere: true, isDecided: true };
    if (asked.isFiltered) {
      this.#isAsking = true;
      place = await this.#ask({ list: asked.id, position }).catch(() => null);
      this.#isAsking = false;
    }
    if (sought !== this.#sought || asked.id !== list()?.id || !place?.isDecided) return;
    this.#sought = undefined;
    this.#onFound(sought, place);
  }
}
