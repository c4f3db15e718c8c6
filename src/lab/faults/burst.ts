import * as v from 'valibot';
import type { StreamEnd } from '../../sse/transport.ts';
import type { FaultKind, FaultOut, FaultStage } from '../fault.ts';
import { HeldOutput } from './heldOutput.ts';
import { named } from './named.ts';
import { milliseconds } from './parameters.ts';

export const burstSchema = v.strictObject({
  kind: named(
    'burst',
    'Bursts',
    'Collects what comes and lets it through all at once, as a reverse proxy does that buffers.',
  ),
  ms: v.optional(milliseconds('Milliseconds for which it collects each time.'), 2_000),
});

export type BurstFault = v.InferOutput<typeof burstSchema>;

/** What comes bit by bit arrives in heaps. */
export const burstFault: FaultKind<BurstFault> = {
  describe: ({ ms }) => `bursts every ${ms} ms`,
  stage: (fault, out) => new BurstStage(fault, out),
};

class BurstStage extends HeldOutput implements FaultStage {
  readonly #fault: BurstFault;
  readonly #out: FaultOut;
  #hasActed = false;

  constructor(fault: BurstFault, out: FaultOut) {
    super(out);
    this.#fault = fault;
    this.#out = out;
  }

  joined(): void {}

  override chunk(bytes: Uint8Array): void {
    if (!this.#hasActed) this.#out.acted(burstFault.describe(this.#fault));
    this.#hasActed = true;
    if (!this.isHolding) this.hold(this.#fault.ms);
    super.chunk(bytes);
  }

  override end(end: StreamEnd): void {
    this.release();
    super.end(end);
  }
}
