// Content codings undone as a stream (RFC 9110 section 8.4). The request asks for identity; this is for servers that
// compress all the same. What a server flushes comes out at once, and however much a few bytes expand to, a stage
// holds little more than a buffer of 64 KiB: it rests while the one behind it is busy, and the socket while it is.
import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { Disposable } from '../base/disposables.ts';

export interface DecodedBody {
  chunk(bytes: Uint8Array): void;
  /** All that was written has come out. */
  end(): void;
  error(code: string, message: string): void;
  /** Whoever was told by `write` to wait may go on. */
  drained(): void;
}

interface Sink {
  /** Returns false when nothing more should be written for now. */
  write(bytes: Uint8Array): boolean;
  end(): void;
}

/** Calls back nothing once it is disposed. */
export interface BodyDecoder extends Sink, Disposable {}

export class UnknownEncodingError extends Error {}

const maxCodings = 3;
const bufferBytes = 64 * 1024;

/**
 * What undoes the codings that a Content-Encoding lists, undefined where there is none.
 * @throws {UnknownEncodingError}
 */
export function bodyDecoder(contentEncoding: string, body: DecodedBody): BodyDecoder | undefined {
  const codings = contentEncoding
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length > maxCodings)
    throw new UnknownEncodingError(
      `The body is encoded ${codings.length} times; at most ${maxCodings} are undone`,
    );
  const stages: Stage[] = [];
  // Listed in the order in which they were applied, so undone from the last one to the first.
  for (const coding of codings) {
    const start = starters.get(coding);
    if (!start) throw new UnknownEncodingError(`The encoding "${coding.slice(0, 40)}" is not known here`);
    const before = stages.at(-1);
    const output: Sink = before ?? {
      write(bytes) {
        body.chunk(bytes);
        return true;
      },
      end: () => body.end(),
    };
    const stage = new Stage(start, output, body);
    if (before) before.onDrained = () => stage.resume();
    stages.push(stage);
  }
  const front = stages.at(-1);
  if (!front) return undefined;
  front.onDrained = () => body.drained();
  return {
    write: (bytes) => front.write(bytes),
    end: () => front.end(),
    dispose() {
      for (const stage of stages) stage.dispose();
    },
  };
}

type Start = (firstByte: number) => Transform;

const options: zlib.ZlibOptions = { flush: zlib.constants.Z_SYNC_FLUSH, chunkSize: bufferBytes };
const gunzip: Start = () => zlib.createGunzip(options);
// RFC 9110 section 8.4.1.2: "Some non-conformant implementations send the "deflate" compressed data without the zlib
// wrapper." The wrapper's first byte ends in 8, which no encoder's bare data does.
const inflate: Start = (firstByte) =>
  (firstByte & 0x0f) === 8 ? zlib.createInflate(options) : zlib.createInflateRaw(options);
const starters: ReadonlyMap<string, Start> = new Map([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', inflate],
  ['br', () => zlib.createBrotliDecompress({ chunkSize: bufferBytes })],
]);

/** One coding. Its stream is made at the first byte: an empty body is an empty body, whatever its head says. */
class Stage implements Sink, Disposable {
  onDrained: (() => void) | undefined;
  readonly #start: Start;
  readonly #output: Sink;
  readonly #errors: Pick<DecodedBody, 'error'>;
  #stream: Transform | undefined;
  #inputEnded = false;
  #outputEnded = false;

  constructor(start: Start, output: Sink, errors: Pick<DecodedBody, 'error'>) {
    this.#start = start;
    this.#output = output;
    this.#errors = errors;
  }

  write(bytes: Uint8Array): boolean {
    // What follows the end of the compressed data is none of it.
    if (this.#outputEnded || bytes.length === 0) return true;
    this.#stream ??= this.#create(bytes[0] as number);
    return this.#stream.write(bytes);
  }

  end(): void {
    this.#inputEnded = true;
    if (!this.#stream || this.#outputEnded) this.#output.end();
    else this.#stream.end();
  }

  resume(): void {
    this.#stream?.resume();
  }

  dispose(): void {
    this.#stream?.removeAllListeners().on('error', () => {});
    this.#stream?.destroy();
  }

  #create(firstByte: number): Transform {
    const stream = this.#start(firstByte);
    stream.on('data', (bytes: Buffer) => {
      if (!this.#output.write(bytes)) stream.pause();
    });
    stream.on('drain', () => this.onDrained?.());
    stream.on('error', (error: NodeJS.ErrnoException) => this.#errors.error(error.code ?? '', error.message));
    stream.on('end', () => {
      this.#outputEnded = true;
      // Compressed data may end before the body does. It is the body's end that counts.
      if (this.#inputEnded) this.#output.end();
      else this.onDrained?.();
    });
    return stream;
  }
}
