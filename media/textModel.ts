import type { MessageView, PartView, ShapeChoice, TextAnswer, TextRequest } from '../src/panelApi/text.ts';
import { TextBlocks } from './textBlocks.ts';

/** A message as the panel has it; another object where anything of it has changed. */
export interface HeldMessage {
  readonly view: MessageView;
  readonly parts: readonly HeldPart[];
}

export interface HeldPart {
  readonly view: PartView;
  readonly blocks: TextBlocks;
}

const earlierMessages = 30;

/** The merged text as far as the panel has it, put together from the host's answers. */
export class TextModel {
  #messages = new Map<number, HeldMessage>();
  #answer: TextAnswer | undefined;
  #from: number | undefined;
  #revision = 0;

  get messages(): readonly HeldMessage[] {
    return [...this.#messages.values()];
  }

  /** The last answer; undefined before the first to the present choice. */
  get answer(): TextAnswer | undefined {
    return this.#answer;
  }

  /** Messages before those that are shown. */
  get earlier(): number {
    return this.#answer ? (this.#from ?? this.#answer.from) - this.#answer.first : 0;
  }

  showEarlier(): void {
    if (this.#from === undefined) return;
    this.#from = Math.max(this.#answer?.first ?? 1, this.#from - earlierMessages);
    this.#revision = 0;
  }

  request(choice: ShapeChoice): TextRequest {
    return {
      choice,
      generation: this.#answer?.generation ?? 0,
      revision: this.#revision,
      isCaughtUp: this.#answer?.behind === 0,
      ...(this.#from === undefined ? {} : { from: this.#from }),
      held: this.#held(),
    };
  }

  receive(answer: TextAnswer): void {
    if (answer.generation !== this.#answer?.generation) {
      this.#messages.clear();
      this.#from = undefined;
    }
    this.#answer = answer;
    this.#revision = answer.revision;
    // As long as much is still being read, the newest ones are others with each answer.
    if (answer.behind === 0) this.#from = Math.max(this.#from ?? answer.from, answer.first);
    const all = new Map(this.#messages);
    for (const view of answer.messages) all.set(view.id, merged(all.get(view.id), view));
    const there = [...all].filter(([id]) => id >= answer.from).sort(([a], [b]) => a - b);
    this.#messages = new Map(there);
  }

  /** Void: another choice was made. */
  clear(): void {
    this.#messages.clear();
    this.#answer = undefined;
    this.#from = undefined;
    this.#revision = 0;
  }

  /**
   * What may grow or is incomplete; where all is asked for anew, everything, so that no text comes twice. The last one
   * may be gone on with after it was cut.
   */
  #held(): number[][] {
    const messages = this.messages;
    const isAsked = ({ view, parts }: HeldMessage): boolean =>
      this.#revision === 0 ||
      view.state === 'streaming' ||
      view === messages.at(-1)?.view ||
      parts.some(({ view, blocks }) => blocks.end < view.end);
    return messages
      .filter(isAsked)
      .map(({ view, parts }) => [view.id, ...parts.map(({ blocks }) => blocks.end)]);
  }
}

function merged(held: HeldMessage | undefined, view: MessageView): HeldMessage {
  const parts = view.parts.map((part, at) => {
    const blocks = held?.parts[at]?.blocks ?? new TextBlocks();
    blocks.put(part.from, part.text);
    blocks.drop(part.start);
    return { view: part, blocks };
  });
  return { view, parts };
}
