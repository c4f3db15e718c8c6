// Blocks -> events, comments, reconnection times. The framer has cut the stream already, so what a block means doesn't
// depend on the chunks it came in. Of plain events type and id are read from the bytes; eventsource-parser reads the
// blocks that have anything else in them, and the data of an event that is shown.
import { createParser, type EventSourceMessage, type EventSourceParser } from 'eventsource-parser';
import { BlockShape } from './blocks.ts';
import { type EventBatch, TypeNames } from './eventBatch.ts';
import { type ChunkMarks, Framer, type Run } from './framer.ts';
import { isUtf8, lineOddity, mostOddities, type Oddity, textOddities } from './oddities.ts';

export interface DecoderSink {
  batch(batch: EventBatch): void;
  /** The LF of a CRLF that was split between chunks: the last byte of the event before. */
  lineFeed?(isNewChunk: boolean): void;
  comment(text: string): void;
  /** The server set the reconnection time, in milliseconds. */
  retry(ms: number): void;
  dropped(what: { bytes: number; bound: 'bytes' | 'lines' }): void;
  /** `at`: where the block begins in the body, in bytes. Told ahead of what the block dispatches; missing: not looked for. */
  oddity?(what: Oddity, at: number): void;
}

export interface DecoderOptions {
  /** Of the attempt before. */
  lastEventId?: string;
  /** Whether bytes are UTF-8, where the platform has a faster way. */
  isUtf8?(bytes: Uint8Array): boolean;
}

// ignoreBOM keeps U+FEFF: the framer has stripped the one that the specification strips.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Decodes one response body. One instance an attempt; the last event id is carried from one to the next. */
export class Decoder {
  readonly #sink: DecoderSink;
  readonly #framer: Framer;
  readonly #isUtf8: (bytes: Uint8Array) => boolean;
  readonly #typeNames = new TypeNames();
  #lastEventId: string;
  /** The columns of each batch. */
  readonly #ends: number[] = [];
  readonly #types: string[] = [];
  readonly #inheritedIds: (string | undefined)[] = [];
  /** The last block was an event. */
  #endsInEvent = false;
  #parser: EventSourceParser;
  /** The event that the parser found in the block it was fed. */
  #message: EventSourceMessage | undefined;
  /** Where the block under work begins in the body, for its oddities. */
  #place = 0;
  #oddities = 0;
  #isDeaf = false;
  #hasEvents = false;
  #comments = 0;

  constructor(sink: DecoderSink, options: DecoderOptions = {}) {
    this.#sink = sink;
    this.#lastEventId = options.lastEventId ?? '';
    this.#isUtf8 = options.isUtf8 ?? isUtf8;
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
    return parserOf({
      onEvent: (message) => {
        this.#message = message;
      },
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
    if (lines.length > 0) this.#parser.feed(utf8.decode(lines));
    if (bytes.length > 0) this.#tell({ kind: 'unfinished', bytes: bytes.length });
    if (!this.#hasEvents && this.#comments > 0)
      this.#tell({ kind: 'onlyComments', comments: this.#comments });
    return bytes.length;
  }

  #decode(run: Run): void {
    const { bytes, blocks, chunks } = run;
    const { ends, shapes, spans, count } = blocks;
    this.#endsInEvent = false;
    const isChecked = !this.#tellsOddities || this.#isUtf8(bytes.subarray(run.start, ends[count - 1]));
    // The batch under work: where it begins, its events, and where the id is that its last event with one has.
    let batchStart = run.start;
    let events = 0;
    let idStart = -1;
    let idEnd = -1;
    let start = run.start;
    for (let i = 0; i < count; i++) {
      const end = ends[i] as number;
      let shape = shapes[i];
      if (!isChecked && shape !== BlockShape.other && !this.#isUtf8(bytes.subarray(start, end)))
        shape = BlockShape.other;
      const isEvent = shape === BlockShape.event;
      if (isEvent) {
        const own = spans[4 * i + 2] as number;
        let inherited: string | undefined;
        if (own >= 0) {
          idStart = own;
          idEnd = spans[4 * i + 3] as number;
        } else {
          if (idStart >= 0) {
            this.#lastEventId = utf8.decode(bytes.subarray(idStart, idEnd));
            idStart = -1;
          }
          inherited = this.#lastEventId === '' ? undefined : this.#lastEventId;
        }
        this.#ends[events] = end;
        this.#types[events] = this.#typeNames.at(bytes, spans[4 * i] as number, spans[4 * i + 1] as number);
        this.#inheritedIds[events] = inherited;
        events++;
      }
      const marks = i === 0 ? chunks : undefined;
      if (!isEvent || marks) {
        if (idStart >= 0) this.#lastEventId = utf8.decode(bytes.subarray(idStart, idEnd));
        idStart = -1;
        this.#emit(run, batchStart, events, marks);
        events = 0;
        batchStart = end;
      }
      if (!isEvent) {
        if (shape === BlockShape.silent) {
          idStart = spans[4 * i + 2] as number;
          idEnd = spans[4 * i + 3] as number;
        } else {
          this.#decodeAlone(run, start, end, marks);
        }
      }
      start = end;
    }
    if (idStart >= 0) this.#lastEventId = utf8.decode(bytes.subarray(idStart, idEnd));
    this.#emit(run, batchStart, events);
  }

  #emit(run: Run, start: number, count: number, chunks?: ChunkMarks): void {
    if (count === 0) return;
    this.#hasEvents = true;
    const { bytes, blocks } = run;
    this.#endsInEvent = this.#ends[count - 1] === blocks.ends[blocks.count - 1];
    this.#sink.batch({
      bytes,
      start,
      count,
      ends: this.#ends,
      types: this.#types,
      inheritedIds: this.#inheritedIds,
      chunks,
    });
  }

