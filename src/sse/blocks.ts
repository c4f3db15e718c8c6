// The lines of a stream's bytes -> blocks and what their fields say of type and id, without decoding any text. Lines may
// end in LF, CR or CRLF (WHATWG HTML 9.2.5, "event stream").

export const LF = 10;
export const CR = 13;
export const COLON = 58;
const SPACE = 32;

export const BlockShape = {
  /** Only `event` and `id` fields: dispatches nothing. */
  silent: 0,
  /** Only `data`, `event` and `id` fields, `data` among them: dispatches one event. */
  event: 1,
  /** Anything else: comments, `retry`, unknown fields, an id with a NUL. */
  other: 2,
} as const;
export type BlockShape = (typeof BlockShape)[keyof typeof BlockShape];

/** "data" and "even" as numbers of little-endian bytes. */
const dataWord = 0x61746164;
const evenWord = 0x6e657665;

/** What the lines of one block say so far. The last `event` and the last `id` count. */
class Fields {
  shape: BlockShape = BlockShape.silent;
  /** Where the values are, in bytes; `idStart` is -1 where there is no id, the type is empty where there is none. */
  typeStart = 0;
  typeEnd = 0;
  idStart = -1;
  idEnd = -1;

  reset(): void {
    this.shape = BlockShape.silent;
    this.typeStart = 0;
    this.typeEnd = 0;
    this.idStart = -1;
    this.idEnd = -1;
  }

  /** The bytes were moved. */
  shift(by: number): void {
    this.typeStart += by;
    this.typeEnd += by;
    if (this.idStart < 0) return;
    this.idStart += by;
    this.idEnd += by;
  }

  /** Reads the line at [start, end), which isn't empty. */
  read(bytes: Uint8Array, words: DataView, start: number, end: number): void {
    // Four letters at once, where there are as many. A line that began in bytes that were given up is none of these.
    const word = start < 0 || end - start < 4 ? 0 : words.getInt32(start, true);
    if (word === dataWord && nameEnds(bytes, start + 4, end)) {
      if (this.shape === BlockShape.silent) this.shape = BlockShape.event;
      return;
    }
    if (word === evenWord && bytes[start + 4] === 0x74 && nameEnds(bytes, start + 5, end)) {
      this.typeStart = valueStart(bytes, start + 5, end);
      this.typeEnd = end;
      return;
    }
    if (bytes[start] === 0x69 && bytes[start + 1] === 0x64 && nameEnds(bytes, start + 2, end)) {
      this.idStart = valueStart(bytes, start + 2, end);
      this.idEnd = end;
      // "If the field value does not contain U+0000 NULL": such an id is odd and told of.
      for (let i = this.idStart; i < end; i++) if (bytes[i] === 0) this.shape = BlockShape.other;
      return;
    }
    this.shape = BlockShape.other;
  }
}

/** Whether a field name of the right letters is over at `after`: a colon or the end of the line stands there. */
function nameEnds(bytes: Uint8Array, after: number, end: number): boolean {
  return after === end || (after < end && bytes[after] === COLON);
}

/** "If value starts with a U+0020 SPACE character, remove it from value." */
function valueStart(bytes: Uint8Array, afterName: number, end: number): number {
  if (afterName === end) return end;
  return afterName + 1 < end && bytes[afterName + 1] === SPACE ? afterName + 2 : afterName + 1;
}

const noBytes = new Uint8Array(0);
const startRoom = 16;
/** Room that is kept from one scan to the next, in blocks. */
const keptRoom = 4_096;

/** The blocks that a scan found side by side, in columns: a block costs no object. */
export class Blocks {
  count = 0;
  /** Where each block ends, exclusive, ascending. */
  ends = new Uint32Array(startRoom);
  shapes = new Uint8Array(startRoom);
  /** Of each block four numbers, as in `Fields`: where type and id begin and end. */
  spans = new Int32Array(4 * startRoom);
  /** Lines of the first block, its blank one left out. */
  firstLines = 0;

  /** The block that has begun but not ended: where it begins (below 0 where its bytes were given up), its whole lines. */
  start = 0;
  lines = 0;
  /** Where the line under work begins; no end of it is before `#searched`. */
  #lineStart = 0;
  #searched = 0;
  /** That line is a comment ahead of the first field: a block by itself. */
  #isComment = false;
  readonly #fields = new Fields();
  /** The last byte was a CR that ended a line: an LF after it belongs to it. */
  endsInCr = false;

