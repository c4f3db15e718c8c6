// Chunks -> blocks, at every chunking alike. A block is everything up to and including the blank line that ends it
// (WHATWG HTML 9.2.5, "event stream"); a comment line ahead of the first field is a block of its own, so that a
// heartbeat of one line shows at once. Blocks keep their exact wire bytes; what they mean is the decoder's business.
import { Blocks, COLON, CR, LF, Terminators } from './blocks.ts';

const noBytes = new Uint8Array(0);
const bom = [0xef, 0xbb, 0xbf];

/** Bytes a block may have, its blank line included, before it is dropped. */
export const maxBlockBytes = 16 * 1024 * 1024;
/** Lines a block may have: each costs the decoder memory of its own. */
export const maxBlockLines = 262_144;

/** What is kept of a buffer in which a block was put together. */
const maxKeptBytes = 2 * 1024 * 1024;

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
  /** Of a block that came in several chunks: it is a run by itself. */
  chunks?: ChunkMarks;
}

export interface FramerSink {
  run(run: Run): void;
  /** A block passed a bound and was dropped up to its blank line. */
  dropped(what: { bytes: number; bound: 'bytes' | 'lines' }): void;
  /** The LF of a CRLF whose CR ended the block before, which has left already. */
  lineFeed(isNewChunk: boolean): void;
}

/** Cuts one response body into blocks. One instance an attempt. */
export class Framer {
  readonly #sink: FramerSink;
  readonly #maxBytes: number;
  readonly #maxLines: number;
  /** The block that has begun but not ended: the first `#pendingBytes` of it, unless it is being dropped. */
  #pending: Uint8Array = noBytes;
  #pendingBytes = 0;
  /** The pending block is a comment line: its line terminator ends it. */
  #pendingComment = false;
  /** Where in the pending block later chunks began, and how many did. */
  #marks: number[] = [];
  #laterChunks = 0;
  /** What the scan under work finds; of the pending block what its lines say. */
  readonly #blocks = new Blocks();
  /** The last byte was a CR: an LF now belongs to it. */
  #afterCr = false;
  #dropping: 'bytes' | 'lines' | undefined;
  /** Bytes of the body so far; where the pending block begins in it. */
  #at = 0;
  #pendingAt = 0;
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
    const size = this.#pendingBytes;
    const dropping = this.#dropping;
    const rest = dropping ? noBytes : this.#pending.subarray(0, size);
    this.#forget();
    if (dropping) this.#sink.dropped({ bytes: size, bound: dropping });
    return { bytes: rest, at: size > 0 ? this.#pendingAt : this.#at };
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
    // A platform's own kind of chunk (Node's Buffer) is sliced and read far slower.
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const terminators = new Terminators(chunk, bytes);
    const at = this.#at;
    this.#at += bytes.length;
    const isSplitCrLf = this.#afterCr && bytes[0] === LF;
    this.#afterCr = false;
    let start = isSplitCrLf ? 1 : 0;
    if (this.#pendingBytes > 0) {
      if (isNewChunk) this.#mark();
      // A block that began in an earlier chunk ends in this one, or doesn't.
      start = this.#readPending(bytes, start, terminators);
      if (start < 0) return;
    } else if (isSplitCrLf) {
      this.#sink.lineFeed(isNewChunk);
    }
    if (start === bytes.length) return;
    const blocks = this.#blocks;
    blocks.scan(bytes, start, terminators);
    this.#afterCr = blocks.endsInCr;
    // What has begun stays with `blocks`; the sink is done with it before the next scan.
    if (blocks.count > 0) this.#sink.run({ bytes, at, start, blocks });
    if (blocks.start < bytes.length) this.#hold(bytes.subarray(blocks.start), at + blocks.start);
  }

  /** Looks for the blank line that ends the pending block; returns where the next begins, or -1. */
  #readPending(bytes: Uint8Array, from: number, terminators: Terminators): number {
    const blocks = this.#blocks;
    const before = this.#pendingBytes;
    const lines: number[] = [];
    let end = -1;
    // Below 0 where the line began in an earlier chunk.
    let lineStart = from > 0 ? from : blocks.lineStart - before;
    for (let at = terminators.next(from); at < bytes.length; at = terminators.next(lineStart)) {
      let next = at + 1;
      if (bytes[at] === CR) {
        if (next === bytes.length) this.#afterCr = true;
        else if (bytes[next] === LF) next++;
      }
      const isBlank = at === lineStart;
      if (!isBlank) lines.push(lineStart, at);
      lineStart = next;
      if (isBlank || this.#pendingComment) {
        end = next;
        break;
      }
    }
    blocks.lines += lines.length / 2;
    this.#append(end < 0 ? bytes : bytes.subarray(0, end));
    blocks.lineStart = before + lineStart;
    if (!this.#dropping) {
      for (let i = 0; i < lines.length; i += 2)
        blocks.fields.read(this.#pending, before + (lines[i] as number), before + (lines[i + 1] as number));
    }
    if (end >= 0) this.#finish();
    return end;
  }

  #finish(): void {
    const size = this.#pendingBytes;
    const bytes = this.#pending.subarray(0, size);
    const dropping = this.#dropping;
    const chunks = { offsets: this.#marks, count: 1 + this.#laterChunks };
    this.#forget();
    if (dropping) {
      this.#sink.dropped({ bytes: size, bound: dropping });
      return;
    }
    this.#blocks.only(size);
    const run = { bytes, at: this.#pendingAt, start: 0, blocks: this.#blocks };
    this.#sink.run(chunks.count > 1 ? { ...run, chunks } : run);
  }

  #mark(): void {
    this.#laterChunks++;
    if (this.#marks.length < mostMarks) this.#marks.push(this.#pendingBytes);
  }

  #hold(bytes: Uint8Array, at: number): void {
    const blocks = this.#blocks;
    this.#pendingComment = bytes[0] === COLON;
    this.#pendingAt = at;
    blocks.lineStart -= blocks.start;
    blocks.fields.shift(-blocks.start);
    this.#append(bytes);
  }

  // Copied into one buffer that doubles: a few bytes must not keep a whole socket buffer alive, nor chunks of one
  // byte cost an object each.
  #append(bytes: Uint8Array): void {
    const size = this.#pendingBytes + bytes.length;
    this.#dropping ??=
      size > this.#maxBytes ? 'bytes' : this.#blocks.lines > this.#maxLines ? 'lines' : undefined;
    if (this.#dropping) {
      this.#pending = noBytes;
    } else {
      if (size > this.#pending.length) {
        const room = new Uint8Array(Math.max(size, Math.min(this.#pending.length * 2, this.#maxBytes)));
        room.set(this.#pending.subarray(0, this.#pendingBytes));
        this.#pending = room;
      }
      this.#pending.set(bytes, this.#pendingBytes);
    }
    this.#pendingBytes = size;
  }

  #forget(): void {
    // Kept for the next one: what the sink is given is valid during the call.
    if (this.#pending.length > maxKeptBytes) this.#pending = noBytes;
    this.#pendingBytes = 0;
    this.#pendingComment = false;
    if (this.#laterChunks > 0) {
      this.#marks = [];
      this.#laterChunks = 0;
    }
    this.#dropping = undefined;
  }
}
