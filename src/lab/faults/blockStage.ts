import type { Disposable } from '../../base/disposables.ts';
import { BlockShape, COLON, LF } from '../../sse/blocks.ts';
import { Framer } from '../../sse/framer.ts';
import { isEventStream } from '../../sse/policies.ts';
import type { ResponseHead, StreamEnd, TransportHandler } from '../../sse/transport.ts';
import type { FaultOut, FaultStage } from '../fault.ts';
import { isField, linesOf } from './lines.ts';

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
  /** What goes out goes here. */
  protected readonly output: TransportHandler;
  readonly #framer: Framer;
  #isStream = false;
  #done = false;

  /** @param output what stands before `out`, where something does */
  constructor(out: FaultOut, output: TransportHandler = out) {
    this.out = out;
    this.output = output;
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
        if (!this.#done) this.lineFeed(new Uint8Array([LF]));
      },
      dropped: ({ bytes }) => this.out.acted(`left out a block of ${bytes} bytes: it is too large`),
    });
  }

  /** One block of the stream: to be passed, changed or left out. */
  protected abstract block(block: StreamBlock): void;

  /** The LF of a CRLF whose CR ended the block before. */
  protected lineFeed(bytes: Uint8Array): void {
    this.output.chunk(bytes);
  }

  /** The answer's head has passed, and it is an event stream. */
  protected headPassed(): void {}

  protected pass({ bytes }: StreamBlock): void {
    this.output.chunk(bytes.slice());
  }

  /** The stream is over, whatever else the server sends. */
  protected finish(end: StreamEnd): void {
    if (this.#done) return;
    this.#done = true;
    this.output.end(end);
  }

  head(head: ResponseHead): void {
    this.#isStream = isEventStream(head);
    this.output.head(head);
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
    else this.output.chunk(bytes);
  }

  end(end: StreamEnd): void {
    if (this.#done) return;
    const rest = this.#framer.end().bytes;
    if (rest.length > 0) this.output.chunk(rest.slice());
    this.finish(end);
  }

  dispose(): void {
    this.#done = true;
  }
}

function blockOf(bytes: Uint8Array, shape: number | undefined): StreamBlock {
  const isEvent = shape === BlockShape.event || (shape === BlockShape.other && hasData(bytes));
  return { bytes, isEvent, isComment: bytes[0] === COLON && !isEvent };
}

/** Whether one of its lines is a field named `data` (WHATWG HTML 9.2.6). */
function hasData(bytes: Uint8Array): boolean {
  return linesOf(bytes).some((line) => isField(line, 'data'));
}
