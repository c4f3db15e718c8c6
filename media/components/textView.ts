import { html, nothing, type PropertyValues } from 'lit';
import type { Range } from '../../src/panelApi/protocol.ts';
import { formatCount } from '../format.ts';
import { highlight } from './highlight.ts';
import { PanelElement } from './panelElement.ts';

/** Laying out a line of a megabyte takes the page a second: more than this is shown when asked for. */
const atOnce = 200_000;

/** Text from a server, as text. */
export class TextView extends PanelElement {
  static override properties = {
    text: { attribute: false },
    ranges: { attribute: false },
    wrap: { type: Boolean },
    label: { type: String },
    whole: { state: true },
  };

  declare text: string;
  /** What is marked, in order. */
  declare ranges: readonly Range[];
  declare wrap: boolean;
  declare label: string;
  declare whole: boolean;

  constructor() {
    super();
    this.text = '';
    this.ranges = [];
    this.label = 'Text';
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('text')) this.whole = false;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('ranges'))
      this.querySelector('mark')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  override render() {
    const cut = !this.whole && this.text.length > atOnce;
    const shown = cut ? this.text.slice(0, atOnce) : this.text;
    return html`<pre
        class="text ${this.wrap ? 'wrap' : ''}"
        tabindex="0"
        role="region"
        aria-label=${this.label}
        data-testid="text"
      >${highlight(shown, this.ranges)}</pre
      >${
        cut
          ? html`<button
              type="button"
              class="button secondary more"
              @click=${() => {
                this.whole = true;
              }}
            >
              Show all ${formatCount(this.text.length)} characters
            </button>`
          : nothing
      }${this.text === '' ? html`<p class="dim">Empty</p>` : nothing}`;
  }
}

customElements.define('sse-text-view', TextView);
