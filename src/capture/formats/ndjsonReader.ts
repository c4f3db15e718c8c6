import { type ChunkMarks, mostMarks } from '../../sse/framer.ts';
import type { Capture } from '../capture.ts';
import { fromBase64 } from './base64.ts';
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
import { isWithin } from './jsonBounds.ts';
import { type Line, Lines } from './lines.ts';
import { ndjsonVersion } from './ndjson.ts';
import { readStep } from './stepSchema.ts';
import { eventOf, plainBlock, utf8Text } from './wire.ts';

const maxLineBytes = 64 * 1024 * 1024;
/** A step has a few levels, and a response head many lines. */
const lineBounds = { depth: 32, values: 100_000 };
const utf8 = new TextEncoder();

/** What is wrong with a line. */
class Broken extends Error {
  readonly reason: ReadReason;
  readonly field: string | undefined;

  constructor(reason: ReadReason, field?: string) {
    super(reason);
    this.reason = reason;
    this.field = field;
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads what `ndjson` has written, line by line: what comes before a broken line is kept. */
export class NdjsonReader implements CaptureReader {
  readonly #filler: CaptureFiller;
  readonly #lines: Lines;
  #info: CaptureInfo | undefined;
  #problem: ReadProblem | undefined;
  #isEnded = false;
  #number = 0;

  constructor(capture: Capture, maxBytes = maxLineBytes) {
    this.#filler = new CaptureFiller(capture);
    this.#lines = new Lines(maxBytes);
  }

  push(bytes: Uint8Array): boolean {
    if (this.#problem) return false;
    for (const line of this.#lines.push(bytes)) {
      this.#read(line, false);
      if (this.#problem) return false;
    }
    if (this.#lines.isTooLong) this.#stop('lineTooLong');
    return !this.#problem;
  }

  end(): ReadResult {
    if (!this.#problem) this.#read(this.#lines.rest(), true);
    if (!this.#problem && !this.#isEnded) this.#stop(this.#info ? 'truncated' : 'empty');
    return {
      info: this.#info ?? { connection: '', method: '', url: '', hasTimes: false },
      ...(this.#problem ? { problem: this.#problem } : {}),
    };
  }

  #stop(reason: ReadReason, field?: string): void {
    this.#problem = { reason, ...this.#lines.place, ...(field === undefined ? {} : { field }) };
  }

  /** @param isLast the file ends in it, maybe too early */
  #read({ bytes }: Line, isLast: boolean): void {
    try {
      this.#record(bytes);
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      const isGarbled = error.reason === 'json' || error.reason === 'encoding';
      const garbled = !this.#info ? 'notACapture' : isLast ? 'truncated' : error.reason;
      this.#stop(isGarbled ? garbled : error.reason, error.field);
    }
  }

  #record(bytes: Uint8Array): void {
    const text = utf8Text(bytes);
    if (text === undefined) throw new Broken('encoding');
    if (text.trim() === '') return;
    const fields = parsed(text);
    if (!this.#info) {
      this.#info = this.#header(fields);
      return;
    }
    switch (fields?.kind) {
      case 'event':
        this.#event(fields);
        return;
      case 'comment':
        this.#filler.comment(time(fields), attempt(fields), textOf(fields, 'text'));
        return;
      case 'step': {
        const step = readStep(fields.step);
        if (!step) throw new Broken('value', 'step');
        this.#filler.step(time(fields), attempt(fields), step);
        return;
      }
      case 'end':
        this.#isEnded = true;
        return;
      default:
        throw new Broken('value', 'kind');
    }
  }

  #header(fields: Fields | undefined): CaptureInfo {
    if (fields?.kind !== 'header' || fields.format !== 'sse-capture') throw new Broken('notACapture');
    if (integer(fields, 'version', 1) > ndjsonVersion) throw new Broken('newerVersion');
    const exportedAt = Date.parse(String(fields.exportedAt));
    this.#filler.startAt(integer(fields, 'first', 0));
    return {
      connection: textOf(fields, 'connection'),
      method: textOf(fields, 'method'),
      url: textOf(fields, 'url'),
      hasTimes: fields.times !== false,
      ...(Number.isNaN(exportedAt) ? {} : { exportedAt }),
    };
  }

  #event(fields: Fields): void {
    const { type, block } = eventIn(fields);
    const number = integer(fields, 'number', this.#number + 1);
    this.#filler.event({
      time: time(fields),
      attempt: attempt(fields),
      number,
      type,
      inheritedId: fields.inherited === true ? idIn(fields) : undefined,
      block,
      ...chunksOf(fields, block.length),
    });
    this.#number = number;
  }
}

/** Undefined for JSON that is no object. */
function parsed(text: string): Fields | undefined {
  if (!isWithin(text, lineBounds)) throw new Broken('nesting');
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : undefined;
  } catch {
    throw new Broken('json');
  }
}

/** The event's bytes: those that are given, or those that its fields make. */
function eventIn(fields: Fields): { type: string; block: Uint8Array } {
  const isGiven = fields.rawBase64 !== undefined || fields.raw !== undefined;
  if (isGiven) {
    const block =
      fields.raw === undefined ? bytesOf(fields, 'rawBase64') : utf8.encode(textOf(fields, 'raw'));
    const event = eventOf(block);
    if (!event) throw new Broken('value', 'raw');
    return { type: event.type, block };
  }
  const hasId = fields.id !== undefined && fields.inherited !== true;
  const said = {
    type: textOf(fields, 'type'),
    data: textOf(fields, 'data'),
    ownId: hasId ? idIn(fields) : undefined,
  };
  const block = utf8.encode(plainBlock(said));
  const event = eventOf(block);
  // What has a line end in it would come out as something else.
  if (event?.type !== said.type) throw new Broken('value', 'type');
  if (event.data !== said.data) throw new Broken('value', 'data');
  return { type: event.type, block };
}

/** An id as a stream can have it. */
function idIn(fields: Fields): string {
  const id = textOf(fields, 'id');
  if (/[\0\r\n]/.test(id)) throw new Broken('value', 'id');
  return id;
}

function chunksOf(fields: Fields, size: number): { chunks?: ChunkMarks } {
  const offsets = fields.chunks;
  if (offsets === undefined) return {};
  if (!Array.isArray(offsets) || offsets.length > mostMarks) throw new Broken('value', 'chunks');
  let last = 0;
  for (const offset of offsets) {
    if (!Number.isInteger(offset) || offset <= last || offset >= size) throw new Broken('value', 'chunks');
    last = offset;
  }
  const least = offsets.length + 1;
  const count = fields.chunkCount === undefined ? least : integer(fields, 'chunkCount', least);
  return count > 1 ? { chunks: { offsets, count } } : {};
}

function bytesOf(fields: Fields, name: string): Uint8Array {
  const value = fields[name];
  const bytes = typeof value === 'string' ? fromBase64(value) : undefined;
  if (!bytes) throw new Broken('value', name);
  return bytes;
}

/** A text, or what stands for it where it was too long. */
function textOf(fields: Fields, name: string): string {
  const text = fields[name];
  if (typeof text === 'string') return text;
  if (text !== undefined) throw new Broken('value', name);
  const encoded = `${name}Base64`;
  if (fields[encoded] === undefined) throw new Broken('value', name);
  const decoded = utf8Text(bytesOf(fields, encoded));
  if (decoded === undefined) throw new Broken('value', encoded);
  return decoded;
}

function time(fields: Fields): number {
  const value = fields.time;
  if (typeof value !== 'number' || !(Math.abs(value) <= longestTime)) throw new Broken('value', 'time');
  return value;
}

function attempt(fields: Fields): number {
  return integer(fields, 'attempt', 0);
}

function integer(fields: Fields, name: string, least: number): number {
  const value = fields[name];
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > mostAttempts)
    throw new Broken('value', name);
  return value as number;
}
