import type { Disposable } from '../../base/disposables.ts';
import type { ResponseHead, StreamEnd, TransportHandler } from '../../sse/transport.ts';
import type { FaultOut } from '../fault.ts';
import { HeldChunks } from './heldChunks.ts';

/** Lets what goes out wait for a time, in order: the head, the chunks, and the end behind them. */
export class HeldOutput implements TransportHandler, Disposable {
  readonly #out: FaultOut;
  readonly #chunks = new HeldChunks();
  #head: ResponseHead | undefined;
  #end: StreamEnd | undefined;
  #timer: Disposable | undefined;
  #state: 'passing' | 'holding' | 'silent' | 'disposed' = 'passing';

  constructor(out: FaultOut) {
    this.#out = out;
  }

  get isFull(): boolean {
    return this.#chunks.isFull;
  }

  get isHolding(): boolean {
    return this.#state === 'holding' || this.#state === 'silent';
  }

  /** From now on, and for so many milliseconds; for ever where none are given: then nothing is kept. */
  hold(ms: number | undefined): void {
    this.#state = ms === undefined ? 'silent' : 'holding';
    if (ms !== undefined) this.#timer = this.#out.clock.after(ms, () => this.release());
  }

  /** What was held goes out now. */
  release(): void {
    if (!this.isHolding) return;
    this.#timer?.dispose();
    this.#state = 'passing';
    const head = this.#head;
    this.#head = undefined;
    if (head) this.#out.head(head);
    for (const chunk of this.#chunks.take()) this.#out.chunk(chunk);
    if (this.#end) this.#out.end(this.#end);
  }

  head(head: ResponseHead): void {
    if (this.#state === 'passing') this.#out.head(head);
    else this.#head = head;
  }

  /** @param bytes belong to the callee */
  chunk(bytes: Uint8Array): void {
    if (this.#state === 'passing') this.#out.chunk(bytes);
    if (this.#state !== 'holding' || this.#chunks.add(bytes)) return;
    this.#out.acted('held more than 1 MiB, and no longer');
    this.release();
  }

  end(end: StreamEnd): void {
    if (this.#state === 'passing') this.#out.end(end);
    else this.#end = end;
  }

  dispose(): void {
    this.#state = 'disposed';
    this.#timer?.dispose();
    this.#chunks.clear();
  }
}
