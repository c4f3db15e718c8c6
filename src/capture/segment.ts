import type { EventBatch } from '../sse/eventBatch.ts';
import type { ChunkMarks } from '../sse/framer.ts';

export const Kind = { event: 0, comment: 1, step: 2 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** Records side by side, as they lie: for what looks through all of them. Valid until the next one is added. */
export type SegmentView = Readonly<
  Pick<Segment, 'first' | 'count' | 'bytes' | 'kinds' | 'offsets' | 'types' | 'attempts' | 'numbers' | 'ids'>
>;

const segmentRecords = 2_048;
const segmentBytes = 1024 * 1024;

/** A stretch of a capture: its records' bytes side by side, and what is known of each in columns. */
export class Segment {
  readonly first: number;
  count = 0;
  used = 0;
  bytes: Uint8Array;
  kinds: Uint8Array;
  times: Float64Array;
  offsets: Uint32Array;
  types: Uint16Array;
  attempts: Uint32Array;
  /** For an event its number, for another record the number of the last event before it. */
  numbers: Uint32Array;
  /** Strings that aren't in the bytes: inherited ids. Sparse. */
  readonly ids = new Map<number, string>();
  /** Bytes that `ids` takes beside its entries. */
  #idBytes = 0;
  #lastId = '';
  /** Of events that came in several chunks. Sparse, too. */
  readonly chunks = new Map<number, ChunkMarks>();
  #chunkBytes = 0;

  /** @param records and `bytes`: what there is room for at first */
  constructor(first: number, records: number, bytes: number) {
    this.first = first;
    this.bytes = new Uint8Array(bytes);
    this.kinds = new Uint8Array(records);
    this.times = new Float64Array(records);
    this.offsets = new Uint32Array(records + 1);
    this.types = new Uint16Array(records);
    this.attempts = new Uint32Array(records);
    this.numbers = new Uint32Array(records);
  }

  hasRoom(bytes: number): boolean {
    return this.count < segmentRecords && (this.count === 0 || this.used + bytes <= segmentBytes);
  }

  get cost(): number {
    return this.bytes.length + this.kinds.length * 23 + this.ids.size * 48 + this.#idBytes + this.#chunkBytes;
  }

  add(kind: Kind, time: number, type: number, attempt: number, number: number, bytes: Uint8Array): void {
    const at = this.count;
    if (at === this.kinds.length) this.#growRecords();
    if (this.used + bytes.length > this.bytes.length) this.#growBytes(this.used + bytes.length);
    this.bytes.set(bytes, this.used);
    this.used += bytes.length;
    this.kinds[at] = kind;
    this.times[at] = time;
    this.types[at] = type;
    this.attempts[at] = attempt;
    this.numbers[at] = number;
    this.offsets[at + 1] = this.used;
    this.count++;
  }

  /** How many of the batch's events from that one on, whose block begins at `start`, there is room for. */
  roomFor(batch: EventBatch, from: number, start: number): number {
    const { ends, count } = batch;
    const last = Math.min(count, from + segmentRecords - this.count);
    const end = start + segmentBytes - this.used;
    let to = from + (this.count === 0 ? 1 : 0);
    while (to < last && (ends[to] as number) <= end) to++;
    return to - from;
  }

  /** Appends the batch's events [from, to), the first of which begins at `start`. */
  addEvents(
    batch: EventBatch,
    from: number,
    to: number,
    start: number,
    common: { time: number; attempt: number; number: number },
  ): void {
    const { bytes, ends } = batch;
    const end = ends[to - 1] as number;
    const at = this.count;
    const shift = this.used - start;
    while (at + to - from > this.kinds.length) this.#growRecords();
    if (end + shift > this.bytes.length) this.#growBytes(end + shift);
    this.bytes.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), this.used);
    this.used = end + shift;
    this.count = at + to - from;
    const { kinds, times, attempts, offsets, numbers } = this;
    const { time, attempt, number } = common;
    // A loop: for few records the arrays' own `fill` costs more than what it fills.
    for (let i = at; i < this.count; i++) {
      const added = i - at;
      kinds[i] = Kind.event;
      times[i] = time;
      attempts[i] = attempt;
      numbers[i] = number + added;
      offsets[i + 1] = (ends[from + added] as number) + shift;
    }
  }

  setId(position: number, id: string): void {
    // One that follows itself is the same string.
    if (this.ids.size === 0 || id !== this.#lastId) this.#idBytes += id.length * 2;
    this.#lastId = id;
    this.ids.set(position, id);
  }

  setChunks(position: number, marks: ChunkMarks): void {
    this.#chunkBytes += chunkBytes(marks) - chunkBytes(this.chunks.get(position));
    this.chunks.set(position, marks);
  }

  /** Makes the last record longer by one byte. */
  extend(byte: number): void {
    if (this.used === this.bytes.length) this.#growBytes(this.used + 1);
    this.bytes[this.used++] = byte;
    this.offsets[this.count] = this.used;
  }

  /** Nothing comes behind it any more: room that is left over is given back, where it is worth the copy. */
  seal(): void {
    if (this.used < this.bytes.length * 0.9) this.bytes = this.bytes.slice(0, this.used);
  }

  #growRecords(): void {
    const size = this.kinds.length * 2;
    this.kinds = copyInto(new Uint8Array(size), this.kinds);
    this.times = copyInto(new Float64Array(size), this.times);
    this.types = copyInto(new Uint16Array(size), this.types);
    this.attempts = copyInto(new Uint32Array(size), this.attempts);
    this.numbers = copyInto(new Uint32Array(size), this.numbers);
    this.offsets = copyInto(new Uint32Array(size + 1), this.offsets);
  }

  #growBytes(needed: number): void {
    const size = Math.max(needed, Math.min(this.bytes.length * 2, segmentBytes));
    this.bytes = copyInto(new Uint8Array(size), this.bytes);
  }
}

/** What is paid for the marks of one event, in bytes, about. */
function chunkBytes(marks: ChunkMarks | undefined): number {
  return marks ? 128 + marks.offsets.length * 8 : 0;
}

/**
 * A capture's first one is small: many hold next to nothing. Another will hold about as much as the one before, unless
 * that was filled by a single record.
 */
export function newSegment(before: Segment | undefined, first: number, bytes: number): Segment {
  const records = before?.kinds.length ?? 32;
  const isTypical = before !== undefined && before.count > 1;
  const room = isTypical ? Math.min(before.bytes.length, segmentBytes) : 4_096;
  return new Segment(first, records, Math.max(room, bytes));
}

function copyInto<T extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(to: T, from: T): T {
  to.set(from as never);
  return to;
}
