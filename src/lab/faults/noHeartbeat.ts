import * as v from 'valibot';
import type { FaultKind } from '../fault.ts';
import { BlockStage, type StreamBlock } from './blockStage.ts';
import { isBlank, linesOf } from './lines.ts';
import { named } from './named.ts';

export const noHeartbeatSchema = v.strictObject({
  kind: named('noHeartbeat', 'No Heartbeat', 'Takes the comments out: between events nothing comes.'),
});

export type NoHeartbeatFault = v.InferOutput<typeof noHeartbeatSchema>;

/** Comments don't come through, nor the blank lines behind them. */
export const noHeartbeatFault: FaultKind<NoHeartbeatFault> = {
  describe: () => 'no comments',
  stage: (_fault, out) => new NoHeartbeatStage(out),
};

class NoHeartbeatStage extends BlockStage {
  #leftOut = false;
  #hasTold = false;

  protected override block(block: StreamBlock): void {
    this.#leftOut = block.isComment || (this.#leftOut && linesOf(block.bytes).every(isBlank));
    if (!this.#leftOut) {
      this.pass(block);
      return;
    }
    if (!this.#hasTold) this.out.acted('left out the comments');
    this.#hasTold = true;
  }

  protected override lineFeed(bytes: Uint8Array): void {
    if (!this.#leftOut) super.lineFeed(bytes);
  }
}
