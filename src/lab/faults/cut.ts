import * as v from 'valibot';
import { countOf } from '../../base/countOf.ts';
import type { FaultKind, FaultOut, FaultStage } from '../fault.ts';
import { BlockStage, type StreamBlock } from './blockStage.ts';
import { named } from './named.ts';
import { eventCount } from './parameters.ts';

export const cutSchema = v.strictObject({
  kind: named(
    'cut',
    'Cut',
    'Ends the stream before its time: cleanly, by a reset, or in the middle of an event.',
  ),
  afterEvents: v.optional(eventCount('So many events pass first; 0 cuts before the first.'), 0),
  how: v.optional(
    v.pipe(
      v.picklist(['end', 'reset', 'midEvent']),
      v.description(
        '"end": the stream ends as if the server had finished. "reset": the connection breaks between two events. "midEvent": it breaks in the middle of the next event.',
      ),
    ),
    'reset',
  ),
});

export type CutFault = v.InferOutput<typeof cutSchema>;

/** The stream is over before its time. */
export const cutFault: FaultKind<CutFault> = {
  describe({ afterEvents, how }) {
    const events = countOf(afterEvents, 'event');
    const after = afterEvents === 0 ? '' : ` after ${events}`;
    switch (how) {
      case 'end':
        return `clean end${after}`;
      case 'reset':
        return `reset${after}`;
      case 'midEvent':
        return `cut in the middle of ${afterEvents === 0 ? 'the next event' : `event ${afterEvents + 1}`}`;
    }
  },
  stage: (fault, out) => new CutStage(fault, out),
};

class CutStage extends BlockStage implements FaultStage {
  readonly #fault: CutFault;
  #left: number;

  constructor(fault: CutFault, out: FaultOut) {
    super(out);
    this.#fault = fault;
    this.#left = fault.afterEvents;
  }

  protected override headPassed(): void {
    if (this.#left === 0 && this.#fault.how !== 'midEvent') this.#cut();
  }

  protected override block(block: StreamBlock): void {
    if (block.isEvent && this.#left === 0 && this.#fault.how === 'midEvent') {
      this.out.chunk(block.bytes.slice(0, Math.ceil(block.bytes.length / 2)));
      this.#cut();
      return;
    }
    this.pass(block);
    if (!block.isEvent) return;
    this.#left--;
    if (this.#left === 0 && this.#fault.how !== 'midEvent') this.#cut();
  }

  #cut(): void {
    this.out.acted(cutFault.describe(this.#fault));
    this.finish(
      this.#fault.how === 'end'
        ? { kind: 'end', injected: true }
        : {
            kind: 'error',
            error: 'reset',
            code: 'ECONNRESET',
            message: 'the fault lab cut it',
            injected: true,
          },
    );
  }
}
