import * as v from 'valibot';
import type { FaultKind, FaultOut } from '../fault.ts';
import type { StreamBlock } from './blockStage.ts';
import { EveryStage } from './everyStage.ts';
import { isField, joined, linesOf } from './lines.ts';
import { named } from './named.ts';
import { everyEvents, everyWords } from './parameters.ts';

export const dropIdsSchema = v.strictObject({
  kind: named('dropIds', 'Drop Ids', 'Takes the id from events: a client can go on from an older one only.'),
  every: v.optional(everyEvents('Every so many events that have an id.'), 1),
});

export type DropIdsFault = v.InferOutput<typeof dropIdsSchema>;

/** Events come without their ids. */
export const dropIdsFault: FaultKind<DropIdsFault> = {
  describe: ({ every }) => `no id in ${everyWords(every)}`,
  stage: (fault, out) => new DropIdsStage(fault, out),
};

class DropIdsStage extends EveryStage {
  constructor(fault: DropIdsFault, out: FaultOut) {
    super(fault.every, dropIdsFault.describe(fault), out);
  }

  // Also a block that only says an id: it would be the one to go on from.
  protected override counts({ bytes, isComment }: StreamBlock): boolean {
    return !isComment && linesOf(bytes).some(isId);
  }

  protected override change({ bytes }: StreamBlock): void {
    this.output.chunk(joined(linesOf(bytes).filter((line) => !isId(line))));
  }
}

const isId = (line: Uint8Array): boolean => isField(line, 'id');
