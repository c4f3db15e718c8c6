import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { MessageState, MessageView } from '../../src/panelApi/text.ts';
import { formatCount, formatMs, formatTime, visibleText } from '../format.ts';
import { type JsonNode, parseJson } from '../json.ts';
import type { PanelController } from '../panelController.ts';
import type { HeldMessage, HeldPart } from '../textModel.ts';
import { PanelElement } from './panelElement.ts';
import './jsonTree.ts';

/** What a model is asked for has come in full; any other reason says what was in the way. */
const fullReasons = new Set(['stop', 'end_turn', 'stop_sequence', 'tool_calls', 'tool_use', 'function_call']);
/** Larger arguments stay text. */
const longestTree = 50_000;
const copiedMs = 1_500;

const faces: Record<MessageState, { icon: string; tone: string; label: string }> = {
  streaming: { icon: 'loading codicon-modifier-spin', tone: 'info', label: 'streaming' },
  finished: { icon: 'pass', tone: 'success', label: 'finished' },
  cut: { icon: 'warning', tone: 'warning', label: 'cut before its end mark' },
  failed: { icon: 'error', tone: 'error', label: 'failed' },
};

/** One answer of a model: who, how fast, how it ended, and its parts in their order. */
export class TextMessage extends PanelElement {
  static override properties = {
    message: { attribute: false },
    controller: { attribute: false },
    show: { attribute: false },
    copied: { state: true },
  };

  declare message: HeldMessage;
  declare controller: PanelController;
  /** Shows a record in the list of events. */
  declare show: (position: number) => void;
  declare copied: number | undefined;
  readonly #trees = new Map<number, { length: number; root: JsonNode | undefined }>();

  override render() {
    const { view, parts } = this.message;
    return html`<article class="message" aria-labelledby="message-${view.id}" data-testid="message" data-state=${view.state}>
      ${this.#head(view)}
      ${parts.map((part, at) => this.#part(part, at))}
      ${
        view.leftOut > 0
          ? note(
              `The message has more than ${formatCount(view.parts.length)} parts: ${formatCount(view.leftOut)} further deltas are left out.`,
            )
          : nothing
      }
      ${view.error === undefined ? nothing : html`<p class="failure tone-error">${visibleText(view.error)}</p>`}
    </article>`;
  }

