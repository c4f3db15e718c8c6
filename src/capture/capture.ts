// The records of one connection, as an arena: bytes side by side in segments with typed arrays of offsets, so
// that a hundred thousand events cost their bytes and little more, and evicting is dropping a segment.
import type { EventBatch } from '../sse/eventBatch.ts';
import { type ChunkMarks, mostMarks } from '../sse/framer.ts';
import type { Step } from '../sse/steps.ts';
import { AttemptLog, type Received } from './attemptLog.ts';
import type { CaptureRecord, Note } from './records.ts';
import { Kind, newSegment, type Segment, type SegmentView } from './segment.ts';
import { Statistics } from './statistics.ts';
import { ownCopy, TypeTable } from './typeTable.ts';

export interface CaptureLimits {
  records: number;
  bytes: number;
}

export const defaultLimits: CaptureLimits = { records: 100_000, bytes: 256 * 1024 * 1024 };

/** A byte order mark is a character here: the stream's own was stripped long before. */
const utf8Text = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bounded by records and bytes; the oldest go first, a segment at a time, and `first` says how many went. */
export class Capture {
  readonly statistics = new Statistics();
  readonly types = new TypeTable();
  readonly attempts = new AttemptLog();
  #limits: CaptureLimits;
  readonly #segments: Segment[] = [];
  #bytes = 0;
  #next = 0;
  #events = 0;
  #comments = 0;
  #eventBytes = 0;
  #cleared = 0;
  /** Records before this position were exported; set by who exports. */
  exportedUpTo = 0;
  readonly #utf8 = new TextEncoder();
  #lastInherited = '';

  readonly #onGrown: () => void;

  /** `onGrown` is called when a segment was added: whoever bounds several captures looks at them then. */
  constructor(limits: CaptureLimits = defaultLimits, onGrown: () => void = () => {}) {
    this.#limits = limits;
    this.#onGrown = onGrown;
  }

  get limits(): CaptureLimits {
    return this.#limits;
  }

  /** What is over the new bounds goes at once. */
  set limits(limits: CaptureLimits) {
    this.#limits = limits;
    this.#evict();
  }

  /** The oldest position that is still there; everything before it was evicted. */
  get first(): number {
    return this.#segments[0]?.first ?? this.#next;
  }

  /** The position that the next record will have. */
  get next(): number {
    return this.#next;
  }

  /** What stood before this position was given up because the user said so. */
  get cleared(): number {
    return this.#cleared;
  }

  /** Events that would be lost with the records: they are still there and were not exported. */
  get unsaved(): number {
    return this.#events - this.#eventsBefore(Math.max(this.first, this.exportedUpTo));
  }

  /** Events received in all, evicted ones included. */
  get events(): number {
    return this.#events;
  }

