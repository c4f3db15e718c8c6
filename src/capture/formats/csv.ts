// Comma-separated values (RFC 4180) of the events, for spreadsheets: one line an event, CRLF behind each, under a line
// of names. Comments and steps have other columns; they are in the other formats.
//
// - Begins with a byte order mark: without one Excel takes UTF-8 for the code page of the machine.
// - `time` is ISO 8601 in UTC, `gap ms` counts from the event before in the file, `size` is bytes on the wire.
// - A text that a spreadsheet would run as a formula has an apostrophe in front, which makes it a text there.
import { type ExportSource, isoTime, type Progress, recordsOf } from './source.ts';
import { eventOf, maskedBlock, maskedText } from './wire.ts';

const columns = ['number', 'time', 'gap ms', 'attempt', 'type', 'id', 'size', 'data'];

/** What begins a formula in some spreadsheet, the wide forms of East Asia among it. */
const formulaStart = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

export function* csv(source: ExportSource, progress: Progress): Generator<string, void> {
  const { hasTimes } = source.info;
  yield `\uFEFF${columns.join(',')}\r\n`;
  let before: number | undefined;
  for (const record of recordsOf(source, progress)) {
    if (record.kind !== 'event') {
      yield '';
      continue;
    }
    const { number, time, attempt, inheritedId = '' } = record;
    const block = maskedBlock(record.block, source);
    const event = eventOf(block);
    const id = event?.ownId ?? maskedText(inheritedId, source);
    const gap = before === undefined || !hasTimes ? '' : Math.max(0, time - before);
    const at = hasTimes ? isoTime(time) : '';
    const texts = [text(event?.type ?? record.type), text(id), block.length, text(event?.data ?? '')];
    yield `${[number, at, gap, attempt, ...texts].join(',')}\r\n`;
    before = time;
  }
}

function text(value: string): string {
  const safe = formulaStart.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}
