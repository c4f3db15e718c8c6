import type { Capture } from '../capture.ts';
import type { SegmentView } from '../segment.ts';
import { Batcher } from './batcher.ts';
import type { Filter } from './filter.ts';
import { Match, MatchError, type Matcher } from './matcher.ts';
import { type DescribeStep, RecordFilter } from './recordFilter.ts';

/** How long everything else waits for a slice of a scan, in milliseconds. */
const sliceMs = 8;
/** Records and bytes between two looks at the clock. */
const strideRecords = 256;
const strideBytes = 65_536;
/** To catch up with fewer records is nothing to be told of. */
const longScan = 10_000;

export interface ScanPorts {
  /** Resolves when everything else has had its turn. */
  pause(): Promise<void>;
  /** Monotonic milliseconds. */
  monotonic(): number;
  describe: DescribeStep;
  matcher: Pick<Matcher, 'test'>;
}

/** What ended a scan before its end. `number`: of the event that was under work, 0 where it was none. */
export interface ScanFailure {
  why: MatchError['why'];
  number: number;
}

/**
 * The records of a capture that match a filter, by an index that never changes for a record: the oldest leave at the
 * front as the capture evicts them. Scans in slices when it is told to, from where it was.
 */
export class FilteredView {
  readonly #capture: Capture;
  readonly #ports: ScanPorts;
  readonly #records: RecordFilter;
  /** Positions of what matches, ascending. Before `#head` they were evicted. */
  #positions = new Float64Array(1_024);
  #head = 0;
  #count = 0;
  /** Index of what stands at `#head`. */
  #first = 0;
  /** Records before this position are decided on. */
  #scanned: number;
  #scan: { from: number; to: number } | undefined;
  /** What was there at first has been looked through. */
  #isThrough = false;
  #wanted = false;
  #failure: ScanFailure | undefined;
  #tooLarge = 0;

  constructor(capture: Capture, filter: Filter, ports: ScanPorts) {
    this.#capture = capture;
    this.#ports = ports;
    this.#records = new RecordFilter(filter, capture, ports.describe);
    this.#scanned = capture.first;
  }

  /** The oldest index that is still there. */
  get first(): number {
    this.#evict();
    return this.#first;
  }

  /** The index that the next match will have. */
  get next(): number {
    return this.#first + this.#count - this.#head;
  }

  /** Records before this position are decided on. */
  get scanned(): number {
    return this.#scanned;
  }

  /** From 0 to 1 while what was there at first is looked through, or as much later on. */
  get progress(): number | undefined {
    if (!this.#scan) return undefined;
    const { from, to } = this.#scan;
    return this.#isThrough && to - from < longScan
      ? undefined
      : Math.min(1, (this.#scanned - from) / (to - from));
  }

  get failure(): ScanFailure | undefined {
    return this.#failure;
  }

  /** Records that nobody looked into: they have too much data. */
  get tooLarge(): number {
    return this.#tooLarge;
  }

  /** The positions of all matches there are now, ascending. */
  positions(): Float64Array {
    this.#evict();
    return this.#positions.slice(this.#head, this.#count);
  }

  positionAt(index: number): number | undefined {
    return index < this.first || index >= this.next
      ? undefined
      : this.#positions[this.#head + index - this.#first];
  }

  /** The index of the first match at or behind a position. */
  indexOf(position: number): number {
    this.#evict();
    let low = this.#head;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#positions[middle] as number) < position) low = middle + 1;
      else high = middle;
    }
    return this.#first + low - this.#head;
  }

  /** Goes on to the newest record; a little at once, the rest in slices. Nothing after a failure. */
  catchUp(): void {
    this.#wanted = true;
    if (!this.#scan && !this.#failure && this.#scanned < this.#capture.next) void this.#run();
  }

  /** Ends the scan with its slice. */
  rest(): void {
    this.#wanted = false;
  }

  async #run(): Promise<void> {
    const capture = this.#capture;
    this.#scan = { from: this.#scanned, to: capture.next };
    while (this.#wanted && !this.#failure && this.#scanned < capture.next) {
      if (this.#records.slowTerms.length > 0) await this.#batch();
      else this.#scanned = this.#slice((segment, i) => this.#add(segment.first + i));
      if (this.#scanned < capture.next) await this.#ports.pause();
    }
    this.#scan = undefined;
    this.#isThrough ||= this.#scanned >= capture.next;
  }

  /** A slice whose matches the matcher decides on. */
  async #batch(): Promise<void> {
    const batcher = new Batcher(this.#ports.describe);
    const end = this.#slice((segment, i) => batcher.add(segment, i));
    const { positions } = batcher;
    try {
      const found =
        positions.length === 0
          ? []
          : await this.#ports.matcher.test(this.#records.slowTerms, batcher.batch());
      for (const [at, position] of positions.entries()) {
        if (found[at] === Match.yes) this.#add(position);
        else if (found[at] === Match.tooLarge) this.#tooLarge++;
      }
      this.#scanned = end;
    } catch (error) {
      const { why, at } = error instanceof MatchError ? error : new MatchError('failed', 0, { cause: error });
      this.#failure = { why, number: this.#numberOf(positions[at] ?? -1) };
    }
  }

  /** Looks at records until the time is over or `onPass` has enough. Returns the position to go on at. */
  #slice(onPass: (segment: SegmentView, i: number) => boolean): number {
    const capture = this.#capture;
    const end = this.#ports.monotonic() + sliceMs;
    let position = Math.max(this.#scanned, capture.first);
    for (let segment = capture.segmentAt(position); segment; segment = capture.segmentAt(position)) {
      const { offsets, count, first } = segment;
      let i = position - first;
      while (i < count) {
        const stride = Math.min(count, i + strideRecords);
        const bytes = (offsets[i] as number) + strideBytes;
        for (; i < stride && (offsets[i] as number) < bytes; i++) {
          if (this.#records.passes(segment, i) && onPass(segment, i)) return first + i + 1;
        }
        if (this.#ports.monotonic() >= end) return first + i;
      }
      position = first + count;
    }
    return position;
  }

  /** There is never enough of them. */
  #add(position: number): false {
    if (this.#count === this.#positions.length) {
      const kept = this.#positions.subarray(this.#head);
      const isSparse = this.#head > this.#count / 2;
      this.#positions = new Float64Array(isSparse ? this.#positions.length : this.#count * 2);
      this.#positions.set(kept);
      this.#count = kept.length;
      this.#head = 0;
    }
    this.#positions[this.#count++] = position;
    return false;
  }

  #evict(): void {
    const { first } = this.#capture;
    while (this.#head < this.#count && (this.#positions[this.#head] as number) < first) {
      this.#head++;
      this.#first++;
    }
  }

  #numberOf(position: number): number {
    const record = this.#capture.at(position);
    return record?.kind === 'event' ? record.number : 0;
  }
}
