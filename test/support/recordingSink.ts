import type { ConnectionSink } from '../../src/sse/connection.ts';
import type { EventBatch } from '../../src/sse/eventBatch.ts';
import type { ConnectionState, Step } from '../../src/sse/steps.ts';
import { type BatchedEvent, eventsOf } from './batches.ts';

/** Keeps what a connection produces, and tells who waits for it. */
export class RecordingSink implements ConnectionSink {
  readonly events: BatchedEvent[] = [];
  readonly comments: string[] = [];
  readonly steps: Step[] = [];
  readonly states: ConnectionState[] = [];
  readonly drops: { bytes: number; bound: 'bytes' | 'lines' }[] = [];
  /** How often anything was said, to see that nothing more is. */
  calls = 0;
  #waiting: (() => void)[] = [];

  batch(_time: number, _attempt: number, batch: EventBatch): void {
    this.events.push(...eventsOf(batch).map(({ event }) => event));
    this.#changed();
  }

  lineFeed(): void {
    this.#changed();
  }

  comment(_time: number, _attempt: number, text: string): void {
    this.comments.push(text);
    this.#changed();
  }

  step(_time: number, _attempt: number, step: Step): void {
    this.steps.push(step);
    this.#changed();
  }

  dropped(_time: number, _attempt: number, what: { bytes: number; bound: 'bytes' | 'lines' }): void {
    this.drops.push(what);
    this.#changed();
  }

  stateChanged(state: ConnectionState): void {
    this.states.push(state);
    this.#changed();
  }

  get state(): ConnectionState | undefined {
    return this.states.at(-1);
  }

  /** Resolves once `condition` holds. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async untilState(kind: ConnectionState['kind']): Promise<void> {
    await this.until(() => this.state?.kind === kind);
  }

  #changed(): void {
    this.calls++;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
