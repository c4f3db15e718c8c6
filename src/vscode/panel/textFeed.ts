import type { Clock } from '../../base/clock.ts';
import { errorText } from '../../base/errors.ts';
import { MergedText } from '../../capture/text/mergedText.ts';
import type { ShapeChoice } from '../../capture/text/shapes.ts';
import { TextFollower } from '../../capture/text/textFollower.ts';
import { isNew, newsOf, type TextAnswer, type TextRequest } from '../../panelApi/text.ts';
import type { CaptureSource } from '../../session/captureSource.ts';
import type { TabFeed } from './eventsPanel.ts';

/** Reading goes on in slices of this length: the extension host has other things to do. */
const sliceMs = 10;
/** An answer comes at the latest after this time, so that a question never seems lost. */
const patienceMs = 5_000;
/** Nobody has looked for this long: reading stops where it is. */
const idleMs = 1_000;

type TextSource = Pick<CaptureSource, 'capture' | 'captureId' | 'state' | 'hasTimes'>;

interface Question {
  request: TextRequest;
  answer(answer: TextAnswer): void;
  until: number;
}

/** Merges the deltas of a capture while the Text tab is looked at, and answers its questions when there is news. */
export class TextFeed implements TabFeed {
  readonly #source: TextSource;
  readonly #clock: Clock;
  #chosen = '';
  #generation = 0;
  #follower: TextFollower | undefined;
  #problem: string | undefined;
  #question: Question | undefined;
  #lookedAt = 0;
  #isReading = false;

  constructor(source: TextSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** One question at a time: a new one has the one before answered as things are. */
  ask(request: TextRequest): Promise<TextAnswer> {
    this.#answer();
    this.#choose(request.choice);
    const { promise, resolve } = Promise.withResolvers<TextAnswer>();
    this.#question = { request, answer: resolve, until: this.#clock.monotonic() + patienceMs };
    return promise;
  }

  push(): void {
    this.#lookedAt = this.#clock.monotonic();
    if (this.#question) this.#choose(this.#question.request.choice);
    this.#read();
    if (this.#question && (this.#isNews(this.#question.request) || this.#lookedAt >= this.#question.until))
      this.#answer();
  }

  dispose(): void {
    this.#answer();
    this.#follower = undefined;
  }

  /** Another choice, another capture or a cleared one is read anew. */
  #choose(choice: ShapeChoice): void {
    const { capture, captureId } = this.#source;
    const chosen = JSON.stringify([captureId, capture.cleared, choice]);
    if (chosen === this.#chosen) return;
    this.#chosen = chosen;
    this.#generation++;
    this.#problem = undefined;
    this.#follower = undefined;
    try {
      this.#follower = new TextFollower(capture, new MergedText(choice));
    } catch (error) {
      this.#problem = errorText(error);
    }
  }

  #read(): void {
    const follower = this.#follower;
    if (!follower || this.#isReading) return;
    const end = this.#clock.monotonic() + sliceMs;
    follower.advance(() => this.#clock.monotonic() >= end);
    if (follower.isCaughtUp) {
      // Of a file, or of what an earlier window captured, the end may not be there.
      if (!/^(?:open|connecting)$/.test(this.#source.state.kind)) follower.text.end();
      return;
    }
    if (this.#clock.monotonic() - this.#lookedAt > idleMs) return;
    this.#isReading = true;
    this.#clock.after(0, () => {
      this.#isReading = false;
      this.#read();
    });
  }

  #isNews(request: TextRequest): boolean {
    if (request.generation !== this.#generation) return true;
    if (!this.#follower) return false;
    const { text, isCaughtUp } = this.#follower;
    return !(isCaughtUp && request.isCaughtUp) || isNew(text, request);
  }

  #answer(): void {
    const question = this.#question;
    this.#question = undefined;
    question?.answer(this.#answerTo(question.request));
  }

  #answerTo(request: TextRequest): TextAnswer {
    const generation = this.#generation;
    const follower = this.#follower;
    const problem = this.#problem === undefined ? {} : { problem: this.#problem };
    if (!follower)
      return { generation, revision: 0, ...problem, behind: 0, missed: 0, first: 1, from: 1, messages: [] };
    const { text, missed, behind } = follower;
    const { recognized, revision } = text;
    const isKnown = request.generation === generation;
    return {
      generation,
      revision,
      ...(recognized === undefined ? {} : { recognized }),
      behind,
      missed,
      ...newsOf(
        text,
        isKnown ? request : { ...request, revision: 0, from: undefined, held: [] },
        this.#source.hasTimes,
      ),
    };
  }
}
