import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { foundIn } from '../../src/panelApi/found.ts';
import type {
  Detail,
  EventAction,
  EventDetail,
  Fact,
  Marks,
  Range,
  Term,
} from '../../src/panelApi/protocol.ts';
import { eventContext, openContextMenu } from '../contextMenu.ts';
import { formatBytes, formatCount, formatDateTime, formatGap, visibleText } from '../format.ts';
import type { DetailTab, SavedState, WireForm } from '../host.ts';
import { type JsonNode, nodeAt, parseJson } from '../json.ts';
import type { PanelController } from '../panelController.ts';
import type { DetailState } from '../state.ts';
import { factsTable } from './factsTable.ts';
import { iconButton } from './iconButton.ts';
import { PanelElement } from './panelElement.ts';
import { tabStrip } from './tabStrip.ts';
import './hexView.ts';
import './copyButton.ts';
import './jsonTree.ts';
import './textView.ts';

/** Larger data is parsed when asked for. */
const parseAtOnce = 1024 * 1024;
const noRanges: readonly Range[] = [];
const tabNames: Record<DetailTab, string> = { json: 'JSON', text: 'Text', wire: 'Wire' };
const wireFormNames: Record<WireForm, string> = { hex: 'Hex', text: 'Text' };

/** All of the selected row: data as a tree or text, and what is known about it. */
export class DetailPane extends PanelElement {
  static override properties = {
    detail: { attribute: false },
    saved: { attribute: false },
    controller: { attribute: false },
    json: { state: true },
  };

  declare detail: DetailState | undefined;
  declare saved: SavedState;
  declare controller: PanelController;
  /** 'later' until the user asks for the parsing of large data; undefined where the data isn't JSON. */
  declare json: JsonNode | 'later' | undefined;
  #shown: Detail | undefined;
  /** What the filter finds in the data, and what of. */
  #ranges: readonly Range[] = [];
  #found: readonly unknown[] = [];

  protected override willUpdate(changed: PropertyValues): void {
    const value = this.detail?.value;
    if (changed.has('detail') && value !== this.#shown) {
      this.#shown = value;
      this.json = value?.kind === 'event' && !value.truncated ? parsed(value.data) : undefined;
    }
    this.#find(value, this.saved.filter.terms, this.detail?.marks);
  }

