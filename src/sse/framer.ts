// Bytes -> blocks. A block is everything up to and including the blank line that ends it (WHATWG HTML
// 9.2.5, "event stream"); a comment line ahead of the first field is a block of its own, so that a heartbeat of
// one line shows at once. Blocks keep their exact wire bytes; what they mean is the decoder's business.

const noBytes = new Uint8Array(0);
const bom = [0xef, 0xbb, 0xbf];
const LF = 10;
const CR = 13;
const COLON = 58;

/** Bytes a block may have, its blank line included, before it is dropped. */
export const maxBlockBytes = 16 * 1024 * 1024;
/** Lines a block may have: each costs the decoder memory of its own. */
export const maxBlockLines = 262_144;

/** What is kept of a buffer in which a block was put together. */
const maxKeptBytes = 2 * 1024 * 1024;

export const BlockShape = {
  /** Only `event` and `id` fields: dispatches nothing. */
  silent: 0,
  /** Only `data`, `event` and `id` fields, `data` among them: dispatches one event. */
  event: 1,
  /** Anything else (comments, `retry`, unknown fields, a block that spans chunks): to be decoded by itself. */
  other: 2,
} as const;
export type BlockShape = (typeof BlockShape)[keyof typeof BlockShape];

/** The chunks of the body that a block came in. */
export interface ChunkMarks {
  /** Where in the block each chunk but the first began, in bytes; at most `mostMarks` of them. */
  offsets: readonly number[];
  /** How many chunks there were. */
  count: number;
}
/** Chunk boundaries kept of one block. */
export const mostMarks = 1_000;

/** Whole blocks that lie side by side in one buffer. */
export interface Run {
  /** Valid during the call, copy to keep. */
  bytes: Uint8Array;
  /** Where `bytes` begins in the body. */
  at: number;
  /** Where each block ends in `bytes`, exclusive, ascending; the first starts at 0. */
  ends: number[];
  shapes: BlockShape[];
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
  #lines = 0;
  /** The line under the cursor has no bytes yet. */
  #lineEmpty = true;
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

  /** The block that the end of the stream cut off. The specification discards what it would dispatch. */
  end(): { bytes: Uint8Array; at: number } {
    const start = this.#start;
    this.#start = undefined;
    for (const chunk of start ?? []) this.push(chunk);
    const size = this.#pendingBytes;
    const dropping = this.#dropping;
    const rest = dropping ? noBytes : this.#pending.subarray(0, size);
    this.#forget();
    if (dropping) this.#sink.dropped({ bytes: size, bound: dropping });
    return { bytes: rest, at: this.#pendingAt };
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
    // A platform's own kind of chunk (Node's Buffer) is searched many times as fast, and sliced far slower.
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const terminators = new Terminators(chunk);
    const at = this.#at;
    this.#at += bytes.length;
    let from = 0;
    if (this.#pendingBytes > 0) {
      if (isNewChunk) this.#mark();
      // A block that began in an earlier chunk ends in this one, or doesn't.
      from = this.#finishPending(bytes, terminators);
      if (from < 0) return;
    } else if (this.#afterCr) {
      this.#afterCr = false;
      if (bytes[0] === LF) {
        from = 1;
        this.#sink.lineFeed(isNewChunk);
      }
    }
    const ends: number[] = [];
    const shapes: BlockShape[] = [];
    const rest = this.#scanLines(bytes, from, terminators, ends, shapes);
    const last = ends.at(-1) ?? from;
    if (ends.length > 0)
      this.#emit(
        from === 0 ? bytes.subarray(0, last) : bytes.subarray(from, last),
        at + from,
        ends,
        shapes,
        from,
      );
    if (last < bytes.length) {
      this.#lines = rest.lines;
      this.#lineEmpty = rest.lineEmpty;
      this.#hold(bytes.subarray(last));
    }
  }

