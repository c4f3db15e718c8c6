import { Decoder, decodeBlock } from '../../sse/decoder.ts';
import type { Capture } from '../capture.ts';
import { fromBase64 } from './base64.ts';
import { mendJson } from './brokenJson.ts';
import {
  CaptureFiller,
  type CaptureInfo,
  type CaptureReader,
  longestTime,
  mostAttempts,
  type ReadProblem,
  type ReadReason,
  type ReadResult,
} from './captureFile.ts';
import { harUrl, openStep } from './harOpen.ts';
import { at, headersAt, numberAt, textAt } from './jsonAt.ts';
import { isWithin } from './jsonBounds.ts';
import { plainBlock } from './wire.ts';

/** JSON can't be read in part: the whole of it is held. */
const maxFileBytes = 128 * 1024 * 1024;
const bounds = { depth: 200, values: 10_000_000 };
const utf8 = new TextEncoder();

/**
 * Reads the event streams of a HAR, ours or a browser's, each as an attempt with its response head. A stream is its
 * text, or where a browser hasn't kept that, its `_eventSourceMessages`.
 */
export class HarReader implements CaptureReader {
  readonly #filler: CaptureFiller;
  readonly #maxBytes: number;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #attempt = 0;
  #hasTimes = true;

  constructor(capture: Capture, maxBytes = maxFileBytes) {
    this.#filler = new CaptureFiller(capture);
    this.#maxBytes = maxBytes;
  }

