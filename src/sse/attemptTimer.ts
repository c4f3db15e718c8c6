import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import type { Permit } from './originGate.ts';

export interface AttemptTimerPorts {
  clock: Clock;
  /** Lets automatic attempts to this connection's origin through, one after the other; missing: all at once. */
  gate?: { enter(passed: () => void): Permit };
}

export interface AttemptTimerSink {
  /** The wait is over, but others come first: so many milliseconds more. */
  held(attempt: number, ms: number): void;
  /** The attempt may be made now. */
  due(attempt: number): void;
}

/** The wait before an automatic attempt: for the time first, then at the gate of its origin. */
export class AttemptTimer implements Disposable {
  readonly #ports: AttemptTimerPorts;
  readonly #sink: AttemptTimerSink;
  #timer: Disposable | undefined;
  /** Waits at the gate; has passed it, for the attempt that comes now; belongs to the attempt being prepared. */
  #held: Permit | undefined;
  #passed: Permit | undefined;
  #preparing: Permit | undefined;

  constructor(ports: AttemptTimerPorts, sink: AttemptTimerSink) {
    this.#ports = ports;
    this.#sink = sink;
  }

  /** Whether it waits for the time, not at the gate. */
  get isRunning(): boolean {
    return this.#timer !== undefined;
  }

  start(ms: number, attempt: number): void {
    this.#timer = this.#ports.clock.after(ms, () => this.skip(attempt));
  }

  stop(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    this.#held?.dispose();
    this.#held = undefined;
  }

  /** The time has come: what is left of the wait is the gate. */
  skip(attempt: number): void {
    this.stop();
    const permit = this.#ports.gate?.enter(() => {
      this.#held = undefined;
      this.#pass(attempt, permit);
    });
    if (permit && permit.waitMs > 0) {
      this.#held = permit;
      this.#sink.held(attempt, permit.waitMs);
    } else {
      this.#pass(attempt, permit);
    }
  }

  /** The attempt that was due is being made; others have no permit, and need none. */
  prepare(): void {
    this.#preparing = this.#passed;
    this.#passed = undefined;
  }

  sent(): void {
    this.#preparing?.sent();
    this.#preparing = undefined;
  }

  /** The attempt being prepared is given up. */
  release(): void {
    this.#preparing?.dispose();
    this.#preparing = undefined;
  }

  dispose(): void {
    this.stop();
    this.release();
    this.#passed?.dispose();
    this.#passed = undefined;
  }

  #pass(attempt: number, permit: Permit | undefined): void {
    this.#passed = permit;
    this.#sink.due(attempt);
    // No attempt took it along.
    this.#passed?.dispose();
    this.#passed = undefined;
  }
}