  #emit(bytes: Uint8Array, at: number, ends: number[], shapes: BlockShape[], from: number): void {
    if (from > 0) for (let i = 0; i < ends.length; i++) ends[i] = (ends[i] as number) - from;
    this.#sink.run({ bytes, at, ends, shapes });
  }

  /** Looks for the blank line that ends the pending block; returns where the next begins, or -1. */
  #finishPending(bytes: Uint8Array, terminators: Terminators): number {
    let i = 0;
    if (this.#afterCr) {
      this.#afterCr = false;
      // The second half of a CRLF that was split between chunks ends no line of its own.
      if (bytes[0] === LF) i = 1;
    }
    let lineEmpty = this.#lineEmpty;
    while (i < bytes.length) {
      const byte = bytes[i];
      if (byte !== LF && byte !== CR) {
        lineEmpty = false;
        i = terminators.next(i + 1);
        continue;
      }
      i++;
      if (byte === CR) {
        if (i === bytes.length) this.#afterCr = true;
        else if (bytes[i] === LF) i++;
      }
      if (!lineEmpty) this.#lines++;
      if (lineEmpty || this.#pendingComment) {
        this.#finish(bytes.subarray(0, i));
        return i;
      }
      lineEmpty = true;
    }
    this.#lineEmpty = lineEmpty;
    this.#hold(bytes);
    return -1;
  }

  #finish(tail: Uint8Array): void {
    this.#append(tail);
    const size = this.#pendingBytes;
    const bytes = this.#pending.subarray(0, size);
    const dropping = this.#dropping;
    const marks = this.#laterChunks > 0 && { offsets: this.#marks, count: 1 + this.#laterChunks };
    this.#forget();
    if (dropping) {
      this.#sink.dropped({ bytes: size, bound: dropping });
      return;
    }
    const run = { bytes, at: this.#pendingAt, ends: [size], shapes: [BlockShape.other] };
    this.#sink.run(marks ? { ...run, chunks: marks } : run);
  }

  #mark(): void {
    this.#laterChunks++;
    if (this.#marks.length < mostMarks) this.#marks.push(this.#pendingBytes);
  }

  #hold(bytes: Uint8Array): void {
    if (this.#pendingBytes === 0) {
      this.#pendingComment = bytes[0] === COLON;
      this.#pendingAt = this.#at - bytes.length;
    }
    this.#append(bytes);
  }

  // Copied into one buffer that doubles: a few bytes must not keep a whole socket buffer alive, nor chunks of one
  // byte cost an object each.
  #append(bytes: Uint8Array): void {
    const size = this.#pendingBytes + bytes.length;
    this.#dropping ??= size > this.#maxBytes ? 'bytes' : this.#lines > this.#maxLines ? 'lines' : undefined;
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
    this.#lines = 0;
    this.#lineEmpty = true;
    this.#dropping = undefined;
  }

  /** Finds the blocks from there on. Lines may end in LF, CR or CRLF. */
  #scanLines(
    bytes: Uint8Array,
    from: number,
    terminators: Terminators,
    ends: number[],
    shapes: BlockShape[],
  ): Rest {
    let i = from;
    let lineStart = from;
    let blockStart = from;
    let lines = 0;
    let shape: BlockShape = BlockShape.silent;
    while (i < bytes.length) {
      const at = terminators.next(i);
      if (at === bytes.length) break;
      let next = at + 1;
      if (bytes[at] === CR) {
        if (next === bytes.length) this.#afterCr = true;
        else if (bytes[next] === LF) next++;
      }
      const isComment = lineStart === blockStart && bytes[lineStart] === COLON;
      if (at === lineStart || isComment) {
        ends.push(next);
        shapes.push(isComment ? BlockShape.other : shape);
        shape = BlockShape.silent;
        lines = 0;
        blockStart = next;
      } else {
        shape = worse(shape, lineShape(bytes, lineStart, at));
        lines++;
      }
      lineStart = next;
      i = next;
    }
    return { lines, lineEmpty: lineStart === bytes.length };
  }
}

interface Rest {
  lines: number;
  lineEmpty: boolean;
}

function worse(a: BlockShape, b: BlockShape): BlockShape {
  return a > b ? a : b;
}

function lineShape(bytes: Uint8Array, start: number, end: number): BlockShape {
  switch (bytes[start]) {
    case 0x64: // data
      return bytes[start + 1] === 0x61 &&
        bytes[start + 2] === 0x74 &&
        bytes[start + 3] === 0x61 &&
        nameEnds(bytes, start + 4, end)
        ? BlockShape.event
        : BlockShape.other;
    case 0x65: // event
      return bytes[start + 1] === 0x76 &&
        bytes[start + 2] === 0x65 &&
        bytes[start + 3] === 0x6e &&
        bytes[start + 4] === 0x74 &&
        nameEnds(bytes, start + 5, end)
        ? BlockShape.silent
        : BlockShape.other;
    case 0x69: // id
      return bytes[start + 1] === 0x64 && nameEnds(bytes, start + 2, end)
        ? BlockShape.silent
        : BlockShape.other;
    default:
      return BlockShape.other;
  }
}

/** Whether a field name of the right letters is over at `after`: a colon or the end of the line stands there. */
function nameEnds(bytes: Uint8Array, after: number, end: number): boolean {
  return after === end || (after < end && bytes[after] === COLON);
}

/** Where the lines of a chunk end. A kind of terminator that isn't there is looked for once, not once a line. */
class Terminators {
  readonly #chunk: Uint8Array;
  #lf = -1;
  #cr = -1;

  constructor(chunk: Uint8Array) {
    this.#chunk = chunk;
  }

  /** The first LF or CR from there on, or the chunk's length. `from` never goes back. */
  next(from: number): number {
    if (this.#lf < from) this.#lf = find(this.#chunk, LF, from);
    if (this.#cr < from) this.#cr = find(this.#chunk, CR, from);
    return Math.min(this.#lf, this.#cr);
  }
}

/** Short lines, the blank one above all, are not worth the call out of the engine that `indexOf` is. */
function find(bytes: Uint8Array, byte: number, from: number): number {
  const near = Math.min(from + 20, bytes.length);
  for (let at = from; at < near; at++) if (bytes[at] === byte) return at;
  const at = bytes.indexOf(byte, near);
  return at < 0 ? bytes.length : at;
}
