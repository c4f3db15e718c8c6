import { describe, expect, it } from 'vitest';
import { Capture } from '../../../src/capture/capture.ts';
import { MatchError, type Matcher } from '../../../src/capture/filter/matcher.ts';
import { PathColumn } from '../../../src/panelApi/pathColumn.ts';
import type { Row } from '../../../src/panelApi/protocol.ts';
import { dataOfRows } from '../../../src/panelApi/rowData.ts';
import { matcherInProcess } from '../../support/matcherInProcess.ts';

function captureOf(...data: string[]): Capture {
  const capture = new Capture();
  for (const text of data) capture.addEvent(0, 1, 'message', undefined, Buffer.from(`data: ${text}\n\n`));
  capture.addComment(0, 1, 'x');
  return capture;
}

/** As many of a row as the column looks at. */
function rowsOf(capture: Capture): Row[] {
  return Array.from({ length: capture.next }, (_, position) => {
    return { kind: capture.at(position)?.kind, position } as Row;
  });
}

async function columnsOf(column: PathColumn, capture: Capture): Promise<(string | undefined)[]> {
  const all = rowsOf(capture);
  const rows = await column.fill(all, dataOfRows(capture, all));
  return rows.map((row) => (row.kind === 'event' ? row.column : undefined));
}

describe('PathColumn', () => {
  it('shows what the path finds first, and nothing where it finds nothing', async () => {
    const column = new PathColumn(matcherInProcess(), () => {});
    const capture = captureOf('{"a":[1,2]}', 'no JSON', '{"a":[]}', '{"a":[{"b":"c"}]}');
    expect(await columnsOf(column, capture)).toEqual([undefined, undefined, undefined, undefined, undefined]);
    column.path = '$.a[*]';
    const [first, none, empty, nested] = await columnsOf(column, capture);
    expect([first, none, empty]).toEqual(['1', undefined, undefined]);
    expect(JSON.parse(nested ?? '')).toEqual({ b: 'c' });
  });

  it('looks into no block that is too large, and into no more than it may in one go', async () => {
    const column = new PathColumn(matcherInProcess(), () => {});
    column.path = '$.a';
    const large = JSON.stringify({ a: 1, pad: 'x'.repeat(300_000) });
    const half = JSON.stringify({ a: 2, pad: 'x'.repeat(200_000) });
    const columns = await columnsOf(column, captureOf(large, ...Array<string>(25).fill(half)));
    expect(columns[0]).toBeUndefined();
    expect(columns.filter((value) => value === '2')).toHaveLength(20);
  });

  it('gives up a path that is none, or takes too long, until there is another', async () => {
    let asked = 0;
    const matcher: Pick<Matcher, 'values'> = {
      values: (path, texts) => {
        asked++;
        return path === '$.slow'
          ? Promise.reject(new MatchError('slow', 0))
          : matcherInProcess().values(path, texts);
      },
    };
    const failed: string[] = [];
    const column = new PathColumn(matcher, (path) => failed.push(path));
    const capture = captureOf('{"a":1}');
    for (const path of ['$.slow', 'nonsense[']) {
      asked = 0;
      column.path = path;
      expect(await columnsOf(column, capture)).toEqual([undefined, undefined]);
      expect(column.isShown).toBe(false);
      await columnsOf(column, capture);
      expect(asked).toBe(1);
    }
    expect(failed).toEqual(['$.slow', 'nonsense[']);
    column.path = '$.a';
    expect(await columnsOf(column, capture)).toEqual(['1', undefined]);
  });
});
