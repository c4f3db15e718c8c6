import type { Disposable } from '../base/disposables.ts';
import { type Filter, isNoFilter, isSameFilter, noFilter, type Term } from '../capture/filter/filter.ts';
import { FilteredView, type ScanFailure, type ScanPorts } from '../capture/filter/filteredView.ts';
import type { Matcher, TermProblem } from '../capture/filter/matcher.ts';
import type { CaptureSource } from '../session/captureSource.ts';
import { describeStep } from '../session/describe.ts';
import type { ListView, Place, Row, Rows } from './protocol.ts';
import { rowOf, stepLine } from './view.ts';

/** A row pull never brings more. */
const maxRows = 500;

export interface ListPorts extends Omit<ScanPorts, 'describe' | 'matcher'> {
  matcher: Matcher;
}

/** What a panel's list shows of a capture: the records that match its filter, all of them without one. */
export class RecordList implements Disposable {
  readonly #source: CaptureSource;
  readonly #ports: ListPorts;
  #filter = noFilter;
  #id = 1;
  /** None without a filter: then an index is a position. */
  #matches: FilteredView | undefined;
  #asked = 0;

  constructor(source: CaptureSource, ports: ListPorts) {
    this.#source = source;
    this.#ports = ports;
  }

  get view(): ListView {
    const { first, next } = this.#matches ?? this.#source.capture;
    const { progress, failure, tooLarge = 0 } = this.#matches ?? {};
    return {
      id: this.#id,
      isFiltered: this.#matches !== undefined,
      first,
      next,
      ...(progress === undefined ? {} : { progress }),
      ...(failure === undefined ? {} : { problem: this.#problem(failure) }),
      ...(tooLarge === 0 ? {} : { tooLarge }),
    };
  }

  /** What it looks for: the same array as long as it is the same list. */
  get terms(): readonly Term[] {
    return this.#filter.terms;
  }

  /** The positions of what the filter has found so far, ascending; undefined without a filter. */
  positions(): Float64Array | undefined {
    return this.#matches?.positions();
  }

  /** Begins a list of what matches, unless a term is wrong: then it says so, and goes on with the list it has. */
  async show(filter: Filter): Promise<TermProblem | null> {
    const asked = ++this.#asked;
    const needsCheck = filter.terms.some(({ mode, text }) => mode !== 'text' && text !== '');
    const problem = needsCheck ? await this.#ports.matcher.check(filter.terms) : undefined;
    // Somebody typed on while this one was checked.
    if (asked !== this.#asked) return null;
    if (problem) return problem;
    const wanted = { ...filter, terms: filter.terms.filter(({ text }) => text !== '') };
    if (isSameFilter(wanted, this.#filter)) return null;
    this.#matches?.rest();
    this.#filter = wanted;
    this.#id++;
    this.#matches = isNoFilter(wanted) ? undefined : this.#scan(wanted);
    this.catchUp();
    return null;
  }

  /** Looks at what came since, for as long as there is something. */
  catchUp(): void {
    this.#matches?.catchUp();
  }

  /** Nobody looks: nothing is looked through until the next `catchUp`. */
  rest(): void {
    this.#matches?.rest();
  }

  rows(list: number, from: number, to: number): Rows | null {
    return list === this.#id ? this.#range(from, Math.min(to, from + maxRows)) : null;
  }

  /** The newest ones. */
  tail(count: number): Rows {
    const { next } = this.view;
    return this.#range(next - count, next);
  }

  place(list: number, position: number): Place | null {
    if (list !== this.#id) return null;
    const { capture } = this.#source;
    const matches = this.#matches;
    if (!matches) {
      const index = Math.max(capture.first, Math.min(position, capture.next));
      return { index, isThere: index === position && position < capture.next, isDecided: true };
    }
    const index = matches.indexOf(position);
    const isDecided = position < matches.scanned || matches.failure !== undefined;
    return { index, isThere: matches.positionAt(index) === position, isDecided };
  }

  dispose(): void {
    this.#asked++;
    this.rest();
  }

  #scan(filter: Filter): FilteredView {
    return new FilteredView(this.#source.capture, filter, {
      pause: () => this.#ports.pause(),
      monotonic: () => this.#ports.monotonic(),
      matcher: this.#ports.matcher,
      describe: (step, attempt) => stepLine(describeStep(step, attempt)),
    });
  }

  #range(from: number, to: number): Rows {
    const { first, next } = this.view;
    const start = Math.max(first, from);
    const rows: Row[] = [];
    for (let index = start; index < Math.min(to, next); index++) {
      const record = this.#source.capture.at(this.#matches?.positionAt(index) ?? index);
      if (record) rows.push(rowOf(this.#source, record));
    }
    return { from: start, rows };
  }

  #problem({ why, number }: ScanFailure): string {
    const modes = this.#filter.terms.map(({ mode }) => mode);
    const what = modes.includes('regex') ? 'regular expression' : 'JSON path';
    const where = number > 0 ? ` on event #${number.toLocaleString('en')}` : '';
    switch (why) {
      case 'slow':
        return `This ${what} takes too long${where}: what is shown matched before it. Make it simpler to see all.`;
      case 'memory':
        return `This ${what} needs too much memory${where}: what is shown matched before it. Make it simpler to see all.`;
      case 'failed':
        return 'The filter could not go on: what is shown matched before. Clear it and type it again.';
    }
  }
}
