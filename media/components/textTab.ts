import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Snapshot } from '../../src/panelApi/protocol.ts';
import type { ShapeChoice, TextAnswer } from '../../src/panelApi/text.ts';
import { formatCount, visibleText } from '../format.ts';
import type { TextChoice } from '../host.ts';
import type { PanelController } from '../panelController.ts';
import type { HeldMessage } from '../textModel.ts';
import { choiceNames, examplePath, shapeNames } from '../textShapes.ts';
import { PanelElement } from './panelElement.ts';
import { textEmpty } from './textEmpty.ts';
import './textMessage.ts';

/** As near to the end as counts as being there. */
const nearEnd = 4;
/** Fewer records are read before anybody can read that they are. */
const worthTelling = 2_000;

/** What a model says, merged from its deltas. */
export class TextTab extends PanelElement {
  static override properties = {
    controller: { attribute: false },
    snapshot: { attribute: false },
    choice: { attribute: false },
    following: { state: true },
  };

  declare controller: PanelController;
  declare snapshot: Snapshot;
  declare choice: TextChoice;
  declare show: (position: number) => void;
  declare following: boolean;
  #top = 0;
  #announced = '';
  readonly #grown = new ResizeObserver(() => this.#followEnd());

  constructor() {
    super();
    this.following = true;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#grown.disconnect();
  }