  push(bytes: Uint8Array): boolean {
    this.#size += bytes.length;
    if (this.#size > this.#maxBytes) this.#chunks = [];
    else this.#chunks.push(bytes.slice());
    return this.#size <= this.#maxBytes;
  }

  end(): ReadResult {
    const info: CaptureInfo = { connection: '', method: '', url: '', hasTimes: false };
    const stop = (reason: ReadReason, byte = 0): ReadResult => ({ info, problem: { reason, byte } });
    if (this.#size > this.#maxBytes) return stop('fileTooLarge', this.#maxBytes);
    if (this.#size === 0) return stop('empty');
    const text = joinedText(this.#chunks);
    this.#chunks = [];
    if (!isWithin(text, bounds)) return stop('nesting');
    const { file, problem } = parsed(text);
    const log = at(file, 'log');
    const entries = at(log, 'entries');
    if (!Array.isArray(entries)) return problem ? { info, problem } : stop('notACapture');
    const streams = entries.filter(isStream);
    if (streams.length === 0) return problem ? { info, problem } : stop('noStream');
    info.connection = textAt(log, '_connection');
    info.method = textAt(at(streams[0], 'request'), 'method');
    info.url = harUrl(at(streams[0], 'request'));
    for (const entry of streams) this.#entry(entry);
    info.hasTimes = this.#hasTimes;
    return problem ? { info, problem } : { info };
  }

  #entry(entry: unknown): void {
    const { time, step } = openStep(entry, this.#attempt === 0);
    const given = numberAt(entry, '_attempt') ?? 0;
    // Ours number the requests; a stretch of one that was opened already goes on.
    if (!Number.isInteger(given) || given < Math.max(1, this.#attempt) || given > mostAttempts)
      this.#attempt++;
    else this.#attempt = given;
    this.#filler.step(time, this.#attempt, step);
    this.#stream(entry, step.lastEventId, time);
  }

  #stream(entry: unknown, lastEventId: string, opened: number): void {
    const messages = messagesOf(entry);
    const attempt = this.#attempt;
    let time = opened;
    let next = 0;
    const body = bodyOf(at(at(entry, 'response'), 'content')) ?? bodyFrom(messages, lastEventId);
    const decoder = new Decoder(
      {
        batch: ({ bytes, start, ends, count, types, inheritedIds }) => {
          for (let i = 0, from = start; i < count; from = ends[i++] as number) {
            const block = bytes.subarray(from, ends[i]);
            const message = messages[next++];
            // Where a browser has kept something else, its times are those of something else.
            if (message?.time !== undefined && message.data === decodeBlock(block)?.data) time = message.time;
            else this.#hasTimes = false;
            const [type, inheritedId] = [types[i] as string, inheritedIds[i]];
            this.#filler.event({ time, attempt, type, inheritedId, block });
          }
        },
        comment: (text) => this.#filler.comment(time, attempt, text),
        retry: () => {},
        dropped: (what) => this.#filler.step(time, attempt, { step: 'dropped', ...what }),
        oddity: (oddity, place) => this.#filler.step(time, attempt, { step: 'oddity', oddity, at: place }),
      },
      { lastEventId },
    );
    decoder.push(body);
    decoder.end();
  }
}

interface Message {
  /** Epoch milliseconds. */
  time: number | undefined;
  name: string;
  id: string;
  data: string;
}

function messagesOf(entry: unknown): Message[] {
  const messages = at(entry, '_eventSourceMessages');
  if (!Array.isArray(messages)) return [];
  return messages.map((message) => {
    const seconds = numberAt(message, 'time');
    return {
      time: seconds === undefined ? undefined : timeOf(Math.round(seconds * 1_000)),
      name: oneLine(textAt(message, 'eventName')),
      id: oneLine(textAt(message, 'eventId')),
      data: textAt(message, 'data').replace(/\r\n?/g, '\n'),
    };
  });
}

/** A stream of which only the meaning was kept. An id that is that of the event before counts as inherited. */
function bodyFrom(messages: readonly Message[], lastEventId: string): Uint8Array {
  let last = lastEventId;
  const blocks = messages.map(({ name, id, data }) => {
    const ownId = id === last ? undefined : id;
    last = id;
    return plainBlock({ type: name || 'message', data, ownId });
  });
  return utf8.encode(blocks.join(''));
}

function isStream(entry: unknown): boolean {
  const response = at(entry, 'response');
  const types = [textAt(at(response, 'content'), 'mimeType'), ...contentTypes(response)];
  const isNamed = types.some((type) => /^\s*text\/event-stream\b/i.test(type));
  if (isNamed && numberAt(response, 'status') === 200) return true;
  return Array.isArray(at(entry, '_eventSourceMessages'));
}

function contentTypes(response: unknown): string[] {
  return headersAt(response).flatMap(([name, value]) =>
    name.toLowerCase() === 'content-type' ? [value] : [],
  );
}

/** Undefined where there is none, or none to read. */
function bodyOf(content: unknown): Uint8Array | undefined {
  const text = at(content, 'text');
  if (typeof text !== 'string') return undefined;
  // A file that breaks off may do so in the middle of a group of four.
  return at(content, 'encoding') === 'base64'
    ? fromBase64(text.slice(0, text.length & ~3))
    : utf8.encode(text);
}

function timeOf(time: number): number | undefined {
  return Math.abs(time) <= longestTime ? time : undefined;
}

function oneLine(text: string): string {
  return text.replace(/[\0\r\n]/g, ' ');
}

/** Bytes that are no UTF-8 become replacement characters: a browser may have kept what was none. */
function joinedText(chunks: readonly Uint8Array[]): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode();
}

/** What a file holds; where it is broken, up to there. */
function parsed(file: string): { file: unknown; problem?: ReadProblem } {
  const bom = file.startsWith('\uFEFF') ? 1 : 0;
  const text = file.slice(bom);
  try {
    return { file: JSON.parse(text) };
  } catch {
    const mended = mendJson(text);
    if (!mended) return { file: undefined, problem: { reason: 'json', byte: 0 } };
    const byte = utf8.encode(file.slice(0, mended.at + bom)).length;
    return { file: JSON.parse(mended.text), problem: { reason: mended.isCut ? 'truncated' : 'json', byte } };
  }
}
