import * as v from 'valibot';
import type { FaultKind, FaultOut } from '../fault.ts';
import type { StreamBlock } from './blockStage.ts';
import { EveryStage } from './everyStage.ts';
import { isBlank, joined, linesOf } from './lines.ts';
import { named } from './named.ts';
import { everyEvents, everyWords } from './parameters.ts';

export const noBlankLineSchema = v.strictObject({
  kind: named(
    'noBlankLine',
    'Missing Blank Line',
    'Leaves out the blank line behind an event: it runs together with the next one.',
  ),
  every: v.optional(everyEvents('Every so many events.'), 3),
});

export type NoBlankLineFault = v.InferOutput<typeof noBlankLineSchema>;

/** Two events become one. */
export const noBlankLineFault: FaultKind<NoBlankLineFault> = {
  describe: ({ every }) => `no blank line behind ${everyWords(every)}`,
  stage: (fault, out) => new NoBlankLineStage(fault, out),
};

class NoBlankLineStage extends EveryStage {
  #isOpen = false;

  constructor(fault: NoBlankLineFault, out: FaultOut) {
    super(fault.every, noBlankLineFault.describe(fault), out);
  }

  protected override block(block: StreamBlock): void {
    this.#isOpen = false;
    super.block(block);
  }

  protected override change({ bytes }: StreamBlock): void {
    this.#isOpen = true;
    this.output.chunk(joined(linesOf(bytes).filter((line) => !isBlank(line))));
  }

  // It would be a blank line now.
  protected override lineFeed(bytes: Uint8Array): void {
    if (!this.#isOpen) super.lineFeed(bytes);
  }
}
