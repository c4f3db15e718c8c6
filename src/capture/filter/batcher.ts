import { Kind, type SegmentView } from '../segment.ts';
import type { Batch } from './matcher.ts';
import { blockOf, type DescribeStep, stepLine } from './recordFilter.ts';

const mostBytes = 256 * 1024;
const mostRecords = 4_096;

/** Copies records out of the capture, until there are enough for one batch. */
export class Batcher {
  readonly positions: number[] = [];
  readonly #pieces: Uint8Array[] = [];
  readonly #isEvent: number[] = [];
  readonly #ids = new Map<number, string>();
  readonly #describe: DescribeStep;
  #bytes = 0;

  constructor(describe: DescribeStep) {
    this.#describe = describe;
  }

  /** Returns whether it is enough now. */
  add(segment: SegmentView, i: number): boolean {
    const kind = segment.kinds[i];
    // Copied at the end of the slice, during which nothing is added to the capture.
    const piece =
      kind === Kind.step
        ? new TextEncoder().encode(stepLine(segment, i, this.#describe))
        : blockOf(segment, i);
    const inheritedId = segment.ids.get(segment.first + i);
    if (inheritedId !== undefined) this.#ids.set(this.positions.length, inheritedId);
    this.positions.push(segment.first + i);
    this.#pieces.push(piece);
    this.#isEvent.push(kind === Kind.event ? 1 : 0);
    this.#bytes += piece.length;
    return this.#bytes >= mostBytes || this.positions.length >= mostRecords;
  }

  batch(): Batch {
    const bytes = new Uint8Array(this.#bytes);
    const ends = new Uint32Array(this.#pieces.length);
    let end = 0;
    for (const [at, piece] of this.#pieces.entries()) {
      bytes.set(piece, end);
      end += piece.length;
      ends[at] = end;
    }
    return { bytes, ends, isEvent: Uint8Array.from(this.#isEvent), ids: this.#ids };
  }
}