  /** Ranges stay the same ones until something else is found: new ones are scrolled to. */
  #find(value: Detail | undefined, terms: readonly Term[], marks: Marks | undefined): void {
    const { json } = this;
    const found = [value, terms, marks, json];
    if (found.every((part, at) => part === this.#found[at])) return;
    this.#found = found;
    const text = value?.kind === 'event' ? value.data : value?.kind === 'comment' ? value.text : '';
    const nodes = (marks?.paths ?? []).map((path) =>
      json === undefined || json === 'later' ? undefined : nodeAt(json, path),
    );
    const places = nodes.flatMap((node): Range[] => (node ? [[node.from, node.to]] : []));
    this.#ranges = foundIn(text, terms, [...(marks?.ranges ?? []), ...places]);
  }

  focusPane(): void {
    const target =
      this.querySelector<HTMLElement>('[role=treeitem][tabindex="0"]') ??
      this.querySelector<HTMLElement>('pre, button');
    target?.focus();
  }

  override render() {
    const value = this.detail?.value;
    return html`<section class="detail" aria-label="Detail" data-testid="detail" data-vscode-context=${value?.kind === 'event' ? eventContext(value.row.position) : nothing} aria-busy=${this.detail?.status === 'loading'}>
      <header>
        <h2>${this.#title(value)}</h2>
        ${value ? this.#copyButton(value) : nothing}
        ${value?.kind === 'event' ? this.#eventButtons(value.row.position) : nothing}
        ${iconButton('close', 'Close the detail', () => this.dispatchEvent(new CustomEvent('close-detail')), 'Close (Escape)')}
      </header>
      ${this.#body(value)}
    </section>`;
  }

  #body(value: Detail | undefined): TemplateResult {
    const note = (text: string) => html`<p class="note dim">${text}</p>`;
    switch (this.detail?.status) {
      case undefined:
        return note('Select a row to see all of it here.');
      case 'gone':
        return note("This row was evicted by the capture's bound.");
      case 'failed':
        return note('The host did not answer. Select the row again to ask again.');
    }
    if (!value) return note('Loading');
    switch (value.kind) {
      case 'event':
        return this.#event(value);
      case 'comment':
        return html`<div class="body">${this.#text(value.text, 'Comment', this.#ranges)}</div>
          ${factsTable([{ label: 'Received', value: formatDateTime(value.row.time) }])}`;
      case 'step':
        return html`<div class="scroll" tabindex="0" role="region" aria-label="Facts">
          ${factsTable([{ label: 'Time', value: formatDateTime(value.row.time) }, ...value.facts], (at) => this.controller.reveal(at))}
          ${value.body === undefined ? nothing : html`<h3>Body</h3>${this.#text(value.body, 'Body')}`}
        </div>`;
    }
  }

  #event(value: EventDetail): TemplateResult {
    const tabs: DetailTab[] = this.json === undefined ? ['text', 'wire'] : ['json', 'text', 'wire'];
    const tab = tabs.includes(this.saved.tab) ? this.saved.tab : 'text';
    const hex = tab === 'wire' && this.saved.wireForm === 'hex';
    return html`<div class="tabs">
        ${tabStrip({
          label: 'Form of the data',
          tabs: tabs.map((name) => ({ name, label: tabNames[name] })),
          selected: tab,
          id: 'form',
          select: (name) => this.controller.save({ tab: name }),
        })}
        <span class="options">
          ${tab === 'wire' ? this.#wireForms() : nothing}${tab === 'json' || hex ? nothing : this.#wrapButton()}
        </span>
      </div>
      <div class="body" role="tabpanel" id="form-body" aria-labelledby="form-${tab}">
        ${hex ? html`<sse-hex-view .detail=${value} .controller=${this.controller}></sse-hex-view>` : this.#form(tab, value)}
        ${value.truncated && !hex ? html`<p class="dim">The first ${formatCount(value.data.length)} characters.</p>` : nothing}
      </div>
      ${factsTable(eventFacts(value))}`;
  }

  #form(tab: DetailTab, value: EventDetail): TemplateResult {
    if (tab === 'json') return this.#json(value);
    if (tab === 'text') return this.#text(value.data, tabNames.text, this.#ranges);
    return this.#text(value.raw, tabNames.wire);
  }

  #wireForms(): TemplateResult {
    return html`<span class="choice" role="group" aria-label="Form of the block">
      ${(['hex', 'text'] as const).map(
        (form) => html`<button
          type="button"
          class="button toolbar"
          aria-pressed=${this.saved.wireForm === form}
          @click=${() => this.controller.save({ wireForm: form })}
        >
          ${wireFormNames[form]}
        </button>`,
      )}
    </span>`;
  }

  #json(value: EventDetail): TemplateResult {
    if (this.json !== 'later')
      return html`<sse-json-tree .root=${this.json} .ranges=${this.#ranges} isEventData></sse-json-tree>`;
    return html`<button
      type="button"
      class="button secondary more"
      @click=${() => {
        this.json = parseJson(value.data);
      }}
    >
      Parse ${formatBytes(value.data.length)} as JSON
    </button>`;
  }

  #text(text: string, label: string, ranges: readonly Range[] = noRanges): TemplateResult {
    return html`<sse-text-view .text=${text} .ranges=${ranges} .wrap=${this.saved.wrap} .label=${label}></sse-text-view>`;
  }

  #wrapButton(): TemplateResult {
    const { wrap } = this.saved;
    return html`<button
      type="button"
      class="button toolbar icon"
      title="Wrap long lines"
      aria-label="Wrap long lines"
      aria-pressed=${wrap}
      @click=${() => this.controller.save({ wrap: !wrap })}
    >
      <i class="codicon codicon-word-wrap" aria-hidden="true"></i>
    </button>`;
  }

  #eventButtons(position: number): TemplateResult {
    const act = (action: EventAction) => () => this.controller.actOn(action, position);
    return html`${iconButton('go-to-file', 'Open in Editor', act('openInEditor'))}
    ${iconButton('diff', 'Compare with Previous of Type', act('compareWithPreviousOfType'))}
    ${iconButton('ellipsis', 'More Actions', (event) => openContextMenu(event.currentTarget as Element))}`;
  }

  #copyButton(value: Detail): TemplateResult {
    const raw = value.kind === 'event' && this.saved.tab === 'wire';
    const what =
      value.kind === 'event' ? (raw ? 'raw block' : 'data') : value.kind === 'step' ? 'facts' : 'comment';
    return html`<sse-copy-button
      .controller=${this.controller}
      .text=${copyText(value, raw)}
      what=${what}
    ></sse-copy-button>`;
  }

  #title(value: Detail | undefined): TemplateResult {
    switch (value?.kind) {
      case 'event':
        return html`<span class="name" title=${visibleText(value.row.type)}>${visibleText(value.row.type)}</span>
          <span class="dim">#${formatCount(value.row.number)}</span>`;
      case 'step':
        return html`<span class="name tone-${value.row.tone}"
          ><i class="codicon codicon-${value.row.icon}" aria-hidden="true"></i> ${visibleText(value.row.text)}</span
        >`;
      case 'comment':
        return html`<span class="name">Comment</span>`;
      case undefined:
        return html`<span class="name">Detail</span>`;
    }
  }
}

function parsed(data: string): JsonNode | 'later' | undefined {
  if (data.length <= parseAtOnce) return parseJson(data);
  return /^\s*[[{]/.test(data) ? 'later' : undefined;
}

function copyText(value: Detail, raw: boolean): string {
  switch (value.kind) {
    case 'event':
      return raw ? value.raw : value.data;
    case 'comment':
      return value.text;
    case 'step':
      return [value.row.text, ...value.facts.map((fact) => `${fact.label}: ${fact.value}`), value.body ?? '']
        .join('\n')
        .trimEnd();
  }
}

function eventFacts({ row, attempt, lineEnding, chunkCount }: EventDetail): Fact[] {
  const id = row.id === '' ? 'none' : row.ownId ? row.id : `${row.id} (inherited from an earlier event)`;
  return [
    {
      label: 'Received',
      value: formatDateTime(row.time) + (row.gap === undefined ? '' : `, ${formatGap(row.gap)}`),
    },
    { label: 'Last event id', value: id },
    {
      label: 'On the wire',
      value: `${formatBytes(row.size)} in ${formatCount(chunkCount)} ${chunkCount === 1 ? 'chunk' : 'chunks'}, ${lineEnding}`,
    },
    { label: 'Attempt', value: formatCount(attempt) },
  ];
}

customElements.define('sse-detail-pane', DetailPane);
