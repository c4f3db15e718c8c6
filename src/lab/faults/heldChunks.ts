/** What a stage may hold. */
const mostBytes = 1024 * 1024;
/** From here on the sender is made to wait, where that can be done. */
const fullBytes = 256 * 1024;

/** Chunks that a fault holds back, in order and bounded. */
export class HeldChunks {
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  get isFull(): boolean {
    return this.#bytes >= fullBytes;
  }

  /** Keeps the chunk, whatever its size; false when that makes it more than may be held. */
  add(chunk: Uint8Array): boolean {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    return this.#bytes <= mostBytes;
  }

  /** All of them; none are left. */
  take(): Uint8Array[] {
    const chunks = this.#chunks;
    this.clear();
    return chunks;
  }

  clear(): void {
    this.#chunks = [];
    this.#bytes = 0;
  }
}
