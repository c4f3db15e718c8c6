import type { Step } from '../../sse/steps.ts';
import type { Note } from '../records.ts';
import type { Delta, DeltaEvent, Piece, ReadDeltas } from './deltas.ts';
import { jsonPathReader } from './jsonPath.ts';
import { type Message, newMessage, newPart } from './message.ts';
import { recognizeShape, type ShapeChoice, type ShapeName, shapes } from './shapes.ts';

/** An event of a capture. `time` in epoch milliseconds. */
export interface TextEvent {
  position: number;
  time: number;
  attempt: number;
  type: string;
  data: string;
}

export interface TextLimits {
  /** UTF-16 code units of all texts together. Beyond, the start of the oldest goes, a quarter at a time. */
  characters: number;
  /** Beyond, the oldest message goes. */
  messages: number;
  /** Of all messages together, in the same way. */
  parts: number;
}

export const defaultTextLimits: TextLimits = { characters: 4 * 1024 * 1024, messages: 1_000, parts: 10_000 };

/** Of one message; further ones are left out and counted. */
const mostParts = 1_000;
const longestError = 2_000;

/** The messages of a stream, merged from its deltas as they come. An event costs what it adds. */
export class MergedText {
  readonly #limits: TextLimits;
  readonly #choice: ShapeChoice;
  readonly #readPath: ReadDeltas | undefined;
  #recognized: ShapeName | undefined;
  readonly #messages: Message[] = [];
  #gone = 0;
  #characters = 0;
  #parts = 0;
  #revision = 0;

  #attempt = 0;
  /** What the first messages of the attempt go back to. */
  #request: { sentAt: number; isReconnect: boolean } | undefined;
  /** Messages that the end of an attempt broke off, which the next one may go on with. */
  readonly #brokenOff = new Set<Message>();

  /** Throws an Error in words where the choice is a path that is none. */
  constructor(choice: ShapeChoice, limits: TextLimits = defaultTextLimits) {
    this.#choice = choice;
    this.#limits = limits;
    this.#readPath = choice.shape === 'path' ? jsonPathReader(choice.path) : undefined;
  }

  /** The oldest first. */
  get messages(): readonly Message[] {
    return this.#messages;
  }

  /** Messages that the bounds have let go. */
  get gone(): number {
    return this.#gone;
  }

  /** Grows with each change to a message; a message carries that of its last change. */
  get revision(): number {
    return this.#revision;
  }

  /** What the events were recognized as, where that was asked for and anything was. */
  get recognized(): ShapeName | undefined {
    return this.#recognized;
  }

