import type { ServerResponse } from 'node:http';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { StreamText } from '../capture/formats/streamText.ts';
import type { Masks } from '../capture/formats/wire.ts';
import type { CommentRecord, EventRecord } from '../capture/records.ts';
import type { ServedRecords } from './servedRecords.ts';

/** How many times as fast as it came, 0.1 to 100; as fast as the client reads; or one event at each step. */
export type ServeSpeed = number | 'unpaced' | 'step';

/** What is known of a client. */
export interface ServedClient {
  /** From 1, in the order they came. */
  number: number;
  isConnected: boolean;
  /** The id it asked to go on after; empty for none. */
  lastEventId: string;
  /** Whether there is an event with that id. */
  isResumed: boolean;
  /** Events it was sent. */
  sent: number;
  /** The record that comes next. */
  position: number;
}

export interface CaptureClientOptions {
  response: ServerResponse;
  number: number;
  lastEventId: string;
  records: ServedRecords;
  position: number;
  clock: Clock;
  speed: ServeSpeed;
  gapMs: number;
  loops: boolean;
  masks: Masks;
}

/** So many records that aren't sent are passed over before others have their turn. */
const turnRecords = 1000;

/** One client's place in a capture. It has one timer at most, and the next event waits until the last was taken. */
export class CaptureClient implements Disposable {
  readonly number: number;
  readonly #options: CaptureClientOptions;
  readonly #text: StreamText;
  readonly #isResumed: boolean;
  #speed: ServeSpeed;
  #position: number;
  #sent = 0;
  /** Steps that were asked for and not gone. */
  #steps = 0;
  /** When the record sent last came, in the capture. */
  #previousTime: number | undefined;
  /** The record whose time has been worked out: `dueAt`, by the monotonic clock. */
  #timed = -1;
  #dueAt: number;
  #timer: Disposable | undefined;

  constructor(options: CaptureClientOptions) {
    this.number = options.number;
    this.#options = options;
    this.#text = new StreamText(options.masks, options.lastEventId);
    this.#speed = options.speed;
    this.#position = options.position;
    this.#isResumed = options.position > options.records.first;
    this.#dueAt = options.clock.monotonic();
  }

  begin(retryMs: number | undefined): void {
    const { response } = this.#options;
    response.on('drain', () => this.#run());
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.socket?.setNoDelay(true);
    if (retryMs === undefined) response.flushHeaders();
    else response.write(`retry: ${retryMs}\n\n`);
    this.#run();
  }

  report(): ServedClient {
    const { response, lastEventId } = this.#options;
    return {
      number: this.number,
      isConnected: !response.closed,
      lastEventId,
      isResumed: this.#isResumed,
      sent: this.#sent,
      position: this.#position,
    };
  }

  setSpeed(speed: ServeSpeed): void {
    this.#speed = speed;
    this.#steps = 0;
    this.#timed = -1;
    this.#dueAt = this.#options.clock.monotonic();
    this.#run();
  }

  step(): void {
    this.#steps += 1;
    this.#run();
  }

  dispose(): void {
    this.#timer?.dispose();
  }

  /** Sends what is due and taken. Where it stops, a timer, a step or the reader has it go on. */
  #run(): void {
    const { response, records } = this.#options;
    this.#timer?.dispose();
    for (let i = 0; i < turnRecords; i += 1) {
      if (response.writableEnded || response.closed || response.writableNeedDrain) return;
      // What was evicted meanwhile is gone.
      this.#position = Math.max(this.#position, records.capture.first);
      if (this.#position >= records.next) {
        this.#atEnd();
        return;
      }
      const record = records.capture.at(this.#position);
      if (record !== undefined && record.kind !== 'step') {
        if (!this.#isDue(record)) return;
        for (const part of this.#text.record(record)) response.write(part.slice());
        this.#previousTime = record.time;
        if (record.kind === 'event') this.#sent += 1;
      }
      this.#position += 1;
    }
    this.#wait(0);
  }

  #isDue(record: EventRecord | CommentRecord): boolean {
    if (this.#speed === 'unpaced') return true;
    if (this.#speed === 'step') {
      if (this.#steps === 0) return false;
      if (record.kind === 'event') this.#steps -= 1;
      return true;
    }
    if (this.#timed !== this.#position) {
      this.#timed = this.#position;
      this.#dueAt += this.#gapBefore(record) / this.#speed;
    }
    const left = this.#dueAt - this.#options.clock.monotonic();
    if (left > 0) this.#wait(left);
    return left <= 0;
  }

  /** Milliseconds at the capture's own pace; the first record goes at once. */
  #gapBefore({ kind, time }: EventRecord | CommentRecord): number {
    if (this.#previousTime === undefined) return 0;
    if (!this.#options.records.hasTimes) return kind === 'event' ? this.#options.gapMs : 0;
    // A clock that was put back is no time at all.
    return Math.max(0, time - this.#previousTime);
  }

  #atEnd(): void {
    const { response, records, loops, gapMs } = this.#options;
    if (!loops) {
      response.end();
      return;
    }
    this.#position = records.first;
    this.#previousTime = undefined;
    this.#timed = -1;
    this.#dueAt = this.#options.clock.monotonic() + gapMs;
    this.#wait(gapMs);
  }

  #wait(ms: number): void {
    this.#timer = this.#options.clock.after(ms, () => this.#run());
  }
}
