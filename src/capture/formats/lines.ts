// Lines of a file that comes in chunks.
const LF = 0x0a;

export interface Line {
  /** Without its line feed. Valid during the call. */
  bytes: Uint8Array;
  /** From 1. */
  number: number;
  /** Where it begins in the file, in bytes. */
  byte: number;
}

/** Cuts bytes into lines, none longer than a bound. */
export class Lines {
  readonly #maxBytes: number;
  #pending: Uint8Array = new Uint8Array(0);
  #pendingBytes = 0;
  /** The line under work. */
  #number = 1;
  #byte = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The line under work is longer than allowed: nothing more comes of it. */
  get isTooLong(): boolean {
    return this.#pendingBytes > this.#maxBytes;
  }

  /** Where the line under work begins. */
  get place(): { line: number; byte: number } {
    return { line: this.#number, byte: this.#byte };
  }

  /** The lines that end in the chunk, as long as they are asked for. */
  *push(chunk: Uint8Array): Generator<Line, void> {
    for (let from = 0; from < chunk.length && !this.isTooLong; ) {
      const at = chunk.indexOf(LF, from);
      const part = chunk.subarray(from, at < 0 ? chunk.length : at);
      this.#hold(part);
      if (at < 0 || this.isTooLong) return;
      yield this.#line();
      this.#byte += this.#pendingBytes + 1;
      this.#number++;
      this.#pendingBytes = 0;
      from = at + 1;
    }
  }

  /** What stands behind the last line feed. */
  rest(): Line {
    return this.#line();
  }

  #line(): Line {
    const bytes = this.#pending.subarray(0, this.#pendingBytes);
    return { bytes, number: this.#number, byte: this.#byte };
  }

  #hold(part: Uint8Array): void {
    const size = this.#pendingBytes + part.length;
    if (size <= this.#maxBytes) {
      if (size > this.#pending.length) {
        const room = new Uint8Array(Math.min(Math.max(size, this.#pending.length * 2), this.#maxBytes));
        room.set(this.#pending.subarray(0, this.#pendingBytes));
        this.#pending = room;
      }
      this.#pending.set(part, this.#pendingBytes);
    }
    this.#pendingBytes = size;
  }
}