  push(event: TextEvent): void {
    // Where the capture has let go of the step that opened it.
    if (event.attempt !== this.#attempt) this.#enter(event.attempt);
    const { type, data } = event;
    if (data === '[DONE]') {
      for (const message of this.#running()) this.#change(message, { ends: true }, event);
      return;
    }
    const json = this.#parse(data);
    if (json === undefined) return;
    for (const delta of this.#read({ type, json })) this.#apply(delta, event);
  }

  /** What happened to the connection between events. */
  step(time: number, attempt: number, step: Step | Note): void {
    switch (step.step) {
      case 'open':
        this.#enter(attempt);
        this.#request = { sentAt: time - step.ms, isReconnect: step.cause !== 'connect' };
        // Only where the server was told what came last can it go on from there.
        if (step.lastEventId === '') this.#brokenOff.clear();
        break;
      case 'ended':
      case 'closed':
      case 'forced':
        this.end();
    }
  }

  /** The stream is over: what still runs was cut. */
  end(): void {
    for (const message of this.#running()) {
      this.#brokenOff.add(message);
      message.state = this.#choice.shape === 'path' ? 'finished' : 'cut';
      this.#touch(message);
    }
  }

  #enter(attempt: number): void {
    this.end();
    this.#attempt = attempt;
    this.#request = undefined;
  }

  #parse(data: string): unknown {
    // What is longer than all that is kept is no delta.
    if (data.length > this.#limits.characters) return undefined;
    if (!this.#readPath && !data.trimStart().startsWith('{')) return undefined;
    try {
      return JSON.parse(data);
    } catch {
      return undefined;
    }
  }

  #read(event: DeltaEvent): Delta[] {
    if (this.#readPath) return this.#readPath(event);
    const { shape } = this.#choice;
    if (shape === 'auto') this.#recognized = recognizeShape(event) ?? this.#recognized;
    const name = shape === 'auto' ? this.#recognized : (shape as ShapeName);
    return name ? shapes[name].read(event) : [];
  }

  #apply(delta: Delta, event: TextEvent): void {
    const messages = delta.choice === undefined ? this.#ofResponse(delta) : this.#find(delta);
    const isNew = delta.begins || delta.error !== undefined || (delta.pieces?.length ?? 0) > 0;
    if (messages.length === 0 && isNew) messages.push(this.#begin(delta, event));
    for (const message of messages) this.#change(message, delta, event);
  }

  #running(): Message[] {
    return this.#messages.filter(({ state }) => state === 'streaming');
  }

  /**
   * The messages of one response of this attempt, of the last one where none is named: one of each choice. An error
   * is none of those that have ended.
   */
  #ofResponse({ response, error }: Delta): Message[] {
    const found = new Map<number, Message>();
    for (let i = this.#messages.length - 1; i >= 0; i--) {
      const message = this.#messages[i] as Message;
      if (message.attempt !== this.#attempt || found.has(message.choice)) break;
      if (response === undefined || message.response === undefined || message.response === response)
        found.set(message.choice, message);
    }
    return [...found.values()].filter(({ state }) => error === undefined || state === 'streaming');
  }

  /** The message that a delta goes on with, if there is one. */
  #find({ response, choice, begins }: Delta): Message[] {
    let likely: Message[] = [];
    for (let i = this.#messages.length - 1; i >= 0; i--) {
      const message = this.#messages[i] as Message;
      const isHere = message.attempt === this.#attempt;
      if (message.choice !== choice || !(isHere || this.#brokenOff.has(message))) continue;
      const isNamed = response !== undefined && message.response === response;
      const isRunning = message.state === 'streaming' || !isHere;
      if (isNamed && (isRunning || !begins)) return [message];
      // Not all servers give ids, and some give each chunk another one: then a beginning tells messages apart.
      const mayBe = response === undefined || message.response === undefined;
      const isLikely = isHere ? mayBe || !begins : mayBe && !begins;
      if (isRunning && isLikely && likely.length === 0) likely = [message];
    }
    return likely;
  }

  #begin({ response, choice = 0 }: Delta, { position, time }: TextEvent): Message {
    const several = this.#messages.filter(
      (other) =>
        response !== undefined &&
        other.response === response &&
        other.attempt === this.#attempt &&
        other.choice !== choice,
    );
    for (const other of several) {
      other.isOneOfSeveral = true;
      this.#touch(other);
    }
    const message = newMessage({
      id: this.#gone + this.#messages.length + 1,
      position,
      startedAt: this.#request?.sentAt ?? time,
      attempt: this.#attempt,
      choice,
      response,
      isOneOfSeveral: several.length > 0,
      afterReconnect: this.#request?.isReconnect ?? false,
    });
    this.#messages.push(message);
    return message;
  }

  #change(message: Message, delta: Delta, { time }: TextEvent): void {
    if (this.#brokenOff.delete(message)) {
      message.attempt = this.#attempt;
      message.state = 'streaming';
      message.resumed = true;
    }
    message.response ??= delta.response;
    message.model ??= delta.model;
    message.role ??= delta.role;
    for (const piece of delta.pieces ?? []) this.#add(message, piece, time);
    if (delta.usage && delta.usage.output > 0) message.usage = delta.usage;
    message.finishReason = delta.finishReason ?? message.finishReason;
    if (delta.error !== undefined) {
      message.error = delta.error.slice(0, longestError);
      message.state = 'failed';
    }
    if (delta.ends && message.state === 'streaming') message.state = 'finished';
    if (message.state !== 'streaming') this.#request = undefined;
    this.#touch(message);
    this.#enforce();
  }

  #add(message: Message, piece: Piece, time: number): void {
    let part = message.parts.get(piece.part);
    if (!part) {
      if (message.parts.size >= mostParts) {
        message.leftOut++;
        return;
      }
      part = newPart(piece.kind);
      message.parts.set(piece.part, part);
      this.#parts++;
    }
    part.name ??= piece.name;
    part.callId ??= piece.callId;
    if (piece.isWhole && part.text.end > 0) return;
    if (piece.text === '' && piece.name === undefined) return;
    part.text.append(piece.text);
    this.#characters += piece.text.length;
    part.firstAt ??= time;
    part.lastAt = time;
    message.firstAt ??= time;
    message.lastAt = time;
    message.pieces++;
  }

  #touch(message: Message): void {
    message.revision = ++this.#revision;
  }

  #enforce(): void {
    const { characters, messages, parts } = this.#limits;
    while (this.#messages.length > messages || (this.#parts > parts && this.#messages.length > 1))
      this.#dropOldest();
    if (this.#characters <= characters) return;
    let excess = this.#characters - (characters >> 2) * 3;
    for (const message of this.#messages) {
      for (const { text } of message.parts.values()) {
        const count = Math.min(text.length, excess);
        if (count === 0) continue;
        text.drop(count);
        this.#characters -= count;
        excess -= count;
        this.#touch(message);
      }
      if (excess === 0) return;
    }
  }

  #dropOldest(): void {
    const oldest = this.#messages.shift();
    if (!oldest) return;
    this.#gone++;
    this.#revision++;
    this.#brokenOff.delete(oldest);
    this.#parts -= oldest.parts.size;
    for (const { text } of oldest.parts.values()) this.#characters -= text.length;
  }
}
