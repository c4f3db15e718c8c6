import type { Clock, Random } from '../base/clock.ts';
import { type Disposable, DisposableStore } from '../base/disposables.ts';
import { Emitter } from '../base/emitter.ts';
import type { TransportHandler } from '../sse/transport.ts';
import type { Fault } from './faultKinds.ts';
import { FaultPipeline } from './faultPipeline.ts';
import { seededRandom } from './seededRandom.ts';

/** Faults that wait for an exchange. */
export interface ArmedFaults {
  readonly id: number;
  readonly faults: readonly Fault[];
  /** The next so many exchanges; undefined: each one until they are disarmed. */
  readonly left: number | undefined;
}

export interface FaultAct {
  fault: Fault;
  /** "answered 401 Unauthorized" */
  what: string;
  seed: number;
}

/** What of an exchange the caller is told. */
export interface FaultedExchangePorts {
  acted(act: FaultAct): void;
  /** See `FaultPipelinePorts.ended`. */
  ended(): void;
}

/** So many may be armed at a time. */
export const mostArmed = 100;

/**
 * Which faults act on which exchange of one connection or one proxy. Those without a number act on each; of those
 * with one the first in line acts, so "401 twice, then 503 once" is two entries. Nothing is armed at the start.
 */
export class FaultInjector implements Disposable {
  readonly #clock: Clock;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  readonly #open = new Set<FaultPipeline>();
  #armed: ArmedFaults[] = [];
  #lastId = 0;
  #seed: number;
  #random: Random;

  /** What is armed has changed, or what is open. */
  readonly onDidChange = this.#changed.event;

  constructor(clock: Clock, seed: number) {
    this.#clock = clock;
    this.#seed = seed;
    this.#random = seededRandom(seed);
  }

  get armed(): readonly ArmedFaults[] {
    return this.#armed;
  }

  get isArmed(): boolean {
    return this.#armed.length > 0;
  }

  get seed(): number {
    return this.#seed;
  }

  /** Exchanges under way. */
  get open(): number {
    return this.#open.size;
  }

  /** What is random begins anew. */
  reseed(seed: number): void {
    this.#seed = seed;
    this.#random = seededRandom(seed);
  }

  /**
   * Arms faults that act together.
   * @param attempts for the next so many exchanges; undefined for each until they are disarmed
   * @returns their id, or undefined where as many are armed as may be
   */
  arm(faults: readonly Fault[], attempts?: number): number | undefined {
    if (this.#armed.length >= mostArmed) return undefined;
    const id = ++this.#lastId;
    this.#armed = [...this.#armed, { id, faults, left: attempts }];
    this.#changed.fire();
    return id;
  }

  disarm(id: number): void {
    this.#armed = this.#armed.filter((one) => one.id !== id);
    this.#changed.fire();
  }

  disarmAll(): void {
    if (!this.isArmed) return;
    this.#armed = [];
    this.#changed.fire();
  }

  /** Lets a fault act on the streams that are open. Returns on how many it does. */
  injectNow(fault: Fault): number {
    return [...this.#open].filter((pipeline) => pipeline.inject(fault)).length;
  }

  /** Breaks the streams on which faults still act that aren't armed any more. Returns how many. */
  releaseStreams(): number {
    const armed = new Set(this.#armed.flatMap(({ faults }) => faults));
    const affected = [...this.#open].filter(({ acting }) => acting.some((fault) => !armed.has(fault)));
    for (const pipeline of affected) pipeline.breakOff();
    return affected.length;
  }

  /** The faults of a new exchange, between the server and the handler. Counts it. */
  begin(handler: TransportHandler, ports: FaultedExchangePorts): FaultPipeline {
    const pipeline = new FaultPipeline(this.#take(), handler, {
      clock: this.#clock,
      random: () => this.#random(),
      acted: (fault, what) => ports.acted({ fault, what, seed: this.#seed }),
      ended: () => {
        this.#forget(pipeline);
        ports.ended();
      },
    });
    this.#open.add(pipeline);
    return pipeline;
  }

  /** The exchange is over for its caller. */
  close(pipeline: FaultPipeline): void {
    pipeline.dispose();
    this.#forget(pipeline);
  }

  dispose(): void {
    this.#armed = [];
    for (const pipeline of this.#open) pipeline.dispose();
    this.#open.clear();
    this.#store.dispose();
  }

  #forget(pipeline: FaultPipeline): void {
    if (this.#open.delete(pipeline)) this.#changed.fire();
  }

  #take(): Fault[] {
    const next = this.#armed.find(({ left }) => left !== undefined);
    const taken = this.#armed.filter((one) => one.left === undefined || one === next);
    if (next) {
      const left = (next.left ?? 0) - 1;
      this.#armed =
        left > 0
          ? this.#armed.map((one) => (one === next ? { ...one, left } : one))
          : this.#armed.filter((one) => one !== next);
      this.#changed.fire();
    }
    return taken.flatMap(({ faults }) => faults);
  }
}
