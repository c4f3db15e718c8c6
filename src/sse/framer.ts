// Chunks -> blocks, at every chunking alike. A block is everything up to and including the blank line that ends it
// (WHATWG HTML 9.2.5, "event stream"); a comment line ahead of the first field is a block of its own, so that a
// heartbeat of one line shows at once. Blocks keep their exact wire bytes; what they mean is the decoder's business.
import { Blocks, LF, Terminators } from './blocks.ts';

const noBytes = new Uint8Array(0);
const bom = [0xef, 0xbb, 0xbf];

/** Bytes a block may have, its blank line included, before it is dropped. */
export const maxBlockBytes = 16 * 1024 * 1024;
/** Lines a block may have: each costs the decoder memory of its own. */
export const maxBlockLines = 262_144;

/** A longer buffer is given up after the block that needed it. */
const maxKeptBytes = 2 * 1024 * 1024;

/** Room that the buffer begins with. */
const leastRoom = 512;

/** The chunks of the body that a block came in. */
export interface ChunkMarks {
  /** Where in the block each chunk but the first began, in bytes; at most `mostMarks` of them. */
  offsets: readonly number[];
  /** How many chunks there were. */
  count: number;
}
/** Chunk boundaries kept of one block. */
export const mostMarks = 1_000;

/** Whole blocks that lie side by side in one buffer. All of it is valid during the call, copy to keep. */
export interface Run {
  bytes: Uint8Array;
  /** Where `bytes` begins in the body. */
  at: number;
  /** Where the first block begins in `bytes`. */
  start: number;
  /** At least one. */
  blocks: Blocks;
  /** Of the first block, where that came in several chunks. */
  chunks: ChunkMarks | undefined;
}

export interface FramerSink {
  run(run: Run): void;
  /** A block passed a bound and was dropped up to its blank line. */
  dropped(what: { bytes: number; bound: 'bytes' | 'lines' }): void;
  /** The LF of a CRLF whose CR ended the block before, which has left already. */
  lineFeed(isNewChunk: boolean): void;
}

/**
 * Cuts one response body into blocks. One instance an attempt. Every chunk is copied into one buffer that lasts: the copy
 * costs less than looking at each through arrays of its own, and a few bytes keep no socket buffer alive.
 */
export class Framer {
  readonly #sink: FramerSink;
  readonly #maxBytes: number;
  readonly #maxLines: number;
  /** Between chunks its first `#used` bytes are the block that has begun but not ended. */
  #bytes: Uint8Array = noBytes;
  #used = 0;
  /** Where the buffer begins in the body. */
  #at = 0;
  readonly #blocks = new Blocks();
  readonly #terminators = new Terminators();
  /** Where in the block that has begun later chunks began, and how many did. */
  #marks: number[] = [];
  #laterChunks = 0;
  /** That block is past a bound: its bytes are given up. */
  #dropping: 'bytes' | 'lines' | undefined;
  /** Up to three bytes held back until it is clear whether they are a byte order mark. */
  #start: Uint8Array[] | undefined = [];

  constructor(sink: FramerSink, limits: { maxBytes?: number; maxLines?: number } = {}) {
    this.#sink = sink;
    this.#maxBytes = limits.maxBytes ?? maxBlockBytes;
    this.#maxLines = limits.maxLines ?? maxBlockLines;
  }

