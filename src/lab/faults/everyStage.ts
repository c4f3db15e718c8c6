import type { TransportHandler } from '../../sse/transport.ts';
import type { FaultOut } from '../fault.ts';
import { BlockStage, type StreamBlock } from './blockStage.ts';

/** A stage that does something to every so manieth event. It tells of the first time only: there may be thousands. */
export abstract class EveryStage extends BlockStage {
  readonly #every: number;
  readonly #what: string;
  #seen = 0;
  #hasTold = false;

  /** @param what it does, in the words of the fault */
  constructor(every: number, what: string, out: FaultOut, output?: TransportHandler) {
    super(out, output);
    this.#every = every;
    this.#what = what;
  }

  /** The block's turn has come: what goes out instead of it is up to the fault. */
  protected abstract change(block: StreamBlock): void;

  /** Whether the block is one of those that are counted. */
  protected counts({ isEvent }: StreamBlock): boolean {
    return isEvent;
  }

  protected override block(block: StreamBlock): void {
    if (!this.counts(block) || ++this.#seen % this.#every !== 0) {
      this.pass(block);
      return;
    }
    if (!this.#hasTold) this.out.acted(this.#what);
    this.#hasTold = true;
    this.change(block);
  }
}
