import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { AttemptRow } from '../../src/panelApi/attemptMessages.ts';
import type { PanelAction, Snapshot } from '../../src/panelApi/protocol.ts';
import type { ExchangeState } from '../attemptsModel.ts';
import { formatCount, formatTime, plural, visibleText } from '../format.ts';
import type { PanelController } from '../panelController.ts';
import { emptyState } from './emptyState.ts';
import { PanelElement } from './panelElement.ts';
import './exchangePane.ts';
import './liveTime.ts';

/** The attempts of the connection, newest first, beside the whole exchange of the selected one. */
export class RequestTab extends PanelElement {
  static override properties = {
    snapshot: { attribute: false },
    controller: { attribute: false },
    rows: { attribute: false },
    selected: { attribute: false },
    exchange: { attribute: false },
  };

  declare snapshot: Snapshot;
  declare controller: PanelController;
  declare rows: readonly AttemptRow[];
  declare selected: AttemptRow;
  declare exchange: ExchangeState | undefined;

  override render() {
    const { method, url } = this.snapshot;
    return html`<section class="attempt-pane" aria-label="Attempts">
        <header>
          <h2>Attempts</h2>
          ${this.controller.attempts.followsNewest ? nothing : this.#followButton()}
        </header>
        <div
          class="attempt-list"
          role="listbox"
          tabindex="0"
          aria-label="Attempts, newest first"
          aria-activedescendant="attempt-${this.selected.attempt}"
          data-testid="attempts"
          @keydown=${this.#onKey}
        >
          ${repeat(
            this.rows,
            ({ attempt }) => attempt,
            (row) => this.#row(row),
          )}
        </div>
        ${this.controller.attempts.older > 0 ? html`<p class="dim">${formatCount(this.controller.attempts.older)} older ones are not listed.</p>` : nothing}
      </section>
      <sse-exchange-pane
        .controller=${this.controller}
        .row=${this.selected}
        .live=${this.snapshot.canConnect}
        .exchange=${this.exchange}
        method=${method}
        url=${url}
        @select-attempt=${(event: CustomEvent<number>) => this.controller.attempts.select(event.detail)}
        @retry-exchange=${() => this.controller.attempts.retry()}
      ></sse-exchange-pane>`;
  }

  focusList(): void {
    this.querySelector<HTMLElement>('.attempt-list')?.focus({ preventScroll: true });
  }

  protected override updated(): void {
    this.querySelector('.attempt[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }

  #followButton(): TemplateResult {
    return html`<button
      type="button"
      class="button link"
      title="Show the newest attempt, and the next ones as they are made"
      @click=${() => this.controller.attempts.select(undefined)}
    >
      Follow the newest
    </button>`;
  }

  #row(row: AttemptRow): TemplateResult {
    const { attempt, tone, icon, title, text, origin, startedAt } = row;
    return html`<div
      class="attempt"
      role="option"
      id="attempt-${attempt}"
      aria-selected=${row === this.selected}
      title="${visibleText(text)} (${visibleText(origin)})"
      @click=${() => this.controller.attempts.select(attempt)}
    >
      <i class="codicon codicon-${icon} tone-${tone}" aria-hidden="true"></i>
      <span class="title">${visibleText(title)}</span>
      <span class="number">#${formatCount(attempt)}, ${formatTime(startedAt).slice(0, 8)}</span>
      <span class="second">
        <span class="about">${about(row)}</span>
        <span class="origin">${visibleText(origin)}</span>
      </span>
    </div>`;
  }

  readonly #onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.rows.indexOf(this.selected);
    const targets: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: this.rows.length - 1,
    };
    const next = targets[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const row = this.rows[next];
    if (row) this.controller.attempts.select(row.attempt);
  };
}

function about({ wasOpen, events, openSince, text }: AttemptRow): TemplateResult | string {
  if (!wasOpen) return visibleText(text);
  const received = plural(events, 'event');
  return openSince === undefined
    ? received
    : html`${received}, open <sse-live-time .at=${openSince}></sse-live-time>`;
}

/** What stands where the attempts would be. */
export function noAttempts(snapshot: Snapshot, act: (action: PanelAction) => void): TemplateResult {
  if (snapshot.state.kind !== 'recorded' || snapshot.next === 0)
    return emptyState(snapshot, act, 'each request');
  return html`<div class="empty" data-testid="empty">
    <i class="codicon codicon-archive" aria-hidden="true"></i>
    <h2>No requests in this capture</h2>
    <p>The file holds what was received, not what was sent. Captures that are saved as NDJSON hold both.</p>
  </div>`;
}

customElements.define('sse-request-tab', RequestTab);
