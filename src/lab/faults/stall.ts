import * as v from 'valibot';
import { countOf } from '../../base/countOf.ts';
import type { FaultKind, FaultOut } from '../fault.ts';
import { BlockStage, type StreamBlock } from './blockStage.ts';
import { HeldOutput } from './heldOutput.ts';
import { named } from './named.ts';
import { eventCount, milliseconds } from './parameters.ts';

export const stallSchema = v.strictObject({
  kind: named('stall', 'Stall', 'Keeps the connection open and lets nothing through, no heartbeat either.'),
  afterEvents: v.optional(eventCount('So many events pass first.'), 0),
  ms: v.optional(
    milliseconds('Then what was held comes, and all after it. Without it nothing comes any more.'),
  ),
});

export type StallFault = v.InferOutput<typeof stallSchema>;

/** The connection stays open and nothing comes, not even a heartbeat. */
export const stallFault: FaultKind<StallFault> = {
  describe({ afterEvents, ms }) {
    const after = afterEvents === 0 ? '' : ` after ${countOf(afterEvents, 'event')}`;
    return ms === undefined ? `silence${after}` : `silence of ${ms} ms${after}`;
  },
  stage: (fault, out) => new StallStage(fault, out),
};

class StallStage extends BlockStage {
  readonly #fault: StallFault;
  readonly #held: HeldOutput;
  #left: number;
  #hasBegun = false;

  constructor(fault: StallFault, out: FaultOut, held = new HeldOutput(out)) {
    super(out, held);
    this.#fault = fault;
    this.#left = fault.afterEvents;
    this.#held = held;
  }

  get isFull(): boolean {
    return this.#held.isFull;
  }

  protected override headPassed(): void {
    if (this.#left === 0) this.#begin();
  }

  protected override block(block: StreamBlock): void {
    this.pass(block);
    if (block.isEvent && !this.#hasBegun && --this.#left === 0) this.#begin();
  }

  override dispose(): void {
    super.dispose();
    this.#held.dispose();
  }

  #begin(): void {
    this.#hasBegun = true;
    this.out.acted(stallFault.describe(this.#fault));
    this.#held.hold(this.#fault.ms);
  }
}
