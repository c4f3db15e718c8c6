import * as v from 'valibot';
import type { FaultKind, FaultOut } from '../fault.ts';
import { BlockStage, type StreamBlock } from './blockStage.ts';
import { named } from './named.ts';
import { milliseconds } from './parameters.ts';

export const retrySchema = v.strictObject({
  kind: named(
    'retry',
    'Retry Field',
    'Puts a field "retry" into the stream: so long a client waits before it reconnects.',
  ),
  ms: v.optional(v.pipe(milliseconds('What it says, in milliseconds.'), v.integer()), 10_000),
});

export type RetryFault = v.InferOutput<typeof retrySchema>;

/** The stream says how long to wait (WHATWG HTML 9.2.6). What the server says of it later counts again. */
export const retryFault: FaultKind<RetryFault> = {
  describe: ({ ms }) => `retry: ${ms}`,
  stage: (fault, out) => new RetryStage(fault, out),
};

class RetryStage extends BlockStage {
  readonly #fault: RetryFault;
  #isDue = false;

  constructor(fault: RetryFault, out: FaultOut) {
    super(out);
    this.#fault = fault;
  }

  // In the middle of a stream it may also be the middle of an event: behind it then.
  override joined(): void {
    this.#isDue = true;
    super.joined();
  }

  protected override headPassed(): void {
    if (!this.#isDue) this.#put();
  }

  protected override block(block: StreamBlock): void {
    this.pass(block);
    if (this.#isDue) this.#put();
    this.#isDue = false;
  }

  #put(): void {
    const line = retryFault.describe(this.#fault);
    this.out.acted(line);
    this.output.chunk(new TextEncoder().encode(`${line}\n\n`));
  }
}
