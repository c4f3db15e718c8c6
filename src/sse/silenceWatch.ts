import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';

/** A silence is long when it lasts over three times the longest gap before it, and no less than this. Milliseconds. */
const shortestSilenceMs = 10_000;
const silenceFactor = 3;

export interface SilenceWatchSink {
  /** Nothing arrived for the configured idle time. */
  idle(ms: number): void;
  /** Nothing arrived for much longer than ever before. Told once for each silence. */
  silence(ms: number, longestGapMs: number): void;
}

/**
 * Watches one open stream for silence. Times are monotonic milliseconds. Hearing a byte costs a look at the clock: the
 * timer isn't moved, it looks itself how long it has been when it fires.
 */
export class SilenceWatch implements Disposable {
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #sink: SilenceWatchSink;
  #heardAt: number;
  #longestGapMs: number;
  #toldIdle = false;
  #toldSilence = false;
  #timer: Disposable | undefined;
  #disposed = false;

  /**
   * @param idleMs 0 for never
   * @param longestGapMs between the bytes of earlier attempts, 0 where there was none
   */
  constructor(clock: Clock, idleMs: number, longestGapMs: number, sink: SilenceWatchSink) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#longestGapMs = longestGapMs;
    this.#sink = sink;
    this.#heardAt = clock.monotonic();
    this.#arm();
  }

  /** Monotonic time of the last byte. */
  get heardAt(): number {
    return this.#heardAt;
  }

  get longestGapMs(): number {
    return this.#longestGapMs;
  }

  /** Whether the silence is a long one that was told of. */
  get isSilent(): boolean {
    return this.#toldSilence;
  }

  heard(): void {
    const now = this.#clock.monotonic();
    const gap = now - this.#heardAt;
    if (gap > this.#longestGapMs) this.#longestGapMs = gap;
    this.#heardAt = now;
    if (this.#timer && !this.#toldIdle && !this.#toldSilence) return;
    this.#toldIdle = false;
    this.#toldSilence = false;
    this.#arm();
  }

  dispose(): void {
    this.#disposed = true;
    this.#timer?.dispose();
    this.#timer = undefined;
  }

  get #silenceMs(): number {
    return Math.max(shortestSilenceMs, silenceFactor * this.#longestGapMs);
  }

  #arm(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    if (this.#disposed) return;
    const due: number[] = [];
    if (this.#idleMs > 0 && !this.#toldIdle) due.push(this.#idleMs);
    // Before the first gap there is nothing to compare with.
    if (this.#longestGapMs > 0 && !this.#toldSilence) due.push(this.#silenceMs);
    if (due.length === 0) return;
    const ms = Math.min(...due) - (this.#clock.monotonic() - this.#heardAt);
    this.#timer = this.#clock.after(Math.max(1, Math.ceil(ms)), () => this.#look());
  }

  #look(): void {
    const ms = this.#clock.monotonic() - this.#heardAt;
    if (this.#longestGapMs > 0 && !this.#toldSilence && ms >= this.#silenceMs) {
      this.#toldSilence = true;
      this.#sink.silence(ms, this.#longestGapMs);
    }
    if (this.#idleMs > 0 && !this.#toldIdle && ms >= this.#idleMs) {
      this.#toldIdle = true;
      this.#sink.idle(ms);
    }
    this.#arm();
  }
}
