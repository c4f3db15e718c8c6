import { decodeBlock } from '../../sse/decoder.ts';
import type { Step } from '../../sse/steps.ts';
import type { Capture } from '../capture.ts';
import type { Note } from '../records.ts';
import { Kind, type SegmentView } from '../segment.ts';
import type { Filter, Term } from './filter.ts';
import { TextTerm } from './textTerm.ts';

/** A step as the line that is shown for it. */
export type DescribeStep = (step: Step | Note, attempt: number) => string;

/** What of a filter can be told at once: kinds, types and plain texts, from the bytes as they lie. */
export class RecordFilter {
  /** Those that a `Matcher` has to look at. */
  readonly slowTerms: readonly Term[];
  readonly #capture: Capture;
  readonly #describe: DescribeStep;
  readonly #texts: readonly TextTerm[];
  readonly #showsComments: boolean;
  readonly #showsSteps: boolean;
  readonly #names: ReadonlySet<string>;
  readonly #namesAreShown: boolean;
  readonly #asksForTypes: boolean;
  /** By a type's number: whether it is shown, and for each text whether the type has it. */
  readonly #types: { isShown: boolean; has: boolean[] }[] = [];

  constructor({ terms, types, hiddenKinds }: Filter, capture: Capture, describe: DescribeStep) {
    this.#capture = capture;
    this.#describe = describe;
    const asked = terms.filter(({ text }) => text !== '');
    this.slowTerms = asked.filter(({ mode }) => mode !== 'text');
    this.#texts = asked.filter(({ mode }) => mode === 'text').map((term) => new TextTerm(term));
    const onlyEvents = asked.some(({ mode }) => mode === 'path');
    this.#showsComments = !onlyEvents && !hiddenKinds.includes('comment');
    this.#showsSteps = !onlyEvents && !hiddenKinds.includes('step');
    this.#names = new Set(types.names);
    this.#namesAreShown = types.shown;
    this.#asksForTypes = types.shown || types.names.length > 0 || this.#texts.length > 0;
  }

  passes(segment: SegmentView, i: number): boolean {
    switch (segment.kinds[i]) {
      case Kind.event:
        return !this.#asksForTypes || this.#passesEvent(segment, i);
      case Kind.comment:
        return this.#showsComments && this.#passesComment(segment, i);
      default:
        return this.#showsSteps && this.#passesStep(segment, i);
    }
  }

  #passesEvent(segment: SegmentView, i: number): boolean {
    const number = segment.types[i] as number;
    const type = this.#types[number] ?? this.#learn(number, segment, i);
    if (!type.isShown) return false;
    for (let t = 0; t < this.#texts.length; t++) {
      if (!type.has[t] && !(this.#texts[t] as TextTerm).matchesEvent(segment, i)) return false;
    }
    return true;
  }

  /** A type that the capture keeps no name of is looked up for each event. */
  #learn(number: number, segment: SegmentView, i: number): { isShown: boolean; has: boolean[] } {
    const listed = this.#capture.types.name(number);
    const name = listed || (decodeBlock(blockOf(segment, i))?.type ?? '');
    const type = {
      isShown: this.#names.has(name) === this.#namesAreShown,
      has: this.#texts.map((text) => text.matches(name)),
    };
    if (listed) this.#types[number] = type;
    return type;
  }

  #passesComment({ bytes, offsets }: SegmentView, i: number): boolean {
    const from = offsets[i] as number;
    const to = offsets[i + 1] as number;
    return this.#texts.every((text) => text.matchesComment(bytes, from, to));
  }

  #passesStep(segment: SegmentView, i: number): boolean {
    if (this.#texts.length === 0) return true;
    const line = stepLine(segment, i, this.#describe);
    return this.#texts.every((text) => text.matches(line));
  }
}

export function blockOf({ bytes, offsets }: SegmentView, i: number): Uint8Array {
  return bytes.subarray(offsets[i], offsets[i + 1]);
}

export function stepLine(segment: SegmentView, i: number, describe: DescribeStep): string {
  const step = JSON.parse(new TextDecoder().decode(blockOf(segment, i))) as Step | Note;
  return describe(step, segment.attempts[i] as number);
}