  /** Events received in all and their bytes on the wire, evicted ones included. */
  get received(): Received {
    return { events: this.#events, bytes: this.#eventBytes };
  }

  /** Comments received in all. What is neither is a step. */
  get comments(): number {
    return this.#comments;
  }

  /** Memory the records take, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * For records that are put in again: so many stood before the first one. Only an empty capture can begin elsewhere
   * than at 0.
   */
  startAt(position: number): void {
    if (this.#next === 0) this.#next = position;
  }

  /** The next event is the one after so many: what stood in between isn't put in. Never goes back. */
  skipTo(events: number): void {
    this.#events = Math.max(this.#events, events);
  }

  addEvent(
    time: number,
    attempt: number,
    type: string,
    inheritedId: string | undefined,
    block: Uint8Array,
    chunks?: ChunkMarks,
  ): void {
    this.addEvents(time, attempt, {
      bytes: block,
      start: 0,
      count: 1,
      ends: [block.length],
      types: [type],
      inheritedIds: [inheritedId || undefined],
      ...(chunks ? { chunks } : {}),
    });
  }

  /** Appends a batch: one copy of its bytes for each segment that they fall into. */
  addEvents(time: number, attempt: number, batch: EventBatch): void {
    const { ends, count, chunks } = batch;
    let start = batch.start;
    this.statistics.addEvents(time, attempt, this.#next, count);
    this.#eventBytes += (ends[count - 1] as number) - start;
    for (let from = 0; from < count; ) {
      const last = this.#segments.at(-1);
      let segment = last;
      let room = last?.roomFor(batch, from, start) ?? 0;
      if (!segment || room === 0) {
        segment = this.#beginSegment((ends[from] as number) - start);
        room = segment.roomFor(batch, from, start);
      } else {
        this.#bytes -= segment.cost;
      }
      const to = from + room;
      const at = segment.count;
      segment.addEvents(batch, from, to, start, { time, attempt, number: this.#events + 1 });
      this.#addNames(segment, at, batch, from, to);
      if (chunks) segment.setChunks(this.#next, chunks);
      this.#bytes += segment.cost;
      this.#events += room;
      this.#next += room;
      if (segment !== last) this.#onGrown();
      from = to;
      start = ends[to - 1] as number;
    }
    this.#evict();
  }

  #addNames(
    segment: Segment,
    at: number,
    { types, inheritedIds }: EventBatch,
    from: number,
    to: number,
  ): void {
    for (let i = from; i < to; ) {
      const type = types[i] as string;
      const first = i;
      while (i < to && types[i] === type) i++;
      segment.types.fill(this.types.count(type, i - first), at + first - from, at + i - from);
    }
    for (let i = from; i < to; i++) {
      const inherited = inheritedIds[i];
      if (inherited === undefined) continue;
      if (inherited !== this.#lastInherited) this.#lastInherited = ownCopy(inherited);
      segment.setId(this.#next + i - from, this.#lastInherited);
    }
  }

  /** The event recorded last ends in a CRLF, of which only the CR had come. Nothing where another record followed it. */
  addLineFeed(isNewChunk: boolean): void {
    const segment = this.#segments.at(-1);
    if (!segment || segment.kinds[segment.count - 1] !== Kind.event) return;
    const { offsets = [], count = 1 } = segment.chunks.get(this.#next - 1) ?? {};
    const at = segment.used - (segment.offsets[segment.count - 1] as number);
    this.#bytes -= segment.cost;
    this.#eventBytes++;
    segment.extend(0x0a);
    if (isNewChunk)
      segment.setChunks(this.#next - 1, {
        offsets: [...offsets, at].slice(0, mostMarks),
        count: count + 1,
      });
    this.#bytes += segment.cost;
  }

  addComment(time: number, attempt: number, text: string): void {
    this.#comments++;
    this.#add(Kind.comment, time, attempt, 0, this.#utf8.encode(text));
    this.#evict();
  }

  addStep(time: number, attempt: number, step: Step | Note): void {
    this.statistics.addStep(time, attempt, this.#next, step);
    this.attempts.add(time, attempt, this.#next, step, this.received);
    this.#add(Kind.step, time, attempt, 0, this.#utf8.encode(JSON.stringify(step)));
    this.#evict();
  }

  /** The record at a position; undefined where it was evicted or isn't there yet. */
  at(position: number): CaptureRecord | undefined {
    const segment = this.#segmentOf(position);
    if (!segment) return undefined;
    const i = position - segment.first;
    const base = { position, time: segment.times[i] as number, attempt: segment.attempts[i] as number };
    const bytes = segment.bytes.subarray(segment.offsets[i], segment.offsets[i + 1]);
    switch (segment.kinds[i]) {
      case Kind.event:
        return {
          ...base,
          kind: 'event',
          number: segment.numbers[i] as number,
          type: this.types.name(segment.types[i] as number),
          inheritedId: segment.ids.get(position),
          block: bytes,
          chunkCount: segment.chunks.get(position)?.count ?? 1,
          chunks: segment.chunks.get(position)?.offsets ?? [],
        };
      case Kind.comment:
        return { ...base, kind: 'comment', text: utf8Text.decode(bytes) };
      default:
        return { ...base, kind: 'step', step: JSON.parse(utf8Text.decode(bytes)) as Step | Note };
    }
  }

  /** The records around a position. */
  segmentAt(position: number): SegmentView | undefined {
    return this.#segmentOf(position);
  }

  /** When the event before this position arrived (epoch milliseconds), if one of the 1,000 records before it is one. */
  previousEventTime(position: number): number | undefined {
    const oldest = Math.max(this.first, position - 1_000);
    for (let p = position - 1; p >= oldest; p--) {
      const segment = this.#segmentOf(p);
      if (!segment) return undefined;
      const i = p - segment.first;
      if (segment.kinds[i] === Kind.event) return segment.times[i];
    }
    return undefined;
  }

  /** The first position that isn't older than `time` (epoch ms), as far as times ascend; `next` where all are older. */
  positionAt(time: number): number {
    return this.#firstWhere((segment, i) => (segment.times[i] as number) >= time);
  }

  /** Where the event of this number is, or the first that is still there after it; `next` where there is none. */
  positionOf(number: number): number {
    return this.#firstWhere((segment, i) => (segment.numbers[i] as number) >= number);
  }

  /** The nearest step behind `position` (before it where `by` is -1) that `matches`. */
  findStep(position: number, by: 1 | -1, matches: (step: Step | Note) => boolean): number | undefined {
    const end = by > 0 ? this.#next : this.first - 1;
    for (let p = Math.min(Math.max(position, this.first - 1), this.#next) + by; p * by < end * by; p += by) {
      const segment = this.#segmentOf(p);
      if (segment?.kinds[p - segment.first] !== Kind.step) continue;
      const record = this.at(p);
      if (record?.kind === 'step' && matches(record.step)) return p;
    }
    return undefined;
  }

  /** By halving: `is` must hold for no record or for the last ones. */
  #firstWhere(is: (segment: Segment, i: number) => boolean): number {
    let low = this.first;
    let high = this.#next;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const segment = this.#segmentOf(middle) as Segment;
      if (is(segment, middle - segment.first)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #add(kind: Kind, time: number, attempt: number, type: number, bytes: Uint8Array): Segment {
    const last = this.#segments.at(-1);
    const segment = last?.hasRoom(bytes.length) ? last : this.#beginSegment(bytes.length);
    const isNew = segment !== last;
    if (!isNew) this.#bytes -= segment.cost;
    segment.add(kind, time, type, attempt, this.#events, bytes);
    this.#bytes += segment.cost;
    this.#next++;
    if (isNew) this.#onGrown();
    return segment;
  }

  /** @param bytes of the first record */
  #beginSegment(bytes: number): Segment {
    const last = this.#segments.at(-1);
    if (last) {
      this.#bytes -= last.cost;
      last.seal();
      this.#bytes += last.cost;
    }
    const segment = newSegment(last, this.#next, bytes);
    this.#segments.push(segment);
    return segment;
  }

  #evict(): void {
    const { records, bytes } = this.#limits;
    while (this.#next - this.first > records || this.#bytes > bytes) if (this.evictOldest() === 0) return;
  }

  /** Gives up the oldest segment. Returns the bytes that frees; 0 where only the segment under work is left. */
  evictOldest(): number {
    if (this.#segments.length < 2) return 0;
    const freed = this.#segments.shift()?.cost ?? 0;
    this.#bytes -= freed;
    return freed;
  }

  /** Gives up every record. Positions and numbers go on. */
  clear(): void {
    this.#segments.length = 0;
    this.#bytes = 0;
    this.#cleared = this.#next;
  }

  /** Events received in all before the record at a position. */
  #eventsBefore(position: number): number {
    const segment = this.#segmentOf(position);
    if (!segment) return this.#events;
    const i = position - segment.first;
    return (segment.numbers[i] as number) - (segment.kinds[i] === Kind.event ? 1 : 0);
  }

  #segmentOf(position: number): Segment | undefined {
    if (position < this.first || position >= this.#next) return undefined;
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#segments[middle] as Segment).first <= position) low = middle;
      else high = middle - 1;
    }
    return this.#segments[low];
  }
}
