import * as v from 'valibot';
import type { FaultKind, FaultOut } from '../fault.ts';
import type { StreamBlock } from './blockStage.ts';
import { EveryStage } from './everyStage.ts';
import { named } from './named.ts';
import { everyEvents, everyWords } from './parameters.ts';

export const doubleEventsSchema = v.strictObject({
  kind: named('doubleEvents', 'Double Events', 'Sends an event twice, with the same id.'),
  every: v.optional(everyEvents('Every so many events.'), 3),
});

export type DoubleEventsFault = v.InferOutput<typeof doubleEventsSchema>;

/** An event comes again, its id too. */
export const doubleEventsFault: FaultKind<DoubleEventsFault> = {
  describe: ({ every }) => `${everyWords(every)} twice`,
  stage: (fault, out) => new DoubleEventsStage(fault, out),
};

class DoubleEventsStage extends EveryStage {
  constructor(fault: DoubleEventsFault, out: FaultOut) {
    super(fault.every, doubleEventsFault.describe(fault), out);
  }

  protected override change(block: StreamBlock): void {
    this.pass(block);
    this.pass(block);
  }
}