  protected override firstUpdated(): void {
    for (const name of ['.messages', '.text-scroller']) {
      const element = this.querySelector(name);
      if (element) this.#grown.observe(element);
    }
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('choice')) this.following = true;
  }

  focusText(): void {
    this.#scroller()?.focus({ preventScroll: true });
  }

  override render() {
    const { messages, answer } = this.controller.text.model;
    return html`
      ${this.#bar(answer)}
      <div class="text-view">
        <div
          class="text-scroller"
          tabindex="0"
          role="region"
          aria-label="Merged text"
          data-testid="merged-text"
          @scroll=${this.#onScroll}
          @wheel=${this.#onWheel}
          @keydown=${this.#onKey}
        >
          <div class="messages">
            ${answer ? this.#notes(answer) : nothing}
            ${repeat(
              messages,
              ({ view }) => view.id,
              (message) => html`<sse-text-message
                .message=${message}
                .controller=${this.controller}
                .show=${this.show}
              ></sse-text-message>`,
            )}
          </div>
        </div>
        ${
          messages.length === 0
            ? textEmpty(this.snapshot, this.choice, answer, {
                act: (action) => this.controller.act(action),
                choose: (shape) => this.#choose(shape),
              })
            : nothing
        }
        ${this.following || messages.length === 0 ? nothing : this.#pill()}
      </div>
      <div class="hidden-text" role="status" data-testid="text-announcer">${this.#inWords(messages.at(-1))}</div>
    `;
  }

  #bar(answer: TextAnswer | undefined): TemplateResult {
    const { shape, path } = this.choice;
    const problem = shape === 'path' ? answer?.problem : undefined;
    return html`<div class="text-bar">
      <label>
        <span>Shape</span>
        <select class="select" data-testid="shape" @change=${this.#onShape}>
          ${Object.entries(choiceNames).map(
            ([name, label]) => html`<option value=${name} ?selected=${name === shape}>${label}</option>`,
          )}
        </select>
      </label>
      ${
        shape === 'path'
          ? html`<input
              class="input ${problem ? 'invalid' : ''}"
              type="text"
              spellcheck="false"
              autocomplete="off"
              aria-label="JSON path of the text"
              aria-invalid=${problem !== undefined}
              aria-describedby=${problem ? 'path-problem' : nothing}
              placeholder=${examplePath}
              data-testid="path"
              .value=${path}
              @change=${this.#onPath}
            />`
          : nothing
      }
      <span class="dim recognized" data-testid="recognized">${progress(answer, shape)}</span>
      ${problem ? html`<p class="tone-error" id="path-problem" role="alert">This is no JSON path: ${visibleText(problem)}</p>` : nothing}
    </div>`;
  }

  #notes({ missed }: TextAnswer): TemplateResult {
    const { earlier } = this.controller.text.model;
    return html`
      ${
        missed > 0
          ? html`<p class="dim note">The first ${formatCount(missed)} records had left the capture before their text could be read.</p>`
          : nothing
      }
      ${
        earlier > 0
          ? html`<button type="button" class="button secondary" @click=${() => this.controller.text.showEarlier()}>
              Show earlier messages (${formatCount(earlier)})
            </button>`
          : nothing
      }
    `;
  }

  #pill(): TemplateResult {
    return html`<button
      type="button"
      class="follow-pill"
      data-testid="text-follow"
      title="Go to the end and follow (End)"
      @click=${() => {
        this.following = true;
        this.#followEnd();
        this.focusText();
      }}
    >
      <i class="codicon codicon-arrow-down" aria-hidden="true"></i>Follow
    </button>`;
  }

  #choose(shape: ShapeChoice['shape']): void {
    this.controller.chooseText({ ...this.choice, shape });
    if (shape === 'path') void this.updateComplete.then(() => this.#path()?.focus());
  }

  readonly #onShape = (event: Event): void => {
    this.#choose((event.target as HTMLSelectElement).value as ShapeChoice['shape']);
  };

  readonly #onPath = (event: Event): void => {
    this.controller.chooseText({ shape: 'path', path: (event.target as HTMLInputElement).value.trim() });
  };

  readonly #onScroll = (): void => {
    const scroller = this.#scroller();
    if (!scroller) return;
    const { scrollTop, scrollHeight, clientHeight } = scroller;
    const isAtEnd = scrollHeight - clientHeight - scrollTop < nearEnd;
    if (isAtEnd && scrollTop > this.#top) this.following = true;
    else if (!isAtEnd && scrollTop < this.#top) this.following = false;
    this.#top = scrollTop;
  };

  /** At once, not at the first pixel: while much arrives the view would be back at the end before it. */
  readonly #onWheel = {
    passive: true,
    handleEvent: (event: WheelEvent) => {
      if (event.deltaY < 0 && this.#top > 0) this.following = false;
    },
  };

  readonly #onKey = ({ key }: KeyboardEvent): void => {
    if (/^(?:ArrowUp|PageUp|Home)$/.test(key) && this.#top > 0) this.following = false;
  };

  #followEnd(): void {
    const scroller = this.#scroller();
    if (!scroller || !this.following) return;
    scroller.scrollTop = scroller.scrollHeight;
    this.#top = scroller.scrollTop;
  }

  /** For the live region: how an answer ended, never what it says. */
  #inWords(last: HeldMessage | undefined): string {
    if (!last || last.view.state === 'streaming') return this.#announced;
    const { id, state, finishReason, error } = last.view;
    const how =
      state === 'finished'
        ? `finished${finishReason ? `: ${visibleText(finishReason)}` : ''}`
        : state === 'cut'
          ? 'was cut before its end mark'
          : `failed: ${visibleText(error ?? '')}`;
    this.#announced = `Message ${id} ${how}`;
    return this.#announced;
  }

  #scroller(): HTMLElement | null {
    return this.querySelector('.text-scroller');
  }

  #path(): HTMLInputElement | null {
    return this.querySelector('[data-testid=path]');
  }
}

function progress(answer: TextAnswer | undefined, shape: ShapeChoice['shape']): string {
  if (answer && answer.behind > worthTelling) return `Reading, ${formatCount(answer.behind)} records to go`;
  return shape === 'auto' && answer?.recognized ? `Recognized as ${shapeNames[answer.recognized]}` : '';
}

customElements.define('sse-text-tab', TextTab);

declare global {
  interface HTMLElementTagNameMap {
    'sse-text-tab': TextTab;
  }
}
