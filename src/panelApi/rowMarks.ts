import type { Range } from '../base/ranges.ts';
import type { Term } from '../capture/filter/filter.ts';
import type { Marks, Matcher } from '../capture/filter/matcher.ts';
import type { CellMarks, Detail, Row } from './protocol.ts';
import { previewText, stepLine } from './view.ts';

const noMarks: Marks = { ranges: [], paths: [] };

/** A text that an expression is tried on, and where what it matches is seen. */
interface Cell {
  name: keyof CellMarks;
  text: string;
  /** Where a place in the text is in what the cell shows. */
  placeOf(offset: number): number;
}

/** Where the filter's regular expressions match in the rows that are shown, and also its JSON paths in a detail. */
export class RowMarks {
  readonly #matcher: Pick<Matcher, 'marks'>;
  /** To find all that these match takes too long, though the first may be found at once: rows are left as they are. */
  #failed: readonly Term[] | undefined;

  constructor(matcher: Pick<Matcher, 'marks'>) {
    this.#matcher = matcher;
  }

  isAskedFor(terms: readonly Term[]): boolean {
    return terms !== this.#failed && terms.some(isRegex);
  }

  /** The same rows, those in which something matches with their `marks`. @param data see `dataOfRows` */
  async fill(rows: Row[], terms: readonly Term[], data: ReadonlyMap<number, string>): Promise<Row[]> {
    if (!this.isAskedFor(terms)) return rows;
    const cells = rows.map((row) => cellsOf(row, data.get(row.position)));
    const texts = cells.flat().map(({ text }) => text);
    if (texts.length === 0) return rows;
    try {
      const found = (await this.#matcher.marks(terms.filter(isRegex), texts)).values();
      return rows.map((row, at) => {
        const marks: CellMarks = {};
        for (const cell of cells[at] ?? []) {
          const ranges = seenIn(cell, found.next().value?.ranges ?? []);
          if (ranges.length > 0) marks[cell.name] = ranges;
        }
        return Object.keys(marks).length === 0 ? row : { ...row, marks };
      });
    } catch {
      this.#failed = terms;
      return rows;
    }
  }

  /** Where something is found in the text of a detail; nowhere if that takes too long. */
  async of(detail: Detail | null, terms: readonly Term[]): Promise<Marks> {
    const slow = terms.filter(({ mode }) => mode !== 'text');
    if (slow.length === 0 || !detail || detail.kind === 'step') return noMarks;
    const text = detail.kind === 'event' ? detail.data : detail.text;
    const [marks = noMarks] = await this.#matcher.marks(slow, [text]).catch(() => []);
    return marks;
  }
}

function isRegex({ mode }: Term): boolean {
  return mode === 'regex';
}

/** Type, id and data of an event each by itself, all of another record as one text. */
function cellsOf(row: Row, data: string | undefined): Cell[] {
  const same = (offset: number) => offset;
  switch (row.kind) {
    case 'event': {
      const own: Cell[] = [
        { name: 'type', text: row.type, placeOf: same },
        { name: 'id', text: row.id, placeOf: same },
      ];
      if (data === undefined) return own;
      return [
        ...own,
        { name: 'text', text: data, placeOf: (offset) => previewText(data.slice(0, offset)).length },
      ];
    }
    case 'comment':
      return [{ name: 'text', text: row.text, placeOf: same }];
    case 'step': {
      const text = stepLine(row);
      const aside = row.text.length + 1;
      return [
        { name: 'text', text, placeOf: (offset) => Math.min(offset, row.text.length) },
        { name: 'aside', text, placeOf: (offset) => Math.max(0, offset - aside) },
      ];
    }
  }
}

function seenIn({ placeOf }: Cell, ranges: readonly Range[]): Range[] {
  return ranges.map(([from, to]): Range => [placeOf(from), placeOf(to)]).filter(([from, to]) => to > from);
}
