// Merged text of a stream written down as its data, an event every 10 ms from 1,000 ms on.

import { MergedText, type TextLimits } from '../../../../src/capture/text/mergedText.ts';
import type { Message } from '../../../../src/capture/text/message.ts';
import type { ShapeChoice } from '../../../../src/capture/text/shapes.ts';
import type { AttemptCause } from '../../../../src/sse/steps.ts';

export class Stream {
  readonly text: MergedText;
  time = 1_000;
  #position = 0;
  #attempt = 1;

  constructor(choice: ShapeChoice = { shape: 'auto' }, limits?: TextLimits) {
    this.text = new MergedText(choice, limits);
  }

  /** Another attempt is open; its request was sent 100 ms ago. */
  open(cause: AttemptCause = 'connect', lastEventId = ''): this {
    if (this.#position > 0) this.#attempt++;
    const head = { status: 200, statusText: 'OK', httpVersion: '1.1', headers: [] };
    this.text.step(this.time, this.#attempt, {
      step: 'open',
      head,
      cause,
      ms: 100,
      lastEventId,
      redirects: 0,
    });
    this.#position++;
    return this;
  }

  /** The server ended the stream, or it broke. */
  ended(): this {
    const browser = { do: 'stop' } as const;
    this.text.step(this.time, this.#attempt, {
      step: 'ended',
      end: { kind: 'end' },
      wasOpen: true,
      openMs: 1,
      browser,
    });
    this.#position++;
    return this;
  }

  /** Values are sent as JSON, texts as they are. */
  send(...data: unknown[]): this {
    for (const value of data) {
      this.time += 10;
      this.text.push({
        position: this.#position++,
        time: this.time,
        attempt: this.#attempt,
        type: 'message',
        data: typeof value === 'string' ? value : JSON.stringify(value),
      });
    }
    return this;
  }

  get messages() {
    return this.text.messages.map(plain);
  }
}

/** A message as plain values, its parts as `[kind, text]` or `[kind, text, name, call id]`; what is unknown left out. */
export function plain(message: Message) {
  const { parts, revision: _, ...rest } = message;
  const known = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    ...(known as Partial<Omit<Message, 'parts'>>),
    parts: [...parts.values()].map(({ kind, text, name, callId }) => [
      kind,
      text.slice(0, Number.MAX_SAFE_INTEGER),
      ...(name === undefined ? [] : [name, callId]),
    ]),
  };
}
