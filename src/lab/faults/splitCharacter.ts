import * as v from 'valibot';
import type { FaultKind, FaultOut } from '../fault.ts';
import type { StreamBlock } from './blockStage.ts';
import { EveryStage } from './everyStage.ts';
import { HeldOutput } from './heldOutput.ts';
import { named } from './named.ts';
import { everyEvents, everyWords, milliseconds } from './parameters.ts';

export const splitCharacterSchema = v.strictObject({
  kind: named(
    'splitCharacter',
    'Split Character',
    'Sends a character of several bytes in two chunks: a client that decodes each by itself shows \uFFFD.',
  ),
  every: v.optional(everyEvents('Every so many events that have such a character.'), 1),
  ms: v.optional(
    milliseconds('Milliseconds between the two chunks; what comes meanwhile goes behind them.'),
    20,
  ),
});

export type SplitCharacterFault = v.InferOutput<typeof splitCharacterSchema>;

/** A UTF-8 character's bytes lie in two chunks. */
export const splitCharacterFault: FaultKind<SplitCharacterFault> = {
  describe: ({ every }) => `a character split in ${everyWords(every)}`,
  stage: (fault, out) => new SplitCharacterStage(fault, out),
};

class SplitCharacterStage extends EveryStage {
  readonly #ms: number;
  readonly #held: HeldOutput;

  constructor(fault: SplitCharacterFault, out: FaultOut, held = new HeldOutput(out)) {
    super(fault.every, splitCharacterFault.describe(fault), out, held);
    this.#ms = fault.ms;
    this.#held = held;
  }

  get isFull(): boolean {
    return this.#held.isFull;
  }

  // While the rest of one waits, further ones go whole behind it: else a fast stream would fall behind for ever.
  protected override counts(block: StreamBlock): boolean {
    return block.isEvent && !this.#held.isHolding && placeToSplit(block.bytes) > 0;
  }

  protected override change({ bytes }: StreamBlock): void {
    const at = placeToSplit(bytes);
    this.out.chunk(bytes.slice(0, at));
    this.#held.hold(this.#ms);
    this.#held.chunk(bytes.slice(at));
  }

  override dispose(): void {
    super.dispose();
    this.#held.dispose();
  }
}

/** Behind the first byte of the first character that has several (RFC 3629); 0 where there is none. */
function placeToSplit(bytes: Uint8Array): number {
  return 1 + bytes.findIndex((byte) => byte >= 0xc2 && byte <= 0xf4);
}
