// What every format shares on the way out: which records go, with what masked, and how they leave in pieces that
// are written one after the other, whatever the size of the whole.
import type { Redactor } from '../../base/redaction.ts';
import type { Capture } from '../capture.ts';
import type { CaptureRecord } from '../records.ts';
import { type CaptureInfo, longestTime } from './captureFile.ts';

export interface ExportSource {
  capture: Pick<Capture, 'first' | 'next' | 'at'>;
  info: CaptureInfo;
  /** Epoch milliseconds. */
  exportedAt: number;
  /** Name and version of what writes the file. */
  creator: { name: string; version: string };
  /** The first position, and the one after the last; all there are unless given. */
  from?: number;
  to?: number;
  /** These of them only, ascending. */
  positions?: ArrayLike<number>;
  /** Masks credentials in what was received; without it the bytes leave as they came. */
  redactor?: Pick<Redactor, 'bytes'>;
}

/** The next bytes of the file. */
export interface Piece {
  bytes: Uint8Array;
  /** Records that are done with by then, of `recordsOf(source)`. */
  records: number;
}

/** The records done with so far; a format counts it up. */
export interface Progress {
  records: number;
}

/** A format: the file in parts, one for each record at least: where one brings nothing, an empty part. */
export type Format = (source: ExportSource, progress: Progress) => Iterable<string | Uint8Array>;

const pieceBytes = 64 * 1024;
/** So many events are a few milliseconds of work. */
const pieceParts = 500;
const utf8 = new TextEncoder();

/**
 * A file of that format, in pieces of 64 KiB or one record. Between two pieces the caller may write, pause, or stop:
 * records that are evicted in the meantime are left out, such as come in the meantime don't go along.
 */
export function* exportPieces(given: ExportSource, format: Format): Generator<Piece, void> {
  const from = Math.max(given.from ?? 0, given.capture.first);
  const to = Math.max(from, Math.min(given.to ?? given.capture.next, given.capture.next));
  const progress = { records: 0 };
  let parts: Uint8Array[] = [];
  let size = 0;
  let count = 0;
  const piece = (): Piece => {
    const bytes = joined(parts, size);
    parts = [];
    size = 0;
    count = 0;
    return { bytes, records: progress.records };
  };
  for (const part of format({ ...given, from, to }, progress)) {
    const bytes = typeof part === 'string' ? utf8.encode(part) : part;
    // A part may be a view of the capture's memory, but nothing comes between it and the copy that `joined` makes.
    if (bytes.length > 0) parts.push(bytes);
    size += bytes.length;
    if (++count >= pieceParts || size >= pieceBytes) yield piece();
  }
  yield piece();
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** How many records are to go: what progress is measured by. */
export function recordCount({
  capture,
  from = capture.first,
  to = capture.next,
  positions,
}: ExportSource): number {
  return positions?.length ?? to - from;
}

/**
 * The records that go and are still there; of the first one to the one before `end`, counted among those that go.
 * `progress` says the number of the one that is given.
 */
export function* recordsOf(
  source: ExportSource,
  progress: Progress,
  begin = 0,
  end = recordCount(source),
): Generator<CaptureRecord, void> {
  const { capture, from = capture.first, to = capture.next, positions } = source;
  for (let i = begin; i < end; i++) {
    const position = positions ? (positions[i] as number) : from + i;
    const record = position >= from && position < to ? capture.at(position) : undefined;
    progress.records = i;
    if (record) yield record;
    progress.records = i + 1;
  }
}

/** ISO 8601 in UTC, of any time at all. */
export function isoTime(time: number): string {
  return new Date(Math.min(Math.max(time, -longestTime), longestTime)).toISOString();
}
