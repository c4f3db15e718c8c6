/** Of a failed answer's body at most this much is read and kept. */
export const maxAnswerBytes = 64 * 1024;

/** Keeps the start of an answer's body. */
export class AnswerBody {
  readonly #bytes = new Uint8Array(maxAnswerBytes);
  #used = 0;

  /** Returns whether it is full. */
  add(bytes: Uint8Array): boolean {
    const room = bytes.subarray(0, maxAnswerBytes - this.#used);
    this.#bytes.set(room, this.#used);
    this.#used += room.length;
    return this.#used === maxAnswerBytes;
  }

  text(): string {
    return new TextDecoder().decode(this.#bytes.subarray(0, this.#used));
  }
}
