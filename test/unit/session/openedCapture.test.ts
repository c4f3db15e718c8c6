import { describe, expect, it } from 'vitest';
import { Capture } from '../../../src/capture/capture.ts';
import { newReader, type ReadableFormat } from '../../../src/capture/formats/detectFormat.ts';
import type { Row } from '../../../src/panelApi/protocol.ts';
import { rowOf, snapshotOf } from '../../../src/panelApi/view.ts';
import { OpenedCapture } from '../../../src/session/openedCapture.ts';

const header =
  '{"kind":"header","format":"sse-capture","version":1,"connection":"orders","method":"POST","url":"https://example.com/","exportedAt":"2026-01-31T09:00:00.000Z","times":true,"first":0,"records":2}\n';
const event =
  '{"kind":"event","number":1,"time":1769850000020,"attempt":3,"type":"price","id":"7","data":"{}"}\n';

function opened(format: ReadableFormat, text: string): OpenedCapture {
  const capture = new Capture();
  const reader = newReader(format, capture);
  reader.push(new TextEncoder().encode(text));
  return new OpenedCapture(capture, reader.end(), 'file.ndjson', 'id');
}

const list = { id: 1, isFiltered: false, first: 0, next: 1 };

function rows(source: OpenedCapture): Row[] {
  const { first, next } = source.capture;
  return Array.from({ length: next - first }, (_, i) => source.capture.at(first + i)).map((record) =>
    rowOf(source, record as NonNullable<typeof record>),
  );
}

describe('OpenedCapture', () => {
  it('is shown as what it was, with no connection behind it', () => {
    const source = opened('ndjson', `${header}${event}{"kind":"end","records":1}\n`);
    expect(snapshotOf(source, list, 0, source.settings.url)).toMatchObject({
      name: 'orders',
      method: 'POST',
      state: { kind: 'recorded', since: 1_769_850_000_020 },
      stateWord: 'Recorded',
      attempts: 3,
      lastEventId: '7',
      hasTimes: true,
    });
    expect(source.notice).toBeUndefined();
  });

  it('says in one sentence where a broken file breaks, and shows what stands before', () => {
    const source = opened('ndjson', `${header}${event}{"kind":"event","number":`);
    expect(source.notice).toMatch(
      /^The file ends in the middle, at line 3 .* What stands before it is shown\.$/,
    );
    expect(rows(source)).toMatchObject([{ kind: 'event', type: 'price' }]);
  });

  it('has no times and no gaps where the file has none', () => {
    const source = opened('sse', 'data: one\n\ndata: two\n\n');
    expect(source).toMatchObject({ name: 'file.ndjson', hasTimes: false });
    const shown = rows(source);
    expect(shown).toMatchObject([{ time: 0 }, { time: 0 }]);
    for (const row of shown) expect(row).not.toHaveProperty('gap');
  });

  it.each([
    ['', /^The file is empty\.$/],
    ['hello', /^The file is no capture/],
    [header.replace('"version":1', '"version":99'), /later version/],
    [`${header}nonsense\n`, /line 2 .*not JSON/],
    [`${header}${event.replace('1769850000020', '"soon"')}`, /field "time" has a value/],
  ])('names what is wrong with %j', (text, notice) => {
    expect(opened('ndjson', text).notice).toMatch(notice);
  });
});
