// Blocks -> events and comments, by eventsource-parser. The framer has cut the stream already, so what a
// block means doesn't depend on the chunks it came in.
import { createParser, type EventSourceMessage, type EventSourceParser } from 'eventsource-parser';
import { BlockShape, type ChunkMarks, Framer, type Run } from './framer.ts';
import { lineOddity, mayBeOdd, mostOddities, type Oddity, textOddities } from './oddities.ts';

export interface DecodedEvent {
  /** "message" where the block names none (WHATWG HTML 9.2.6). */
  type: string;
  data: string;
  /** The id field of this very block, if it has one. */
  ownId: string | undefined;
  /** The last event id after this event; empty for none. */
  lastEventId: string;
}

export interface DecoderSink {
  /**
   * `block` is the event's wire bytes, blank line included; valid during the call, copy to keep. `chunks`: where it
   * came in several.
   */
  event(event: DecodedEvent, block: Uint8Array, chunks?: ChunkMarks): void;
  /** The LF of a CRLF that was split between chunks: the last byte of the event before. */
  lineFeed?(isNewChunk: boolean): void;
  comment(text: string): void;
  /** The server set the reconnection time, in milliseconds. */
  retry(ms: number): void;
  dropped(what: { bytes: number; bound: 'bytes' | 'lines' }): void;
  /** `at`: where the block begins in the body, in bytes. Told ahead of what the block dispatches; missing: not looked for. */
  oddity?(what: Oddity, at: number): void;
}

/** Decodes one response body. One instance an attempt; the last event id is carried from one to the next. */
export class Decoder {
  readonly #sink: DecoderSink;
  readonly #framer: Framer;
  // ignoreBOM keeps U+FEFF: the framer has stripped the one that the specification strips.
  readonly #utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  #lastEventId: string;

  // The run under work, and the block in it that the next event belongs to.
  #run: Run | undefined;
  #block = 0;
  /** The last block was an event. */
  #endsInEvent = false;
  #parser: EventSourceParser;
  /** Where the block under work begins in the body, for its oddities, as long as they are told. */
  #place = 0;
  #oddities = 0;
  #isDeaf = false;
  #events = 0;
  #comments = 0;

  constructor(sink: DecoderSink, lastEventId = '') {
    this.#sink = sink;
    this.#lastEventId = lastEventId;
    this.#framer = new Framer({
      run: (run) => this.#decode(run),
      dropped: (what) => {
        this.#endsInEvent = false;
        sink.dropped(what);
      },
      lineFeed: (isNewChunk) => {
        if (this.#endsInEvent) sink.lineFeed?.(isNewChunk);
      },
    });
    this.#parser = this.#newParser(sink.oddity !== undefined);
  }

  #newParser(tellsOddities: boolean): EventSourceParser {
    const parser = createParser({
      onEvent: (message) => this.#onEvent(message),
      onId: (id) => {
        this.#lastEventId = id;
      },
      onComment: (text) => {
        this.#comments++;
        this.#sink.comment(text);
      },
      onRetry: (ms) => this.#sink.retry(ms),
      ...(tellsOddities ? { onError: (error) => this.#tell(lineOddity(error)) } : {}),
    });
    // The parser strips a BOM of its own accord, and takes the text "ï»¿" for one. A line feed first, which
    // means nothing, settles that question.
    parser.feed('\n');
    return parser;
  }

  /** What `Last-Event-ID` a reconnect would carry. */
  get lastEventId(): string {
    return this.#lastEventId;
  }

  push(chunk: Uint8Array): void {
    this.#framer.push(chunk);
  }

  /**
   * The stream is over. "Once the end of the file is reached, any pending data must be discarded", but comments
   * and `retry:` count line by line: those of the unfinished block are still heard. Returns its size in bytes.
   */
  end(): number {
    const { bytes, at } = this.#framer.end();
    const lines = bytes.subarray(0, 1 + Math.max(bytes.lastIndexOf(10), bytes.lastIndexOf(13)));
    this.#place = at;
    if (lines.length > 0) this.#parser.feed(this.#utf8.decode(lines));
    if (bytes.length > 0) this.#tell({ kind: 'unfinished', bytes: bytes.length });
    if (this.#events === 0 && this.#comments > 0)
      this.#tell({ kind: 'onlyComments', comments: this.#comments });
    return bytes.length;
  }

  #decode(run: Run): void {
    // Blocks of plain events go to the parser together; callbacks are told apart by the blocks' shapes.
    // A block of any other shape goes alone, so that whatever it calls back belongs to it.
    const { ends, shapes } = run;
    this.#run = run;
    this.#endsInEvent = false;
    let first = 0;
    for (let i = 0; i <= ends.length; i++) {
      if (i < ends.length && shapes[i] !== BlockShape.other) continue;
      if (i > first) this.#feed(first, i);
      if (i < ends.length) this.#feed(i, i + 1);
      first = i + 1;
    }
    this.#run = undefined;
    // Between blocks the parser holds nothing. One that needn't tell makes no error of each odd line.
    if (this.#oddities > mostOddities && !this.#isDeaf) {
      this.#isDeaf = true;
      this.#parser = this.#newParser(false);
    }
  }

  /** Feeds the blocks [from, to) of the run. */
  #feed(from: number, to: number): void {
    const { bytes, at, ends } = this.#run as Run;
    const start = from === 0 ? 0 : (ends[from - 1] as number);
    const fed = bytes.subarray(start, ends[to - 1]);
    const text = this.#utf8.decode(fed);
    if (this.#tellsOddities) {
      if (mayBeOdd(text)) {
        // Block by block, so that each oddity stands ahead of its own event.
        if (to > from + 1) {
          for (let block = from; block < to; block++) this.#feed(block, block + 1);
          return;
        }
        this.#place = at + start;
        for (const oddity of textOddities(text, fed)) this.#tell(oddity);
      }
      this.#place = at + start;
    }
    this.#block = from;
    this.#parser.feed(text);
  }

  get #tellsOddities(): boolean {
    return this.#sink.oddity !== undefined && this.#oddities <= mostOddities;
  }

  #tell(oddity: Oddity | undefined): void {
    if (!oddity || !this.#tellsOddities) return;
    this.#oddities++;
    this.#sink.oddity?.(this.#oddities > mostOddities ? { kind: 'more' } : oddity, this.#place);
  }

  #onEvent(message: EventSourceMessage): void {
    const { bytes, ends, shapes, chunks } = this.#run as Run;
    while (shapes[this.#block] === BlockShape.silent) this.#block++;
    const start = this.#block === 0 ? 0 : (ends[this.#block - 1] as number);
    const block = bytes.subarray(start, ends[this.#block]);
    this.#block++;
    this.#endsInEvent = this.#block === ends.length;
    this.#events++;
    this.#sink.event(
      {
        type: message.event ?? 'message',
        data: message.data,
        ownId: message.id,
        lastEventId: this.#lastEventId,
      },
      block,
      chunks,
    );
  }
}

/** Decodes the wire bytes of one block again, for showing it. Undefined where it dispatches nothing. */
export function decodeBlock(block: Uint8Array): DecodedEvent | undefined {
  let found: DecodedEvent | undefined;
  const decoder = new Decoder({
    event: (event) => {
      found ??= event;
    },
    comment: () => {},
    retry: () => {},
    dropped: () => {},
  });
  // A BOM inside the stream is data; the line feed keeps it from standing first.
  decoder.push(Uint8Array.of(10));
  decoder.push(block);
  return found;
}
