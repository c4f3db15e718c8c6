// The stream itself: what the server sent, as `curl -N` would have kept it. Opens with any SSE parser.
//
// Attempts are told apart by a comment with a blank line behind it: `: -- attempt 2, 2026-01-31T09:00:00.000Z --`, the
// time being that of the attempt's first record. Events have their exact bytes, comments their text. Where the last
// event id isn't what the events before have left (one was set without an event, events were left out), it is
// set by a block that has nothing but an `id`. Lifecycle steps and the times of events aren't in it.

import { Decoder } from '../../sse/decoder.ts';
import type { Capture } from '../capture.ts';
import {
  CaptureFiller,
  type CaptureReader,
  longestTime,
  mostAttempts,
  type ReadResult,
} from './captureFile.ts';
import { type ExportSource, isoTime, type Progress, recordsOf } from './source.ts';
import { StreamText } from './streamText.ts';

const separator = /^-- attempt (\d{1,10})(?:, (\S{1,40}))? --$/;

export function* sseText(source: ExportSource, progress: Progress): Generator<string | Uint8Array, void> {
  const stream = new StreamText(source);
  let attempt = -1;
  for (const record of recordsOf(source, progress)) {
    if (record.kind === 'step') {
      yield '';
      continue;
    }
    if (record.attempt !== attempt) {
      attempt = record.attempt;
      const time = source.info.hasTimes ? `, ${isoTime(record.time)}` : '';
      yield `: -- attempt ${attempt}${time} --\n\n`;
    }
    yield* stream.record(record);
  }
}

/** Reads any event stream that was kept in a file. A time in it is that of an attempt, otherwise there is none. */
export class SseTextReader implements CaptureReader {
  readonly #decoder: Decoder;
  #isEmpty = true;

  constructor(capture: Capture) {
    const filler = new CaptureFiller(capture);
    let attempt = 1;
    let time = 0;
    this.#decoder = new Decoder({
      batch: (batch) => filler.events(time, attempt, batch),
      lineFeed: () => filler.lineFeed(),
      comment: (text) => {
        const [, number, at = ''] = separator.exec(text) ?? [];
        if (number === undefined || Number(number) > mostAttempts) {
          filler.comment(time, attempt, text);
          return;
        }
        attempt = Number(number);
        time = timeOf(at);
      },
      retry: () => {},
      dropped: (what) => filler.step(time, attempt, { step: 'dropped', ...what }),
      oddity: (oddity, at) => filler.step(time, attempt, { step: 'oddity', oddity, at }),
    });
  }

  push(bytes: Uint8Array): boolean {
    if (bytes.length > 0) this.#isEmpty = false;
    this.#decoder.push(bytes);
    return true;
  }

  end(): ReadResult {
    this.#decoder.end();
    const info = { connection: '', method: '', url: '', hasTimes: false };
    return this.#isEmpty ? { info, problem: { reason: 'empty', byte: 0 } } : { info };
  }
}

function timeOf(text: string): number {
  const time = Date.parse(text);
  return Math.abs(time) <= longestTime ? time : 0;
}