  /** Goes on with the first `length` bytes, of which those from the last scan are the same. */
  scan(bytes: Uint8Array, length: number, terminators: Terminators): void {
    const fields = this.#fields;
    if (this.shapes.length > keptRoom) this.#makeRoom(startRoom);
    this.count = 0;
    this.endsInCr = false;
    let { start, lines } = this;
    let lineStart = this.#lineStart;
    let isComment = this.#isComment;
    let searched = this.#searched;
    while (searched < length) {
      const first = bytes[lineStart];
      const isBlank = first === LF || first === CR;
      if (lineStart === start && start >= 0) isComment = first === COLON;
      const at = isBlank ? lineStart : terminators.next(searched);
      searched = length;
      if (at === length) break;
      let next = at + 1;
      if (bytes[at] === CR) {
        if (next === length) this.endsInCr = true;
        else if (bytes[next] === LF) next++;
      }
      if (!isBlank) {
        fields.read(bytes, terminators.words, lineStart, at);
        lines++;
      }
      if (isBlank || isComment) {
        if (this.count === 0) this.firstLines = lines;
        this.#add(next);
        fields.reset();
        start = next;
        lines = 0;
      }
      lineStart = next;
      searched = next;
    }
    this.start = start;
    this.lines = lines;
    this.#lineStart = lineStart;
    this.#searched = searched;
    this.#isComment = isComment;
  }

  /** The next byte is part of the line terminator before it. */
  skip(): void {
    if (this.start === this.#lineStart) this.start++;
    this.#lineStart++;
    this.#searched++;
  }

  /** The first `by` bytes go. */
  shift(by: number): void {
    this.start -= by;
    this.#lineStart -= by;
    this.#searched -= by;
    this.#fields.shift(-by);
  }

  removeFirst(): void {
    this.ends.copyWithin(0, 1, this.count);
    this.shapes.copyWithin(0, 1, this.count);
    this.spans.copyWithin(0, 4, 4 * this.count);
    this.count--;
  }

  #add(end: number): void {
    const { spans, count } = this;
    const fields = this.#fields;
    if (count === this.shapes.length) {
      this.#makeRoom(2 * count);
      this.#add(end);
      return;
    }
    this.ends[count] = end;
    this.shapes[count] = fields.shape;
    spans[4 * count] = fields.typeStart;
    spans[4 * count + 1] = fields.typeEnd;
    spans[4 * count + 2] = fields.idStart;
    spans[4 * count + 3] = fields.idEnd;
    this.count = count + 1;
  }

  #makeRoom(blocks: number): void {
    const { ends, shapes, spans } = this;
    this.ends = new Uint32Array(blocks);
    this.shapes = new Uint8Array(blocks);
    this.spans = new Int32Array(4 * blocks);
    if (blocks < shapes.length) return;
    this.ends.set(ends);
    this.shapes.set(shapes);
    this.spans.set(spans);
  }
}

/** How far a line's end is looked for word by word: in most streams most lines end there. */
const nearBytes = 160;

/** Where the lines of a chunk end. */
export class Terminators {
  #bytes: Uint8Array = noBytes;
  #words = new DataView(noBytes.buffer) as DataView;
  #chunk: Uint8Array = noBytes;
  #chunkAt = 0;
  #lf = -1;
  #cr = -1;

  /** The bytes that are looked at, four at a time. */
  get words(): DataView {
    return this.#words;
  }

  /** The chunk lies in `bytes`, from there on. */
  lookAt(bytes: Uint8Array, chunk: Uint8Array, at: number): void {
    if (bytes !== this.#bytes) this.#words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#bytes = bytes;
    this.#chunk = chunk;
    this.#chunkAt = at;
    this.#lf = -1;
    this.#cr = -1;
  }

  /** The first LF or CR of the chunk from there on, or its end. `from` never goes back. */
  next(from: number): number {
    const bytes = this.#bytes;
    const words = this.#words;
    const end = this.#chunkAt + this.#chunk.length;
    const lastPair = end - 8;
    const near = Math.min(from + nearBytes, lastPair);
    let at = from;
    for (; at <= near; at += 8) {
      const low = words.getInt32(at, true);
      const high = words.getInt32(at + 4, true);
      // Whether one of their bytes is below 14, as LF and CR are: only such a one borrows from its highest bit.
      if (((((low - 0x0e0e0e0e) & ~low) | ((high - 0x0e0e0e0e) & ~high)) & 0x80808080) === 0) continue;
      for (let i = at; i < at + 8; i++) if (bytes[i] === LF || bytes[i] === CR) return i;
    }
    if (at <= lastPair) return this.#nextFar(at);
    while (at < end && bytes[at] !== LF && bytes[at] !== CR) at++;
    return at;
  }

  // A platform's own kind of chunk (Node's Buffer) is searched many times as fast, but each search is a costly call: it
  // is made for long lines, and a kind of terminator that isn't there is looked for once, not once a line.
  #nextFar(from: number): number {
    if (this.#lf < from) this.#lf = this.#find(LF, from);
    if (this.#cr < from) this.#cr = this.#find(CR, from);
    return Math.min(this.#lf, this.#cr);
  }

  #find(byte: number, from: number): number {
    const at = this.#chunk.indexOf(byte, from - this.#chunkAt);
    return this.#chunkAt + (at < 0 ? this.#chunk.length : at);
  }
}