  #head(view: MessageView): TemplateResult {
    const { id, model, choice, role, position } = view;
    return html`<header>
      <h2 id="message-${id}">
        <span class="name">${model === undefined ? 'Message' : visibleText(model)}</span>
        ${choice === undefined ? nothing : html`<span>choice ${choice}</span>`}
        ${role === undefined || role === 'assistant' ? nothing : html`<span class="dim">${visibleText(role)}</span>`}
        <span class="dim">#${formatCount(id)}</span>
      </h2>
      ${stateBadge(view)}
      <ul class="message-facts dim">
        ${factsOf(view).map((fact) => html`<li>${fact}</li>`)}
      </ul>
      <button
        type="button"
        class="button toolbar icon"
        title="Show its first event in the list"
        aria-label="Show the first event of message ${id} in the list"
        @click=${() => this.show(position)}
      >
        <i class="codicon codicon-list-selection" aria-hidden="true"></i>
      </button>
    </header>`;
  }

  #part(part: HeldPart, at: number): TemplateResult {
    const { view } = part;
    const cut =
      view.start > 0
        ? note(`The first ${formatCount(view.start)} characters were let go: only so much text is kept.`)
        : nothing;
    switch (view.kind) {
      case 'text':
        return html`<div class="part">${this.#copyButton(part, at, 'text')}${cut}${blocks(part)}</div>`;
      case 'refusal':
        return html`<div class="part refusal">
          <h3><i class="codicon codicon-circle-slash" aria-hidden="true"></i> Refusal</h3>
          ${this.#copyButton(part, at, 'refusal')}${cut}${blocks(part)}
        </div>`;
      case 'thinking':
        return view.end === 0
          ? html`<p class="part thinking dim"><i class="codicon codicon-lock" aria-hidden="true"></i> Thinking, encrypted by the provider</p>`
          : html`<details class="part thinking" open>
              <summary>Thinking${view.ms > 0 ? html` <span class="dim">${formatMs(view.ms)}</span>` : nothing}</summary>
              ${this.#copyButton(part, at, 'thinking')}${cut}${blocks(part)}
            </details>`;
      case 'toolCall':
        return html`<div class="part tool-call" data-testid="tool-call">
          <h3>
            <i class="codicon codicon-tools" aria-hidden="true"></i>
            <span class="name">${visibleText(view.name ?? 'tool')}</span>
            ${view.callId === undefined ? nothing : html`<span class="dim">${visibleText(view.callId)}</span>`}
          </h3>
          ${view.end === 0 ? nothing : this.#copyButton(part, at, 'arguments')}${cut}${this.#arguments(part, at)}
        </div>`;
    }
  }

  /** As a tree when it has become JSON, which it is at its very end. */
  #arguments(part: HeldPart, at: number): TemplateResult | typeof nothing {
    const { end } = part.blocks;
    if (end === 0) return nothing;
    const known = this.#trees.get(at);
    if (known?.length !== end) {
      const root = end <= longestTree && part.view.start === 0 ? parseJson(part.blocks.raw) : undefined;
      this.#trees.set(at, { length: end, root });
    }
    const root = this.#trees.get(at)?.root;
    return root ? html`<sse-json-tree .root=${root}></sse-json-tree>` : blocks(part);
  }

  #copyButton({ blocks }: HeldPart, at: number, what: string): TemplateResult {
    const isCopied = this.copied === at;
    return html`<button
      type="button"
      class="button toolbar icon copy"
      title="Copy the ${what}"
      aria-label=${isCopied ? 'Copied' : `Copy the ${what}`}
      @click=${() => this.#copy(blocks.raw, at).catch(reportError)}
    >
      <i class="codicon codicon-${isCopied ? 'check' : 'copy'}" aria-hidden="true"></i>
    </button>`;
  }

  async #copy(text: string, at: number): Promise<void> {
    await this.controller.copy(text);
    this.copied = at;
    setTimeout(() => {
      if (this.copied === at) this.copied = undefined;
    }, copiedMs);
  }
}

function blocks({ blocks }: HeldPart): TemplateResult {
  return html`<div class="blocks">${repeat(
    blocks.blocks,
    ({ at }) => at,
    ({ shown }) => html`<div class="block">${shown}</div>`,
  )}</div>`;
}

function note(text: string): TemplateResult {
  return html`<p class="dim note">${text}</p>`;
}

function stateBadge({ state, finishReason }: MessageView): TemplateResult {
  const isFull = state !== 'finished' || finishReason === undefined || fullReasons.has(finishReason);
  const { icon, tone, label } = isFull ? faces[state] : { ...faces.cut, label: 'finished' };
  const text = state === 'finished' && finishReason ? visibleText(finishReason) : label;
  return html`<span class="message-state tone-${tone}" title=${finishReason ? `Finish reason: ${visibleText(finishReason)}` : label}
    ><i class="codicon codicon-${icon}" aria-hidden="true"></i>${text}</span
  >`;
}

function factsOf(view: MessageView): string[] {
  const { timeToFirstToken, speed, tokens, deltas, startedAt, afterReconnect, resumed, attempt } = view;
  return [
    ...(timeToFirstToken === undefined ? [] : [`first token ${formatMs(timeToFirstToken)}`]),
    ...(speed === undefined ? [] : [`${formatSpeed(speed.perSecond)} ${speed.of}/s`]),
    ...(tokens === undefined ? [] : [counted(tokens, 'token')]),
    counted(deltas, 'delta'),
    ...(startedAt === undefined ? [] : [formatTime(startedAt)]),
    ...(resumed ? [`resumed in attempt ${formatCount(attempt)}`] : []),
    ...(afterReconnect ? [`after a reconnect, attempt ${formatCount(attempt)}`] : []),
  ];
}

function formatSpeed(perSecond: number): string {
  return perSecond < 9.95 ? perSecond.toFixed(1) : formatCount(perSecond);
}

function counted(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;
}

customElements.define('sse-text-message', TextMessage);
