const leastChunk = 4_096;

/**
 * A text that grows at its end and may lose its start. Kept in chunks: adding costs what is added, and reading a
 * part of it what is read.
 */
export class GrowingText {
  #chunks: string[] = [];
  /** Where each chunk ends. */
  #ends: number[] = [];
  #tail = '';
  #start = 0;
  #end = 0;

  /** What precedes was dropped. Offsets count from the text's very beginning, in UTF-16 code units. */
  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#end;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  append(text: string): void {
    this.#tail += text;
    this.#end += text.length;
    if (this.#tail.length < leastChunk) return;
    this.#chunks.push(this.#tail);
    this.#ends.push(this.#end);
    this.#tail = '';
  }

  /** What there is from an offset on, at most so many code units. */
  slice(from: number, most: number): string {
    const start = Math.max(from, this.#start);
    const end = Math.min(this.#end, start + most);
    const found: string[] = [];
    let at = start;
    for (let i = this.#chunkAt(start); at < end && i <= this.#chunks.length; i++) {
      const chunk = this.#chunks[i] ?? this.#tail;
      const chunkStart = (this.#ends[i] ?? this.#end) - chunk.length;
      found.push(chunk.slice(at - chunkStart, end - chunkStart));
      at = chunkStart + chunk.length;
    }
    return found.join('');
  }

  /** Lets go of so many code units at the start. */
  drop(count: number): void {
    this.#start = Math.min(this.#end, this.#start + count);
    const gone = this.#chunkAt(this.#start);
    this.#chunks.splice(0, gone);
    this.#ends.splice(0, gone);
    const [chunk] = this.#chunks;
    if (chunk === undefined) this.#tail = this.#tail.slice(this.#tail.length - this.length);
    else this.#chunks[0] = chunk.slice(this.#start - (this.#ends[0] as number));
  }

  /** The first chunk that ends behind an offset. */
  #chunkAt(offset: number): number {
    let low = 0;
    let high = this.#ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ends[middle] as number) > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