  /** A block that isn't just a plain event: whatever the parser calls back belongs to it. */
  #decodeAlone(run: Run, start: number, end: number, chunks: ChunkMarks | undefined): void {
    const block = run.bytes.subarray(start, end);
    const text = utf8.decode(block);
    this.#place = run.at + start;
    if (this.#tellsOddities) {
      for (const oddity of textOddities(text, () => this.#isUtf8(block))) this.#tell(oddity);
    }
    this.#message = undefined;
    this.#parser.feed(text);
    const message = this.#message as EventSourceMessage | undefined;
    if (message) {
      this.#ends[0] = end;
      this.#types[0] = message.event ?? 'message';
      this.#inheritedIds[0] =
        message.id === undefined && this.#lastEventId !== '' ? this.#lastEventId : undefined;
      this.#emit(run, start, 1, chunks);
    }
    // Between blocks the parser holds nothing. One that needn't tell makes no error of each odd line.
    if (this.#oddities > mostOddities && !this.#isDeaf) {
      this.#isDeaf = true;
      this.#parser = this.#newParser(false);
    }
  }

  get #tellsOddities(): boolean {
    return this.#sink.oddity !== undefined && this.#oddities <= mostOddities;
  }

  #tell(oddity: Oddity | undefined): void {
    if (!oddity || !this.#tellsOddities) return;
    this.#oddities++;
    this.#sink.oddity?.(this.#oddities > mostOddities ? { kind: 'more' } : oddity, this.#place);
  }
}

function parserOf(callbacks: Parameters<typeof createParser>[0]): EventSourceParser {
  const parser = createParser(callbacks);
  // The parser strips a BOM of its own accord, and takes the text "ï»¿" for one. A line feed first, which means
  // nothing, settles that question.
  parser.feed('\n');
  return parser;
}

/** One event as its block says it. */
export interface DecodedEvent {
  /** "message" where the block names none (WHATWG HTML 9.2.6). */
  type: string;
  data: string;
  /** The id field of this very block, if it has one. */
  ownId: string | undefined;
}

/** Decodes the wire bytes of one block, for showing it. Undefined where it dispatches nothing. */
export function decodeBlock(block: Uint8Array): DecodedEvent | undefined {
  let found: DecodedEvent | undefined;
  const parser = parserOf({
    onEvent: ({ event = 'message', data, id }) => {
      found ??= { type: event, data, ownId: id };
    },
  });
  parser.feed(utf8.decode(block));
  return found;
}
