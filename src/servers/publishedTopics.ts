import type { Disposable } from '../base/disposables.ts';
import { Emitter } from '../base/emitter.ts';
import { eventBlock } from './sampleTopics.ts';

export interface PublishedEvent {
  /** The type; none for "message". */
  event?: string | undefined;
  data: string;
}

const mostTopics = 64;
const mostEvents = 1000;
const mostLength = 1024 * 1024;

/** What was published to one topic, numbered from 1: the last 1,000 events, or as many as a megabyte holds. */
export class PublishedTopic implements Disposable {
  readonly name: string;
  readonly #blocks = new Map<number, string>();
  readonly #onDidPublish = new Emitter<void>();
  readonly onDidPublish = this.#onDidPublish.event;
  #first = 1;
  #next = 1;
  #length = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** The oldest number that is kept; `next` where none is. */
  get first(): number {
    return this.#first;
  }

  /** The number of the next event. */
  get next(): number {
    return this.#next;
  }

  /** An event in the wire format; undefined where it isn't kept any more or not there yet. */
  block(number: number): string | undefined {
    return this.#blocks.get(number);
  }

  publish(events: readonly PublishedEvent[]): void {
    for (const { event, data } of events) {
      const block = eventBlock(this.#next, event, data);
      this.#blocks.set(this.#next, block);
      this.#length += block.length;
      this.#next += 1;
      while (this.#blocks.size > mostEvents || this.#length > mostLength) this.#evict();
    }
    if (events.length > 0) this.#onDidPublish.fire();
  }

  dispose(): void {
    this.#onDidPublish.dispose();
  }

  #evict(): void {
    this.#length -= this.#blocks.get(this.#first)?.length ?? 0;
    this.#blocks.delete(this.#first);
    this.#first += 1;
  }
}

/** Topics of the user's own. They come into being when something is published to them, if only an empty list. */
export class PublishedTopics implements Disposable {
  readonly #topics = new Map<string, PublishedTopic>();

  get names(): string[] {
    return [...this.#topics.keys()];
  }

  get(name: string): PublishedTopic | undefined {
    return this.#topics.get(name);
  }

  /** The topic of that name, made where there is none; undefined where there are as many as there may be. */
  open(name: string): PublishedTopic | undefined {
    const topic = this.#topics.get(name);
    if (topic !== undefined || this.#topics.size >= mostTopics) return topic;
    const made = new PublishedTopic(name);
    this.#topics.set(name, made);
    return made;
  }

  dispose(): void {
    for (const topic of this.#topics.values()) topic.dispose();
    this.#topics.clear();
  }
}
