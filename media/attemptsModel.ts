import type { AttemptList, AttemptRow, ExchangeView } from '../src/panelApi/attemptMessages.ts';

export interface ExchangeState {
  attempt: number;
  revision: number;
  /** `none`: the host knows nothing of it, or nothing yet. */
  status: 'loading' | 'ready' | 'none' | 'failed';
  /** While loading: what was known of it before. */
  value?: ExchangeView;
}

/** What the Request tab shows: the attempts as the host told them, the chosen one, and its exchange. */
export class AttemptsModel {
  #list: AttemptList | undefined;
  #chosen: number | undefined;
  #exchange: ExchangeState | undefined;
  #inFlight = false;
  readonly #fetch: (at: { attempt: number }) => Promise<ExchangeView | null>;
  readonly #onDidChange: () => void;

  constructor(fetch: (at: { attempt: number }) => Promise<ExchangeView | null>, onDidChange: () => void) {
    this.#fetch = fetch;
    this.#onDidChange = onDidChange;
  }

  /** Newest first; undefined before the host said anything. */
  get rows(): readonly AttemptRow[] | undefined {
    return this.#list?.rows;
  }

  get older(): number {
    return this.#list?.older ?? 0;
  }

  /** The newest one while none was chosen. */
  get selected(): AttemptRow | undefined {
    const rows = this.rows ?? [];
    return rows.find(({ attempt }) => attempt === this.#chosen) ?? rows[0];
  }

  get followsNewest(): boolean {
    return this.#chosen === undefined;
  }

  get exchange(): ExchangeState | undefined {
    return this.#exchange;
  }

  receive(list: AttemptList): void {
    if (list.capture !== this.#list?.capture) this.#chosen = undefined;
    this.#list = merged(this.#list, list);
    if (!this.#list.rows.some(({ attempt }) => attempt === this.#chosen)) this.#chosen = undefined;
    this.#changed();
  }

  /** Undefined goes on with the newest one. */
  select(attempt: number | undefined): void {
    this.#chosen = attempt;
    this.#changed();
  }

  retry(): void {
    this.#exchange = undefined;
    this.#changed();
  }

  #changed(): void {
    this.#onDidChange();
    void this.#load();
  }

  /** One request at a time: what is asked for then is what is selected by then. */
  async #load(): Promise<void> {
    while (!this.#inFlight) {
      const row = this.selected;
      const known = this.#exchange;
      if (!row || (known?.attempt === row.attempt && known.revision === row.revision)) return;
      const { attempt, revision } = row;
      const value = known?.attempt === attempt && known.value ? { value: known.value } : {};
      this.#exchange = { attempt, revision, status: 'loading', ...value };
      this.#inFlight = true;
      const loaded = await this.#fetch({ attempt }).then(
        (answer): ExchangeState =>
          answer
            ? { attempt, revision, status: 'ready', value: answer }
            : { attempt, revision, status: 'none' },
        (): ExchangeState => ({ attempt, revision, status: 'failed' }),
      );
      this.#inFlight = false;
      this.#exchange = loaded;
      this.#onDidChange();
    }
  }
}

function merged(known: AttemptList | undefined, told: AttemptList): AttemptList {
  if (told.whole || !known || known.capture !== told.capture) return told;
  const changed = new Map(told.rows.map((row) => [row.attempt, row]));
  return { ...known, rows: known.rows.map((row) => changed.get(row.attempt) ?? row) };
}
