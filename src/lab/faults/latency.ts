import * as v from 'valibot';
import type { Disposable } from '../../base/disposables.ts';
import type { ResponseHead } from '../../sse/transport.ts';
import type { FaultKind, FaultOut, FaultStage } from '../fault.ts';
import { HeldOutput } from './heldOutput.ts';
import { named } from './named.ts';
import { milliseconds } from './parameters.ts';

export const latencySchema = v.strictObject({
  kind: named('latency', 'Latency', 'Lets the answer wait, its head and all.'),
  ms: v.optional(milliseconds('Milliseconds before the head of the answer.'), 1_000),
  jitterMs: v.optional(milliseconds('Up to so many milliseconds more, another number each time.'), 0),
});

export type LatencyFault = v.InferOutput<typeof latencySchema>;

/** The answer comes late. */
export const latencyFault: FaultKind<LatencyFault> = {
  describe({ ms, jitterMs }) {
    return `latency of ${jitterMs === 0 ? ms : `${ms} to ${ms + jitterMs}`} ms`;
  },
  stage: (fault, out) => new LatencyStage(fault, out),
};

class LatencyStage extends HeldOutput implements FaultStage, Disposable {
  readonly #fault: LatencyFault;
  readonly #out: FaultOut;

  constructor(fault: LatencyFault, out: FaultOut) {
    super(out);
    this.#fault = fault;
    this.#out = out;
  }

  override head(head: ResponseHead): void {
    const { ms, jitterMs } = this.#fault;
    const wait = Math.round(ms + jitterMs * this.#out.random());
    this.#out.acted(`answer held for ${wait} ms`);
    this.hold(wait);
    super.head(head);
  }
}
