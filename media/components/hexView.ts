import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { EventDetail } from '../../src/panelApi/protocol.ts';
import { formatCount } from '../format.ts';
import type { PanelController } from '../panelController.ts';
import { setVars } from '../setVars.ts';
import { endNames, pageBytes, runsOf, WirePages, type WireRun } from '../wirePages.ts';
import { PanelElement } from './panelElement.ts';

const rowHeight = 18;
/** What the layout's 32-bit coordinates place exactly. In a taller dump a pixel of scrolling is more than a pixel. */
const tallest = 12_000_000;

/** The exact bytes of an event's block, line ends and chunks marked. Only what is in view is pulled and in the DOM. */
export class HexView extends PanelElement {
  static override properties = {
    detail: { attribute: false },
    controller: { attribute: false },
  };

  declare detail: EventDetail;
  declare controller: PanelController;
  #pages: WirePages | undefined;
  /** The number of the chunk that begins at an offset. */
  #chunks = new Map<number, number>();
  #shown: EventDetail | undefined;
  #perRow = 16;
  #height = 0;
  #top = 0;
  readonly #resize = new ResizeObserver(() => this.#measure());

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize.disconnect();
  }

  protected override firstUpdated(): void {
    const scroller = this.#scroller();
    if (scroller) this.#resize.observe(scroller);
  }

  protected override willUpdate(): void {
    const { detail } = this;
    if (detail === this.#shown) return;
    this.#shown = detail;
    const { position } = detail.row;
    this.#chunks = new Map(detail.chunks.map((offset, index) => [offset, index + 2]));
    this.#pages = new WirePages(
      (range) => this.controller.wire({ position, ...range }),
      () => this.requestUpdate(),
    );
  }

  override render() {
    const { chunkCount, chunks } = this.detail;
    const unmarked = chunkCount - 1 - chunks.length;
    const from = Math.floor(this.#virtualTop / rowHeight);
    const to = Math.min(this.#rows, from + Math.ceil(this.#height / rowHeight) + 1);
    return html`<div
        class="hex"
        tabindex="0"
        role="region"
        aria-label="Bytes on the wire"
        data-testid="hex"
        @scroll=${this.#onScroll}
        ${setVars({ '--per-row': this.#perRow })}
      >
        <span class="probe" aria-hidden="true">0000000000</span>
        <div class="canvas" ${setVars({ '--height': `${Math.min(tallest, this.#rows * rowHeight)}px` })}>
          <div class="lines">
            ${Array.from({ length: Math.max(0, to - from) }, (_, index) => this.#row(from + index))}
          </div>
        </div>
      </div>
      ${unmarked > 0 ? html`<p class="dim">${formatCount(unmarked)} more chunks are not marked.</p>` : nothing}`;
  }

  protected override updated(changed: PropertyValues): void {
    const scroller = this.#scroller();
    if (scroller && changed.has('detail')) {
      scroller.scrollTop = 0;
      this.#top = 0;
    }
    const lines = this.querySelector<HTMLElement>('.lines');
    if (lines) lines.style.transform = `translateY(${this.#top - (this.#virtualTop % rowHeight)}px)`;
  }

  get #offsetDigits(): number {
    return Math.max(4, (this.detail.row.size - 1).toString(16).length);
  }

  get #rows(): number {
    return Math.ceil(this.detail.row.size / this.#perRow);
  }

  /** Where the view's top is in a dump that is as tall as it would be. */
  get #virtualTop(): number {
    const whole = this.#rows * rowHeight;
    if (whole <= tallest) return this.#top;
    return Math.min(1, this.#top / (tallest - this.#height)) * (whole - this.#height);
  }

  #row(row: number): TemplateResult {
    const offset = row * this.#perRow;
    const page = this.#pages?.at(offset);
    const label = offset.toString(16).padStart(this.#offsetDigits, '0');
    if (page === undefined || page === 'pending')
      return html`<div class="line"><span class="offset">${label}</span></div>`;
    if (page === 'gone')
      return html`<div class="line"><span class="offset">${label}</span><span class="dim">evicted</span></div>`;
    const start = Math.floor(offset / pageBytes) * pageBytes;
    const runs = runsOf(page, start, offset - start, offset - start + this.#perRow, this.#chunks);
    return html`<div class="line">
      <span class="offset">${label}</span>
      <span class="bytes">${runs.map((run) => html`<span class=${classOf(run)} title=${titleOf(run)}>${run.hex}</span>`)}</span>
      <span class="glyphs">${runs.map((run) => html`<span class=${classOf(run)} title=${titleOf(run)}>${run.text}</span>`)}</span>
    </div>`;
  }

  #onScroll(): void {
    this.#top = this.#scroller()?.scrollTop ?? 0;
    this.requestUpdate();
  }

  #measure(): void {
    const scroller = this.#scroller();
    const character = (this.querySelector<HTMLElement>('.probe')?.offsetWidth ?? 0) / 10;
    if (!scroller || character === 0) return;
    const style = getComputedStyle(scroller);
    const room =
      scroller.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight);
    // The offset and the gaps; then two digits, a space and a glyph for each byte.
    const fits = (bytes: number) => (this.#offsetDigits + 3 + bytes * 4) * character <= room;
    this.#perRow = fits(16) ? 16 : 8;
    this.#height = scroller.clientHeight;
    this.requestUpdate();
  }

  #scroller(): HTMLElement | null {
    return this.querySelector('.hex');
  }
}

function classOf({ kind, chunk }: WireRun): string {
  return chunk === undefined ? kind : `${kind} chunk`;
}

function titleOf(run: WireRun): string | typeof nothing {
  const parts = [
    run.chunk === undefined ? '' : `Chunk ${formatCount(run.chunk)} begins here`,
    run.kind === 'end' ? endNames(run) : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? nothing : parts.join('. ');
}

customElements.define('sse-hex-view', HexView);
