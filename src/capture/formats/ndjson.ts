// Newline-delimited JSON: the lossless format. One object a line, so that `jq`, `grep` and `head` work on it:
//
//   {"kind":"header","format":"sse-capture","version":1,"connection":"orders","method":"GET","url":"https://...",
//    "exportedAt":"2026-01-31T09:00:00.000Z","times":true,"first":0,"records":3}
//   {"kind":"step","time":1769850000000,"attempt":1,"step":{"step":"open",...}}
//   {"kind":"event","number":1,"time":1769850000020,"attempt":1,"type":"price","id":"7","data":"{\"usd\":1}"}
//   {"kind":"comment","time":1769850001000,"attempt":1,"text":"ping"}
//   {"kind":"end","records":3}
//
// - `times` are epoch milliseconds. `attempt` numbers the HTTP requests from 1, `number` the events. `first` is the
//   position of the first record: so many before it had left the capture, or were left out.
// - `id` is the last event id after the event; `inherited` where the event has none of its own, no `id` where there is
//   none at all.
// - `raw`: the event's exact bytes, where they are something else than `event`, `id` and `data` lines in this
//   order, each with a space after its colon and a line feed at its end. What it says goes before `type` and `data`.
// - `rawBase64`, `idBase64`, `textBase64` stand for bytes that are no UTF-8, and for texts too long for a line.
//   `type`, `id` and `data` are missing beside a `rawBase64` where they would be too long, too.
// - `chunks`: where in the event's bytes each chunk of the body but the first began, where it came in several; at most
//   a thousand, `chunkCount` is how many chunks there were in truth.
// - A file without its `end` was cut off. `records` there may be fewer than in the header: the others were evicted
//   while the file was written.
import type { EventRecord } from '../records.ts';
import { toBase64 } from './base64.ts';
import { type ExportSource, isoTime, type Progress, recordCount, recordsOf } from './source.ts';
import { maskedStep } from './stepSchema.ts';
import { eventOf, maskedBlock, maskedText, plainBlock, utf8Text } from './wire.ts';

export const ndjsonVersion = 1;

/**
 * Bytes that a text may take in a line. A block has 16 MiB at most: as base64, with the id that it inherited, and
 * with `type`, `id` and `data`, it fits into a line of 64 MiB.
 */
const maxTextBytes = 20 * 1024 * 1024;
/** For a step that doesn't fit into a line. */
const maxStepText = 100_000;
const utf8 = new TextEncoder();

export function* ndjson(source: ExportSource, progress: Progress): Generator<string, void> {
  yield ndjsonHeader(source);
  let records = 0;
  for (const record of ndjsonRecords(source, progress)) {
    records++;
    yield record;
  }
  yield line({ kind: 'end', records });
}

/** The line that a file begins with. */
export function ndjsonHeader(source: ExportSource): string {
  const { info, exportedAt, from = 0, positions } = source;
  return line({
    kind: 'header',
    format: 'sse-capture',
    version: ndjsonVersion,
    connection: info.connection,
    method: info.method,
    url: info.url,
    exportedAt: isoTime(exportedAt),
    times: info.hasTimes,
    first: positions ? 0 : from,
    records: recordCount(source),
  });
}

/** A line for each record. */
export function* ndjsonRecords(source: ExportSource, progress: Progress): Generator<string, void> {
  for (const record of recordsOf(source, progress)) {
    const { kind, time, attempt } = record;
    switch (kind) {
      case 'event':
        yield eventLine(record, source);
        break;
      case 'comment':
        yield line({ kind, time, attempt, ...textField('text', maskedText(record.text, source)) });
        break;
      case 'step': {
        const step = maskedStep(record.step, source);
        const whole = line({ kind, time, attempt, step });
        const isLong = utf8.encode(whole).length > maxTextBytes;
        yield isLong
          ? line({ kind, time, attempt, step: JSON.parse(JSON.stringify(step, cutTexts)) })
          : whole;
        break;
      }
    }
  }
}

function eventLine(record: EventRecord, source: ExportSource): string {
  const { kind, number, time, attempt, inheritedId, chunks, chunkCount } = record;
  const block = maskedBlock(record.block, source);
  const { type, data, ownId } = eventOf(block) ?? { type: record.type, data: '', ownId: undefined };
  const raw = utf8Text(block);
  const isPlain = raw === plainBlock({ type, data, ownId });
  const said = { type, ...(ownId === undefined ? {} : { id: ownId }), data };
  const isSaid = fits(type, ownId ?? '', data);
  return line({
    kind,
    number,
    time,
    attempt,
    ...(isSaid ? said : {}),
    ...(inheritedId ? { ...textField('id', maskedText(inheritedId, source)), inherited: true } : {}),
    ...(isPlain && isSaid ? {} : raw === undefined ? { rawBase64: toBase64(block) } : textField('raw', raw)),
    ...(chunkCount > 1 ? { chunks } : {}),
    ...(chunkCount > chunks.length + 1 ? { chunkCount } : {}),
  });
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function textField(name: string, text: string): object {
  return fits(text) ? { [name]: text } : { [`${name}Base64`]: toBase64(utf8.encode(text)) };
}

/** Whether the texts together take at most `maxTextBytes` as JSON in UTF-8. */
function fits(...texts: string[]): boolean {
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  // A character is six bytes at most: `\u0001`.
  return length * 6 <= maxTextBytes || texts.reduce((sum, text) => sum + jsonBytes(text), 0) <= maxTextBytes;
}

/** The bytes of a text in JSON, without its quotes, or a few more. */
function jsonBytes(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20) bytes += 6;
    else if (code === 0x22 || code === 0x5c) bytes += 2;
    else bytes += code < 0x80 ? 1 : 3;
  }
  return bytes;
}

function cutTexts(_: string, value: unknown): unknown {
  return typeof value === 'string' && value.length > maxStepText ? `${value.slice(0, maxStepText)}…` : value;
}
