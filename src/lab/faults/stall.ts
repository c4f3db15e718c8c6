import * as v from 'valibot';
import type { Disposable } from '../../base/disposables.ts';
import type { StreamEnd } from '../../sse/transport.ts';
import type { FaultKind, FaultOut } from '../fault.ts';
import { BlockStage, type StreamBlock } from './blockStage.ts';
import { HeldChunks } from './heldChunks.ts';
import { named } from './named.ts';

export const stallSchema = v.strictObject({
  kind: named('stall', 'Stall', 'Keeps the connection open and lets nothing through, no heartbeat either.'),
  afterEvents: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(0),
      v.maxValue(1_000_000),
      v.description('So many events pass first.'),
    ),
    0,
  ),
  ms: v.optional(
    v.pipe(
      v.number(),
      v.minValue(0),
      v.maxValue(86_400_000),
      v.description('Then what was held comes, and all after it. Without it nothing comes any more.'),
    ),
  ),
});

export type StallFault = v.InferOutput<typeof stallSchema>;

/** The connection stays open and nothing comes, not even a heartbeat. */
export const stallFault: FaultKind<StallFault> = {
  describe({ afterEvents, ms }) {
    const after = afterEvents === 0 ? '' : ` after ${afterEvents} ${afterEvents === 1 ? 'event' : 'events'}`;
    return ms === undefined ? `silence${after}` : `silence of ${ms} ms${after}`;
  },
  stage: (fault, out) => new StallStage(fault, out),
};

class StallStage extends BlockStage {
  readonly #fault: StallFault;
  readonly #held: HeldChunks;
  #left: number;
  #state: 'before' | 'silent' | 'over' = 'before';
  #timer: Disposable | undefined;
  #end: StreamEnd | undefined;

  constructor(fault: StallFault, out: FaultOut) {
    super(out);
    this.#fault = fault;
    this.#left = fault.afterEvents;
    this.#held = new HeldChunks();
  }

  get isFull(): boolean {
    return this.#held.isFull;
  }

  protected override headPassed(): void {
    if (this.#left === 0) this.#begin();
  }

  protected override block(block: StreamBlock): void {
    if (this.#state === 'silent') {
      // Without an end of it nothing that is held would ever go out.
      if (this.#fault.ms === undefined || this.#held.add(block.bytes.slice())) return;
      this.out.acted('held more than 1 MiB: the silence is over');
      this.#over();
      return;
    }
    this.pass(block);
    if (block.isEvent && this.#state === 'before' && --this.#left === 0) this.#begin();
  }

  override end(end: StreamEnd): void {
    if (this.#state === 'silent') this.#end = end;
    else super.end(end);
  }

  override dispose(): void {
    super.dispose();
    this.#timer?.dispose();
    this.#held.clear();
  }

  #begin(): void {
    this.#state = 'silent';
    this.out.acted(stallFault.describe(this.#fault));
    if (this.#fault.ms !== undefined) this.#timer = this.out.clock.after(this.#fault.ms, () => this.#over());
  }

  #over(): void {
    if (this.#state !== 'silent' || this.isDone) return;
    this.#timer?.dispose();
    this.#state = 'over';
    for (const chunk of this.#held.take()) this.out.chunk(chunk);
    if (this.#end) super.end(this.#end);
  }
}
