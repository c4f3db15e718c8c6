import type { ShapeChoice, TextAnswer, TextRequest } from '../src/panelApi/text.ts';
import type { TextChoice } from './host.ts';
import { TextModel } from './textModel.ts';

const retryMs = 1_000;

/** Keeps asking the host for merged text while the Text tab is looked at: it answers when there is news. */
export class TextLoader {
  readonly model = new TextModel();
  readonly #ask: (request: TextRequest) => Promise<TextAnswer>;
  readonly #onDidChange: () => void;
  /** Another number, other questions: answers to the ones before come too late. */
  #round = 0;
  /** Undefined where a path is to be given first. */
  #choice: ShapeChoice | undefined;
  #isOn = false;

  constructor(ask: (request: TextRequest) => Promise<TextAnswer>, onDidChange: () => void) {
    this.#ask = ask;
    this.#onDidChange = onDidChange;
  }

  /** Starts or stops asking. */
  look(isOn: boolean): void {
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    this.#restart();
  }

  choose({ shape, path }: TextChoice): void {
    const isMissing = shape === 'path' && path === '';
    this.#choice = isMissing ? undefined : shape === 'path' ? { shape, path } : { shape };
    this.model.clear();
    this.#restart();
  }

  showEarlier(): void {
    this.model.showEarlier();
    this.#restart();
  }

  #restart(): void {
    this.#round++;
    this.#onDidChange();
    if (this.#isOn && this.#choice) void this.#run(this.#round, this.#choice);
  }

  async #run(round: number, choice: ShapeChoice): Promise<void> {
    while (round === this.#round) {
      try {
        const answer = await this.#ask(this.model.request(choice));
        if (round !== this.#round) return;
        this.model.receive(answer);
        this.#onDidChange();
        // Not more often than can be seen, and not at all while the page isn't.
        await new Promise(requestAnimationFrame);
      } catch {
        // The host is slow or is restarting.
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }
}
