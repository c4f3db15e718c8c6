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
  read(bytes: Uint8Array, start: number, end: number): void {
    switch (bytes[start]) {
      case 0x64: // data
        if (
          bytes[start + 1] === 0x61 &&
          bytes[start + 2] === 0x74 &&
          bytes[start + 3] === 0x61 &&
          nameEnds(bytes, start + 4, end)
        ) {
          if (this.shape === BlockShape.silent) this.shape = BlockShape.event;
          return;
        }
        break;
      case 0x65: // event
        if (
          bytes[start + 1] === 0x76 &&
          bytes[start + 2] === 0x65 &&
          bytes[start + 3] === 0x6e &&
          bytes[start + 4] === 0x74 &&
          nameEnds(bytes, start + 5, end)
        ) {
          this.typeStart = valueStart(bytes, start + 5, end);
          this.typeEnd = end;
          return;
        }
        break;
      case 0x69: // id
        if (bytes[start + 1] === 0x64 && nameEnds(bytes, start + 2, end)) {
          this.idStart = valueStart(bytes, start + 2, end);
          this.idEnd = end;
          // "If the field value does not contain U+0000 NULL": such an id is odd and told of.
          for (let i = this.idStart; i < end; i++) if (bytes[i] === 0) this.shape = BlockShape.other;
          return;
        }
        break;
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

  /** The block that has begun but not ended: where it begins, its whole lines, and where the line under work begins. */
  start = 0;
  lines = 0;
  lineStart = 0;
  readonly fields = new Fields();
  /** The last byte was a CR that ended a line: an LF after it belongs to it. */
  endsInCr = false;

  /** Finds the blocks from there on. */
  scan(bytes: Uint8Array, from: number, terminators: Terminators): void {
    const { length } = bytes;
    const { fields } = this;
    if (this.shapes.length > keptRoom) this.#makeRoom(startRoom);
    this.count = 0;
    this.start = from;
    this.lines = 0;
    this.endsInCr = false;
    fields.reset();
    let lineStart = from;
    for (;;) {
      this.lineStart = lineStart;
      const first = bytes[lineStart];
      const isBlank = first === LF || first === CR;
      const at = isBlank ? lineStart : terminators.next(lineStart);
      if (at >= length) return;
      let next = at + 1;
      if (bytes[at] === CR) {
        if (next === length) this.endsInCr = true;
        else if (bytes[next] === LF) next++;
      }
      if (!isBlank) fields.read(bytes, lineStart, at);
      // A comment line ahead of the first field is a block by itself.
      if (isBlank || (first === COLON && lineStart === this.start)) {
        this.#add(next);
        fields.reset();
        this.start = next;
        this.lines = 0;
      } else {
        this.lines++;
      }
      lineStart = next;
    }
  }

  /** One block, whose lines `fields` has read. */
  only(end: number): void {
    this.count = 0;
    this.#add(end);
  }

  #add(end: number): void {
    const { fields, spans, count } = this;
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
  // A platform's own kind of chunk (Node's Buffer) is searched many times as fast, but each search is a costly call: it
  // is made for long lines, and a kind of terminator that isn't there is looked for once, not once a line.
  readonly #chunk: Uint8Array;
  readonly #bytes: Uint8Array;
  readonly #words: DataView;
  #lf = -1;
  #cr = -1;

  /** @param bytes the chunk's bytes as a plain array: its bytes are read faster than a Buffer's */
  constructor(chunk: Uint8Array, bytes: Uint8Array) {
    this.#chunk = chunk;
    this.#bytes = bytes;
    this.#words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** The first LF or CR from there on, or the chunk's length. `from` never goes back. */
  next(from: number): number {
    const bytes = this.#bytes;
    const words = this.#words;
    const lastWord = bytes.length - 4;
    const near = Math.min(from + nearBytes, lastWord);
    let at = from;
    while (at <= near && !hasTerminator(words.getInt32(at, true))) at += 4;
    if (at > near && at <= lastWord) return this.#nextFar(at);
    while (at < bytes.length && bytes[at] !== LF && bytes[at] !== CR) at++;
    return at;
  }

  #nextFar(from: number): number {
    if (this.#lf < from) this.#lf = this.#find(LF, from);
    if (this.#cr < from) this.#cr = this.#find(CR, from);
    return Math.min(this.#lf, this.#cr);
  }

  #find(byte: number, from: number): number {
    const at = this.#chunk.indexOf(byte, from);
    return at < 0 ? this.#bytes.length : at;
  }
}

/** Whether one of four bytes is an LF or a CR: xor makes it 0, and only a 0 borrows from its highest bit. */
function hasTerminator(word: number): boolean {
  const lf = word ^ 0x0a0a0a0a;
  const cr = word ^ 0x0d0d0d0d;
  return ((((lf - 0x01010101) & ~lf) | ((cr - 0x01010101) & ~cr)) & 0x80808080) !== 0;
}
