import { html } from 'lit';
import { PanelElement } from './panelElement.ts';

const least = 15;
const most = 85;

/** The bar between list and detail: dragged, or moved with the arrow keys. It reports the detail's share. */
export class Splitter extends PanelElement {
  static override properties = {
    share: { type: Number },
    beside: { type: Boolean },
  };

  /** The detail's share of the whole, in percent. */
  declare share: number;
  /** Whether the detail is beside the list; else it is below. */
  declare beside: boolean;

  override render() {
    return html`<div
      class="splitter ${this.beside ? 'beside' : 'below'}"
      role="separator"
      tabindex="0"
      aria-label="Size of the detail"
      aria-orientation=${this.beside ? 'vertical' : 'horizontal'}
      aria-valuenow=${Math.round(this.share)}
      aria-valuemin=${least}
      aria-valuemax=${most}
      @pointerdown=${this.#onDown}
      @pointermove=${this.#onMove}
      @keydown=${this.#onKey}
    ></div>`;
  }

  #onDown(event: PointerEvent): void {
    if (event.button === 0) (event.currentTarget as Element).setPointerCapture(event.pointerId);
  }

  #onMove(event: PointerEvent): void {
    const bar = event.currentTarget as Element;
    const whole = this.parentElement?.getBoundingClientRect();
    if (!whole || !bar.hasPointerCapture(event.pointerId)) return;
    const rest = this.beside
      ? (whole.right - event.clientX) / whole.width
      : (whole.bottom - event.clientY) / whole.height;
    this.#report(rest * 100);
  }

  #onKey(event: KeyboardEvent): void {
    const [grow, shrink] = this.beside ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
    const steps: Record<string, number> = { [grow]: 2, [shrink]: -2, Home: -100, End: 100 };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.#report(this.share + step);
  }

  #report(share: number): void {
    const detail = Math.max(least, Math.min(most, share));
    this.dispatchEvent(new CustomEvent<number>('resize-detail', { detail }));
  }
}

customElements.define('sse-splitter', Splitter);
