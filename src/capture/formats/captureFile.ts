// What every format shares on the way back in: a reader is fed the bytes of a file and fills a capture, up to the
// end or to where the file is broken.
import type { EventBatch } from '../../sse/eventBatch.ts';
import type { ChunkMarks } from '../../sse/framer.ts';
import type { Step } from '../../sse/steps.ts';
import type { Capture } from '../capture.ts';
import type { Note } from '../records.ts';

/** Where the records are from. */
export interface CaptureInfo {
  /** The connection's name; empty where the file has none. */
  connection: string;
  method: string;
  /** Without credentials; empty where the file has none. */
  url: string;
  /** False where a file says nothing of when events came. */
  hasTimes: boolean;
  /** Epoch milliseconds. */
  exportedAt?: number;
}

export type ReadReason =
  /** Nothing in it. */
  | 'empty'
  /** The beginning isn't that of such a file. */
  | 'notACapture'
  /** A HAR in which no request was answered with an event stream. */
  | 'noStream'
  /** Written in a later version of the format. */
  | 'newerVersion'
  /** The file ends in the middle. */
  | 'truncated'
  /** Not JSON there. */
  | 'json'
  /** Not UTF-8 there. */
  | 'encoding'
  /** A value that no capture has; `field` names it. */
  | 'value'
  /** JSON that is nested, or split up, as no capture is. */
  | 'nesting'
  | 'lineTooLong'
  | 'fileTooLarge';

/** Where reading stopped: what stands before it was read. */
export interface ReadProblem {
  reason: ReadReason;
  /** Place in the file, in bytes from 0. */
  byte: number;
  /** From 1. Missing where lines mean nothing. */
  line?: number;
  field?: string;
}

export interface ReadResult {
  info: CaptureInfo;
  problem?: ReadProblem;
}

/** Never throws, whatever the bytes are. */
export interface CaptureReader {
  /** False once the rest isn't wanted any more. */
  push(bytes: Uint8Array): boolean;
  /** The file is over. */
  end(): ReadResult;
}

/** An event as a file has it. */
export interface ReadEvent {
  time: number;
  attempt: number;
  /** The one after the event before, unless the file says otherwise. */
  number?: number;
  type: string;
  inheritedId: string | undefined;
  block: Uint8Array;
  chunks?: ChunkMarks;
}

/** The one door from a file into a capture. */
export class CaptureFiller {
  readonly #capture: Capture;

  constructor(capture: Capture) {
    this.#capture = capture;
  }

  /** The position of the first record. */
  startAt(position: number): void {
    this.#capture.startAt(position);
  }

  event({ time, attempt, number, type, inheritedId, block, chunks }: ReadEvent): void {
    if (number !== undefined) this.#capture.skipTo(number - 1);
    this.#capture.addEvent(time, attempt, type, inheritedId, block, chunks);
  }

  /** Events of a stream that is decoded again. Chunks of a file say nothing of those of the body. */
  events(time: number, attempt: number, { chunks: _, ...batch }: EventBatch): void {
    this.#capture.addEvents(time, attempt, batch);
  }

  /** The last byte of the event before, where it comes late: see `DecoderSink.lineFeed`. */
  lineFeed(): void {
    this.#capture.addLineFeed(false);
  }

  comment(time: number, attempt: number, text: string): void {
    this.#capture.addComment(time, attempt, text);
  }

  step(time: number, attempt: number, step: Step | Note): void {
    this.#capture.addStep(time, attempt, step);
  }
}

/** The moments that a Date can be (ECMA-262 section 21.4.1.1), in milliseconds. */
export const longestTime = 8.64e15;
export const mostAttempts = 0xffff_ffff;
