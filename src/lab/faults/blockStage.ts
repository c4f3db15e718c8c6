import type { Disposable } from '../../base/disposables.ts';
import { BlockShape } from '../../sse/blocks.ts';
import { Framer } from '../../sse/framer.ts';
import { isEventStream } from '../../sse/policies.ts';
import type { ResponseHead, StreamEnd } from '../../sse/transport.ts';
import type { FaultOut, FaultStage } from '../fault.ts';

/** A block of the stream: an event, a comment, or fields that dispatch nothing. */
export interface StreamBlock {
  /** With its blank line. A view: copy to keep. */
  bytes: Uint8Array;
  /** Whether it dispatches an event: it has a line `data`. */
  isEvent: boolean;
  /** Nothing but comment lines. */
  isComment: boolean;
}

/**
 * A stage that works on whole blocks. Bytes of a block that hasn't ended are held, at most the 16 MiB a block may
 * have; a longer one is left out. What isn't an event stream passes untouched.
 */
export abstract class BlockStage implements FaultStage, Disposable {
  protected readonly out: FaultOut;
  readonly #framer: Framer;
  #isStream = false;
  #done = false;

  constructor(out: FaultOut) {
    this.out = out;
    this.#framer = new Framer({
      run: ({ bytes, start, blocks }) => {
        let from = start;
        for (let i = 0; i < blocks.count && !this.#done; i++) {
          const to = blocks.ends[i] as number;
          this.block(blockOf(bytes.subarray(from, to), blocks.shapes[i]));
          from = to;
        }
      },
      lineFeed: () => {
        if (!this.#done) this.out.chunk(new Uint8Array([10]));
      },
      dropped: ({ bytes }) => this.out.acted(`left out a block of ${bytes} bytes: it is too large`),
    });
  }

  /** One block of the stream: to be passed, changed or left out. */
  protected abstract block(block: StreamBlock): void;

  /** The answer's head has passed, and it is an event stream. */
  protected headPassed(): void {}

  /** Nothing is passed on any more, not by a timer either. */
  protected get isDone(): boolean {
    return this.#done;
  }

  protected pass({ bytes }: StreamBlock): void {
    this.out.chunk(bytes.slice());
  }

  /** The stream is over, whatever else the server sends. */
  protected finish(end: StreamEnd): void {
    if (this.#done) return;
    this.#done = true;
    this.out.end(end);
  }

  head(head: ResponseHead): void {
    this.#isStream = isEventStream(head);
    this.out.head(head);
    if (this.#isStream) this.headPassed();
  }

  /** For a stage that joins a stream which is open already: it has no head to hear. */
  joined(): void {
    this.#isStream = true;
    this.headPassed();
  }

  chunk(bytes: Uint8Array): void {
    if (this.#done) return;
    if (this.#isStream) this.#framer.push(bytes);
    else this.out.chunk(bytes);
  }

  end(end: StreamEnd): void {
    if (this.#done) return;
    const rest = this.#framer.end().bytes;
    if (rest.length > 0) this.out.chunk(rest.slice());
    this.finish(end);
  }

  dispose(): void {
    this.#done = true;
  }
}

function blockOf(bytes: Uint8Array, shape: number | undefined): StreamBlock {
  const isEvent = shape === BlockShape.event || (shape === BlockShape.other && hasData(bytes));
  return { bytes, isEvent, isComment: bytes[0] === 0x3a && !isEvent };
}

/** Whether one of its lines is a field named `data` (WHATWG HTML 9.2.6). */
function hasData(bytes: Uint8Array): boolean {
  return /(?:^|[\r\n])data(?:[:\r\n]|$)/.test(new TextDecoder().decode(bytes));
}
