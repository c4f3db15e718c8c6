import { html, nothing, type TemplateResult } from 'lit';
import type { Filter, ListView, Snapshot, Term } from '../../src/panelApi/protocol.ts';
import {
  dropTerm,
  keepTerm,
  keptTerms,
  noFilter,
  setTerm,
  takeBack,
  termOf,
  typeText,
} from '../filterEdits.ts';
import { formatCount, visibleText } from '../format.ts';
import type { PanelController } from '../panelController.ts';
import { setVars } from '../setVars.ts';
import type { ViewState } from '../state.ts';
import { iconButton } from './iconButton.ts';
import { PanelElement } from './panelElement.ts';
import './filterChips.ts';

const placeholders: Record<Term['mode'], string> = {
  text: 'Filter by text, or $ for a JSON path',
  regex: 'Filter by regular expression',
  path: 'JSON path, as $[?@.price > 100]',
};

/** What the list is narrowed down to: text, regular expression or JSON path, types and kinds; and how much that is. */
export class FindBar extends PanelElement {
  static override properties = { view: { attribute: false }, controller: { attribute: false } };

  declare view: ViewState;
  declare controller: PanelController;

  /** For screen readers: the count of each list once, not each count. */
  #told = { list: 0, text: '' };

  focusInput(): void {
    this.#input()?.focus();
    this.#input()?.select();
  }

  protected override willUpdate(): void {
    const { list, first, next } = this.view.snapshot ?? {};
    if (!list || list.id === this.#told.list || list.progress !== undefined) return;
    const text = list.isFiltered ? `${matchesOf(list, first ?? 0, next ?? 0)} shown` : '';
    this.#told = { list: list.id, text };
  }

  override render() {
    const { snapshot } = this.view;
    const { filter } = this.controller.saved;
    if (!snapshot) return nothing;
    return html`<search class="find" aria-label="Filter">
        ${keptTerms(filter).map((term, at) => this.#kept(term, at))}
        ${this.#box(termOf(filter))}
        ${snapshot.list.isFiltered ? this.#count(snapshot) : nothing}
        <sse-filter-chips .counts=${snapshot.counts} .filter=${filter} .change=${this.#change}></sse-filter-chips>
        ${progressBar(snapshot)}
      </search>
      <div class="hidden-text" role="status">${this.#told.text}</div>
      ${this.#notices(snapshot)}`;
  }

  #box(term: Term): TemplateResult {
    const { problem, saved } = this.controller;
    const isWrong = problem !== undefined && problem.term >= saved.filter.terms.length - 1;
    return html`<div class="find-box ${isWrong ? 'wrong' : ''}">
      <input
        type="text"
        data-testid="find"
        aria-label="Filter events"
        title=${saved.filter.terms.length > 0 ? 'Enter keeps this and adds another condition' : nothing}
        placeholder=${keptTerms(saved.filter).length > 0 ? 'and also...' : placeholders[term.mode]}
        autocomplete="off"
        spellcheck="false"
        maxlength="1000"
        aria-invalid=${isWrong}
        aria-describedby=${isWrong ? 'find-problem' : nothing}
        .value=${term.text}
        @input=${this.#onInput}
        @keydown=${this.#onKey}
      />
      ${this.#option('case-sensitive', 'Match Case', term.caseSensitive, { caseSensitive: !term.caseSensitive })}
      ${this.#option('regex', 'Regular Expression', term.mode === 'regex', { mode: term.mode === 'regex' ? 'text' : 'regex' })}
      ${this.#option('json', 'JSON Path', term.mode === 'path', { mode: term.mode === 'path' ? 'text' : 'path' })}
      ${isWrong ? this.#problem(problem.message, term) : nothing}
    </div>`;
  }

