// The body of an event stream, written anew from its events and comments.
import type { CommentRecord, EventRecord } from '../records.ts';
import { eventOf, type Masks, maskedBlock, maskedText } from './wire.ts';

export class StreamText {
  readonly #masks: Masks;
  #lastEventId: string;
  #isEmpty = true;

  /** @param lastEventId what whoever reads the text begins with */
  constructor(masks: Masks, lastEventId = '') {
    this.#masks = masks;
    this.#lastEventId = lastEventId;
  }

  *record(record: EventRecord | CommentRecord): Generator<string | Uint8Array, void> {
    for (const part of record.kind === 'comment' ? [this.#comment(record)] : this.#event(record)) {
      // A byte order mark would be no data at the start of a file.
      if (this.#isEmpty && part[0] === 0xef && part[1] === 0xbb && part[2] === 0xbf) yield '\n';
      this.#isEmpty = false;
      yield part;
    }
  }

  #comment({ text }: CommentRecord): string {
    // A line end would make something else of the rest.
    return `: ${maskedText(text, this.#masks).replace(/\r\n?|\n/g, '\n: ')}\n`;
  }

  *#event({ block: received, inheritedId = '' }: EventRecord): Generator<string | Uint8Array, void> {
    const block = maskedBlock(received, this.#masks);
    const ownId = eventOf(block)?.ownId;
    const before = ownId === undefined ? maskedText(inheritedId, this.#masks) : this.#lastEventId;
    if (before !== this.#lastEventId) yield `id: ${before}\n\n`;
    this.#lastEventId = ownId ?? before;
    yield block;
  }
}
