import type { Matcher } from '../capture/filter/matcher.ts';
import type { Row } from './protocol.ts';

const mostCharacters = 300;

/** The user's own column: what a JSON path finds first in an event's data. */
export class PathColumn {
  readonly #matcher: Pick<Matcher, 'values'>;
  readonly #onFailed: (path: string) => void;
  #path = '';
  /** The path takes too long, or is none: rows are left as they are until there is another. */
  #failed = false;

  /** @param onFailed called once for a path that is given up */
  constructor(matcher: Pick<Matcher, 'values'>, onFailed: (path: string) => void) {
    this.#matcher = matcher;
    this.#onFailed = onFailed;
  }

  get path(): string {
    return this.#path;
  }

  set path(path: string) {
    this.#failed = false;
    this.#path = path;
  }

  get isShown(): boolean {
    return this.#path !== '' && !this.#failed;
  }

  /** The same rows, those of events with their `column`. @param data see `dataOfRows` */
  async fill(rows: Row[], data: ReadonlyMap<number, string>): Promise<Row[]> {
    const path = this.#path;
    if (!this.isShown || data.size === 0) return rows;
    let values: (string | undefined)[];
    try {
      values = await this.#matcher.values(path, [...data.values()]);
    } catch {
      if (path === this.#path && !this.#failed) {
        this.#failed = true;
        this.#onFailed(path);
      }
      return rows;
    }
    const columns = new Map([...data.keys()].map((position, index) => [position, values[index]]));
    return rows.map((row) => {
      const column = columns.get(row.position);
      return row.kind === 'event' && column !== undefined
        ? { ...row, column: column.slice(0, mostCharacters).toWellFormed() }
        : row;
    });
  }
}