  #option(icon: string, label: string, on: boolean, change: Partial<Term>): TemplateResult {
    return html`<button
      type="button"
      class="option"
      title=${label}
      aria-label=${label}
      aria-pressed=${on}
      @click=${() => this.#change(setTerm(this.controller.saved.filter, change))}
    >
      <i class="codicon codicon-${icon}" aria-hidden="true"></i>
    </button>`;
  }

  #problem(message: string, term: Term): TemplateResult {
    const what = term.mode === 'path' ? 'No JSON path' : 'No regular expression';
    return html`<div class="find-problem" id="find-problem" role="alert">
      ${what}: ${visibleText(message)}
      <button
        type="button"
        class="button link"
        @click=${() => this.#change(setTerm(this.controller.saved.filter, { mode: 'text' }))}
      >
        Search as text
      </button>
    </div>`;
  }

  #kept(term: Term, at: number): TemplateResult {
    const text = visibleText(term.text);
    return html`<span class="kept"
      ><code title=${text}>${text}</code
      >${iconButton('close', `Remove ${text}`, () => this.#change(dropTerm(this.controller.saved.filter, at)))}</span
    >`;
  }

  #count({ list, first, next }: Snapshot): TemplateResult {
    return html`<span class="matches" data-testid="matches"
        >${matchesOf(list, first, next)}</span
      >${iconButton('clear-all', 'Clear Filter', this.#clear)}`;
  }

  #notices({ list }: Snapshot): TemplateResult {
    return html`<div role="status" class="find-notices">
      ${list.problem === undefined ? nothing : notice('warning', list.problem)}
      ${
        list.tooLarge === undefined
          ? nothing
          : notice('info', `Over 8 MB, and not looked into: ${formatCount(list.tooLarge)}`)
      }
      ${
        this.view.hidden === undefined
          ? nothing
          : notice(
              'info',
              'The filter hides this record.',
              html`<button type="button" class="button link" @click=${() => this.controller.unhide()}>Clear Filter</button>
                ${iconButton('close', 'Dismiss', () => this.controller.forgetHidden())}`,
            )
      }
    </div>`;
  }

  readonly #change = (filter: Filter) => this.controller.filter(filter);

  readonly #clear = () => {
    this.#change(noFilter);
    this.#input()?.focus();
  };

  readonly #onInput = (event: InputEvent) => {
    const { value } = event.target as HTMLInputElement;
    this.controller.filter(typeText(this.controller.saved.filter, value), true);
  };

  readonly #onKey = (event: KeyboardEvent) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const { filter } = this.controller.saved;
    const { text } = termOf(filter);
    const isWrong = this.controller.problem !== undefined;
    if (event.key === 'Escape' && text !== '') this.#change(setTerm(filter, { text: '', mode: 'text' }));
    else if (event.key === 'Escape' || event.key === 'ArrowDown')
      this.dispatchEvent(new CustomEvent('leave-find', { bubbles: true }));
    else if (event.key === 'Enter' && !isWrong) this.#change(keepTerm(filter));
    else if (event.key === 'Backspace' && text === '' && filter.terms.length > 1)
      this.#change(takeBack(filter));
    else return;
    event.preventDefault();
  };

  #input(): HTMLInputElement | null {
    return this.querySelector('input');
  }
}

function matchesOf(list: ListView, first: number, next: number): string {
  return `${formatCount(list.next - list.first)} of ${formatCount(next - first)}`;
}

function notice(icon: 'info' | 'warning', text: string, actions: unknown = nothing): TemplateResult {
  return html`<p class="find-notice tone-${icon}">
    <i class="codicon codicon-${icon}" aria-hidden="true"></i><span>${text}</span>${actions}
  </p>`;
}

function progressBar({ list: { progress } }: Snapshot): TemplateResult | typeof nothing {
  if (progress === undefined) return nothing;
  const percent = Math.round(progress * 100);
  return html`<div
    class="progress"
    role="progressbar"
    aria-label="Looking through the records"
    aria-valuenow=${percent}
    ${setVars({ '--progress': `${percent}%` })}
  ></div>`;
}

customElements.define('sse-find-bar', FindBar);

declare global {
  interface HTMLElementTagNameMap {
    'sse-find-bar': FindBar;
  }
}