  push(chunk: Uint8Array): void {
    if (this.#start) {
      this.#pushStart(this.#start, chunk);
      return;
    }
    // In pieces that hold no block past a bound: such a one always spans pieces, and only those are measured.
    const piece = Math.min(this.#maxBytes, this.#maxLines);
    for (let at = 0; at < chunk.length; at += piece) {
      this.#scan(chunk.length <= piece ? chunk : chunk.subarray(at, at + piece), at === 0);
    }
  }

  /** The block that the end of the stream cut off, and where it begins in the body. The specification discards what it would dispatch. */
  end(): { bytes: Uint8Array; at: number } {
    const start = this.#start;
    this.#start = undefined;
    for (const chunk of start ?? []) this.push(chunk);
    // Below 0 while a block is being dropped.
    const begin = this.#blocks.start;
    if (this.#dropping) this.#sink.dropped({ bytes: -begin, bound: this.#dropping });
    return { bytes: this.#bytes.subarray(0, this.#used), at: this.#at + begin };
  }

  // "Streams must be decoded using the UTF-8 decode algorithm", which strips one leading byte order mark.
  #pushStart(held: Uint8Array[], chunk: Uint8Array): void {
    const before = held.flatMap((bytes) => [...bytes]);
    const start = [...before, ...chunk.subarray(0, bom.length - before.length)];
    const matches = start.every((byte, i) => byte === bom[i]);
    if (matches && start.length < bom.length) {
      held.push(chunk.slice());
      return;
    }
    this.#start = undefined;
    if (matches) this.#at = bom.length;
    else for (const bytes of held) this.push(bytes);
    this.push(matches ? chunk.subarray(bom.length - before.length) : chunk);
  }

  #scan(chunk: Uint8Array, isNewChunk: boolean): void {
    const blocks = this.#blocks;
    const before = this.#used;
    const hasBegun = before > 0 || this.#dropping !== undefined;
    if (hasBegun && isNewChunk) this.#mark(before);
    this.#append(chunk);
    if (blocks.endsInCr && chunk[0] === LF) {
      blocks.skip();
      if (!hasBegun) this.#sink.lineFeed(isNewChunk);
    }
    const { start } = blocks;
    this.#terminators.lookAt(this.#bytes, chunk, before);
    blocks.scan(this.#bytes, this.#used, this.#terminators);
    if (blocks.count > 0) this.#emit(start);
    this.#dropping ??= this.#boundPassed(this.#used - blocks.start, blocks.lines);
    this.#giveUp(this.#dropping ? this.#used : blocks.start);
  }

  #emit(start: number): void {
    const blocks = this.#blocks;
    const size = (blocks.ends[0] as number) - start;
    const bound = this.#dropping ?? this.#boundPassed(size, blocks.firstLines);
    let chunks: ChunkMarks | undefined;
    if (this.#laterChunks > 0) {
      if (!bound) chunks = { offsets: this.#marks, count: 1 + this.#laterChunks };
      this.#marks = [];
      this.#laterChunks = 0;
    }
    let from = start;
    if (bound) {
      from += size;
      this.#dropping = undefined;
      this.#sink.dropped({ bytes: size, bound });
      blocks.removeFirst();
    }
    if (blocks.count > 0) this.#sink.run({ bytes: this.#bytes, at: this.#at, start: from, blocks, chunks });
  }

  #boundPassed(bytes: number, lines: number): 'bytes' | 'lines' | undefined {
    return bytes > this.#maxBytes ? 'bytes' : lines > this.#maxLines ? 'lines' : undefined;
  }

  #mark(at: number): void {
    this.#laterChunks++;
    if (this.#marks.length < mostMarks) this.#marks.push(at);
  }

  #append(chunk: Uint8Array): void {
    const size = this.#used + chunk.length;
    if (size > this.#bytes.length) {
      const room = Math.max(size, Math.min(2 * this.#bytes.length, this.#maxBytes), leastRoom);
      this.#bytes = copied(this.#bytes, this.#used, room);
    }
    this.#bytes.set(chunk, this.#used);
    this.#used = size;
  }

  /** The first bytes of the buffer go. */
  #giveUp(count: number): void {
    if (count === 0) return;
    this.#bytes.copyWithin(0, count, this.#used);
    this.#used -= count;
    this.#at += count;
    this.#blocks.shift(count);
    if (this.#bytes.length > maxKeptBytes && this.#used < maxKeptBytes)
      this.#bytes = copied(this.#bytes, this.#used, this.#used);
  }
}

function copied(bytes: Uint8Array, used: number, room: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(room);
  copy.set(bytes.subarray(0, used));
  return copy;
}
