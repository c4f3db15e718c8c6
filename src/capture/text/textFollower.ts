import { decodeBlock } from '../../sse/decoder.ts';
import type { Capture } from '../capture.ts';
import type { MergedText } from './mergedText.ts';

/** Reads a capture into merged text, from what was last cleared on, as far as it is told to. */
export class TextFollower {
  readonly text: MergedText;
  readonly #capture: Capture;
  #next: number;
  #missed = 0;

  constructor(capture: Capture, text: MergedText) {
    this.#capture = capture;
    this.text = text;
    this.#next = capture.cleared;
  }

  /** Records that the capture let go of before they could be read. */
  get missed(): number {
    return this.#missed;
  }

  /** Records that are still to be read. */
  get behind(): number {
    return this.#capture.next - Math.max(this.#next, this.#capture.first);
  }

  get isCaughtUp(): boolean {
    return this.behind === 0;
  }

  /** Reads on until it has caught up, or `isEnough` says so; it is asked after each record. */
  advance(isEnough: () => boolean): void {
    const { first, next } = this.#capture;
    if (this.#next < first) {
      this.#missed += first - this.#next;
      this.#next = first;
    }
    while (this.#next < next) {
      this.#readRecord(this.#next++);
      if (isEnough()) return;
    }
  }

  #readRecord(position: number): void {
    const record = this.#capture.at(position);
    if (record?.kind === 'step') this.text.step(record.time, record.attempt, record.step);
    if (record?.kind !== 'event') return;
    const { time, attempt, block } = record;
    const decoded = decodeBlock(block);
    if (decoded) this.text.push({ position, time, attempt, type: decoded.type, data: decoded.data });
  }
}
