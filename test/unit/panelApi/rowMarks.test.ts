import { describe, expect, it } from 'vitest';
import { Capture } from '../../../src/capture/capture.ts';
import type { Term } from '../../../src/capture/filter/filter.ts';
import { MatchError, type Matcher } from '../../../src/capture/filter/matcher.ts';
import type { Detail, EventRow, Range, Row } from '../../../src/panelApi/protocol.ts';
import { dataOfRows } from '../../../src/panelApi/rowData.ts';
import { RowMarks } from '../../../src/panelApi/rowMarks.ts';
import { previewText } from '../../../src/panelApi/view.ts';
import { matcherInProcess } from '../../support/matcherInProcess.ts';

function captureOf(...data: string[]): Capture {
  const capture = new Capture();
  for (const text of data) {
    const lines = text.split('\n').map((line) => `data: ${line}\n`);
    capture.addEvent(0, 1, 'message', undefined, Buffer.from(`${lines.join('')}\n`));
  }
  return capture;
}

function eventRow(position: number, data: string, change: Partial<EventRow> = {}): EventRow {
  const preview = previewText(data);
  const row = { kind: 'event', position, time: 0, number: 1, id: '', ownId: false, size: 1 } as const;
  return { ...row, type: 'message', preview, ...change };
}

function regex(text: string): Term {
  return { mode: 'regex', text, caseSensitive: false };
}

/** What of each cell is marked, as text. */
function markedIn(row: Row | undefined): Record<string, string[]> {
  const shown = { ...row, text: row?.kind === 'event' ? row.preview : row?.text } as Record<string, unknown>;
  const cells = Object.entries({ ...row?.marks } as Record<string, readonly Range[]>).map(
    ([cell, ranges]) => [cell, ranges.map(([from, to]) => String(shown[cell]).slice(from, to))],
  );
  return Object.fromEntries(cells);
}

async function fill(rows: Row[], terms: readonly Term[], capture = new Capture()): Promise<Row[]> {
  return new RowMarks(matcherInProcess()).fill(rows, terms, dataOfRows(capture, rows));
}

describe('RowMarks', () => {
  it('marks what expressions match in the data as it is, where the preview shows it', async () => {
    const data = ['first  line\n\t second 17\nlast', `${'x'.repeat(298)}1234`, '9'];
    const rows = data.map((text, position) => eventRow(position, text, { type: 'note17', id: '7' }));
    const [lines, long, none] = await fill(
      rows,
      [regex('^last$|E\\s+s'), regex('\\d\\d')],
      captureOf(...data),
    );
    expect(markedIn(lines)).toEqual({ type: ['17'], text: ['e s', '17', 'last'] });
    expect(markedIn(long)).toEqual({ type: ['17'], text: ['12'] });
    expect(markedIn(none)).toEqual({ type: ['17'] });
  });

  it('marks comments, and both halves of a step', async () => {
    const rows: Row[] = [
      { kind: 'comment', position: 0, time: 0, text: 'keep-alive' },
      { kind: 'step', position: 1, time: 0, tone: 'info', icon: 'x', text: 'Open 200', aside: '200 ms' },
      { kind: 'step', position: 2, time: 0, tone: 'info', icon: 'x', text: 'Closed' },
    ];
    const [comment, step, plain] = await fill(rows, [regex('-a|\\d+| 2')]);
    expect(markedIn(comment)).toEqual({ text: ['-a'] });
    expect(markedIn(step)).toEqual({ text: [' 2', '00'], aside: ['2', '00'] });
    expect(plain).toBe(rows[2]);
  });

  it('asks nothing without an expression, and finds nothing in what is empty', async () => {
    const rows = [eventRow(0, 'a')];
    expect(await fill(rows, [{ mode: 'text', text: 'a', caseSensitive: false }], captureOf('a'))).toBe(rows);
    expect((await fill(rows, [regex('b*|$')], captureOf('a')))[0]?.marks).toBeUndefined();
  });

  it('gives up an expression that takes too long, until there is another filter', async () => {
    let asked = 0;
    const matcher: Pick<Matcher, 'marks'> = {
      marks: (terms, texts) => {
        asked++;
        return terms[0]?.text === 'slow'
          ? Promise.reject(new MatchError('slow', 0))
          : matcherInProcess().marks(terms, texts);
      },
    };
    const marks = new RowMarks(matcher);
    const rows = [eventRow(0, 'a')];
    const slow = [regex('slow')];
    const data = dataOfRows(captureOf('a'), rows);
    expect(await marks.fill(rows, slow, data)).toBe(rows);
    expect(await marks.fill(rows, slow, data)).toBe(rows);
    expect(asked).toBe(1);
    expect(marks.isAskedFor(slow)).toBe(false);
    expect(markedIn((await marks.fill(rows, [regex('a')], data))[0])).toMatchObject({
      text: ['a'],
    });
  });

  it('finds in a detail what paths lead to, and what a comparison is about', async () => {
    const data = '{"price":240,"tags":["a","b"],"items":[{"n":1},{"n":5}]}';
    const detail = { kind: 'event', data } as Detail;
    const marks = new RowMarks(matcherInProcess());
    const pathsOf = async (text: string) =>
      (await marks.of(detail, [{ mode: 'path', text, caseSensitive: false }])).paths;
    expect(await pathsOf('$.tags[*]')).toEqual([
      ['tags', 0],
      ['tags', 1],
    ]);
    expect(await pathsOf('$[?@.price > 100]')).toEqual([['price']]);
    expect(await pathsOf('$[?@.price > 100 && length(@.tags) == 2]')).toEqual([['price'], ['tags']]);
    expect(await pathsOf('$.items[?@.n > 1]')).toEqual([['items', 1, 'n']]);
    expect(await pathsOf('$.items[?!@.m]')).toEqual([
      ['items', 0],
      ['items', 1],
    ]);
    expect(await pathsOf('$.tags[?@ == "b"]')).toEqual([['tags', 1]]);
    expect((await marks.of(detail, [regex('\\d{3}')])).ranges).toEqual([[9, 12]]);
    expect(await marks.of(null, [regex('a')])).toEqual({ ranges: [], paths: [] });
  });
});
