import { html, nothing, type TemplateResult } from 'lit';
import type { Counts, Filter } from '../../src/panelApi/protocol.ts';
import { type Choice, isShown, showAll, showOnly, toggle } from '../filterEdits.ts';
import { formatCount, hueOf, visibleText } from '../format.ts';
import type { MenuItem } from './filterMenu.ts';
import { PanelElement } from './panelElement.ts';
import './filterMenu.ts';

/** Types that may stand side by side; the menu has more. */
const mostChips = 12;

interface Chip {
  choice: Choice;
  label: string;
  count: number;
}

/** Types and kinds of records with their counts, each a switch. What has no room is in the menu at their end. */
export class FilterChips extends PanelElement {
  static override properties = { counts: { attribute: false }, filter: { attribute: false } };

  declare counts: Counts;
  declare filter: Filter;
  declare change: (filter: Filter) => void;
  /** The order in which they came, so that counting doesn't make them jump. */
  #order: string[] = [];
  readonly #resize = new ResizeObserver(() => this.#hideWhatHasNoRoom());

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resize.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize.disconnect();
  }

  protected override willUpdate(): void {
    const { types } = this.counts;
    // A type that is new, or one that was, orders all of them anew.
    if (types.length !== this.#order.length || types.some(({ type }) => !this.#order.includes(type)))
      this.#order = types.map(({ type }) => type);
  }

  override render() {
    const types = this.#types();
    const kinds = this.#kinds();
    return html`<div class="types" role="group" aria-label="Types">
        ${types.slice(0, mostChips).map((chip) => this.#chip(chip))}
      </div>
      ${types.length > 0 ? html`<sse-filter-menu label="All types" .items=${this.#items([...types, ...kinds])}></sse-filter-menu>` : nothing}
      ${kinds.length > 0 ? html`<div class="kinds" role="group" aria-label="Other records">${kinds.map((chip) => this.#chip(chip))}</div>` : nothing}`;
  }

  protected override updated(): void {
    this.#hideWhatHasNoRoom();
  }

  #types(): Chip[] {
    const counts = new Map(this.counts.types.map(({ type, count }) => [type, count]));
    return this.#order.map((type) => ({
      choice: { type },
      label: visibleText(type),
      count: counts.get(type) ?? 0,
    }));
  }

  #kinds(): Chip[] {
    const { comments, steps } = this.counts;
    const kinds: Chip[] = [
      { choice: { kind: 'comment' }, label: 'comments', count: comments },
      { choice: { kind: 'step' }, label: 'lifecycle', count: steps },
    ];
    return kinds.filter(({ choice, count }) => count > 0 || !isShown(this.filter, choice));
  }

  #chip({ choice, label, count }: Chip): TemplateResult {
    const shown = isShown(this.filter, choice);
    const hue = 'type' in choice ? `hue-${hueOf(choice.type)}` : '';
    const only = () => this.change(showOnly(this.filter, choice));
    return html`<button
      type="button"
      class="chip ${hue}"
      aria-pressed=${shown}
      title="${label}: ${formatCount(count)}. Click to ${shown ? 'hide' : 'show'}, Alt+click to show nothing else"
      @click=${(event: MouseEvent) => (event.altKey ? only() : this.change(toggle(this.filter, choice)))}
      @dblclick=${only}
    >
      <span class="label">${label}</span> <span class="count">${formatCount(count)}</span>
    </button>`;
  }

  #items(chips: readonly Chip[]): MenuItem[] {
    return [
      {
        label: 'Show All',
        checked: chips.every(({ choice }) => isShown(this.filter, choice)),
        run: () => this.change(showAll(this.filter)),
      },
      ...chips.map(({ choice, label, count }) => ({
        label,
        aside: formatCount(count),
        checked: isShown(this.filter, choice),
        run: () => this.change(toggle(this.filter, choice)),
      })),
    ];
  }

  /** Those that the line breaks off can be neither seen nor reached. */
  #hideWhatHasNoRoom(): void {
    for (const chip of this.querySelectorAll<HTMLElement>('.types .chip')) chip.inert = chip.offsetTop > 0;
  }
}

customElements.define('sse-filter-chips', FilterChips);
