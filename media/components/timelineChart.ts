import { html, nothing, svg, type TemplateResult } from 'lit';
import type { TimelineMark, TimelineSpan, TimelineView } from '../../src/panelApi/timeline.ts';
import { formatCount, formatRate, formatTime, visibleText } from '../format.ts';
import { setVars } from '../setVars.ts';
import { countTicks, timeTicks } from '../timeAxis.ts';
import { plotHeight as height, margin, TimelinePlot } from '../timelinePlot.ts';
import { PanelElement } from './panelElement.ts';

/** Icons that would lie over each other: the less important one is shown when it has the focus. */
const iconWidth = 18;
/** A pointer this near to a mark means the mark, in pixels. */
const reach = 6;

const rank: Record<TimelineMark['tone'], number> = { error: 3, warning: 2, success: 1, info: 0 };

/**
 * Events per second over time, with the connection's steps above. SVG: what it draws is a few hundred shapes, which
 * take the theme's colours by themselves.
 */
export class TimelineChart extends PanelElement {
  static override properties = {
    timeline: { attribute: false },
    first: { attribute: false },
    jump: { attribute: false },
    locate: { attribute: false },
    width: { state: true },
    pointer: { state: true },
    current: { state: true },
    focused: { state: true },
  };

  declare timeline: TimelineView;
  /** Records before this position are gone. */
  declare first: number;
  declare jump: (position: number) => void;
  declare locate: (time: number) => void;
  declare width: number;
  /** Where the pointer is over the plot, in pixels. */
  declare pointer: number | undefined;
  /** The position of the mark that Tab comes to. */
  declare current: number | undefined;
  declare focused: boolean;
  /** Of what is drawn. */
  #plot!: TimelinePlot;
  readonly #resize = new ResizeObserver(([entry]) => {
    if (entry) this.width = Math.floor(entry.contentRect.width);
  });

  constructor() {
    super();
    this.width = 0;
    this.focused = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resize.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize.disconnect();
  }

  override render() {
    if (this.width < 100) return nothing;
    this.#plot = new TimelinePlot(this.timeline, this.width);
    const { from, to } = this.#plot;
    const { peak } = this.timeline;
    return html`
      <svg
        role="img"
        aria-label="Events per second from ${formatTime(from)} to ${formatTime(to)}, at most ${formatCount(peak)}"
        width=${this.width}
        height=${height}
        @pointermove=${this.#onMove}
        @pointerleave=${this.#onLeave}
        @click=${this.#onClick}
      >
        ${hatch}
        ${this.timeline.spans.map((span) => this.#span(span))}
        ${this.#rateAxis()}
        ${this.#timeAxis()}
        ${this.#rate()}
        ${byRank(this.timeline.marks).map(
          ({ time, tone }) =>
            svg`<line class="mark tone-${tone}" x1=${this.#plot.x(time)} x2=${this.#plot.x(time)} y1=${margin.top - 4} y2=${height - margin.bottom}></line>`,
        )}
        ${this.pointer === undefined ? nothing : svg`<line class="crosshair" x1=${this.pointer} x2=${this.pointer} y1=${margin.top - 4} y2=${height - margin.bottom}></line>`}
      </svg>
      ${this.#buttons()}
      ${this.#tip()}
    `;
  }

  #span({ from, to, kind }: TimelineSpan): TemplateResult {
    const x = this.#plot.x(from);
    return svg`<rect class="span ${kind}" x=${x} y=${margin.top} width=${Math.max(0.5, this.#plot.x(to) - x)} height=${height - margin.top - margin.bottom}></rect>` as TemplateResult;
  }

  #rateAxis(): TemplateResult[] {
    const y = (count: number) => this.#plot.y(count);
    const { peak } = this.timeline;
    // The peak has a label of its own; what is too near to it has none.
    const ticks = countTicks(this.#plot.top, 4).filter((count) => y(count) - y(peak) > 14);
    return [...ticks, ...(peak > 0 ? [peak] : [])].map(
      (count) => svg`
        <line class="grid" x1=${margin.left} x2=${this.width - margin.right} y1=${y(count)} y2=${y(count)}></line>
        <text class="tick" text-anchor="end" x=${margin.left - 6} y=${y(count) + 4}>${shortCount(count)}</text>`,
    ) as TemplateResult[];
  }

  #timeAxis(): TemplateResult[] {
    const { from, to } = this.#plot;
    const bottom = height - margin.bottom;
    return timeTicks(from, to, Math.max(1, Math.floor(this.width / 90))).map(({ value, label }) => {
      const x = this.#plot.x(value);
      const anchor = x < margin.left + 24 ? 'start' : x > this.width - margin.right - 24 ? 'end' : 'middle';
      return svg`
        <line class="grid" x1=${x} x2=${x} y1=${bottom} y2=${bottom + 4}></line>
        <text class="tick" text-anchor=${anchor} x=${x} y=${height - 4}>${label}</text>`;
    }) as TemplateResult[];
  }

  /** The mean of each bucket, over the most that came within one second of it. */
  #rate(): TemplateResult {
    const y = (count: number) => this.#plot.y(count);
    const { from, width, events, peaks } = this.timeline.rate;
    const outline = (value: (i: number) => number) =>
      events.map((_, i) => `V${y(value(i)).toFixed(1)}H${this.#plot.x(from + (i + 1) * width)}`).join('');
    const start = `M${this.#plot.x(from)} ${y(0)}`;
    const mean = outline((i) => this.#plot.perSecond(i));
    return svg`
      ${width > 1_000 ? svg`<path class="peaks" d="${start}${outline((i) => peaks[i] ?? 0)}V${y(0)}Z"></path>` : nothing}
      <path class="area" d="${start}${mean}V${y(0)}Z"></path>
      <path class="outline" d="${start}${mean}V${y(0)}"></path>` as TemplateResult;
  }

  #buttons(): TemplateResult {
    const { marks } = this.timeline;
    const shown = this.#shown();
    const current = marks.some(({ position }) => position === this.current)
      ? this.current
      : marks.at(-1)?.position;
    return html`<div class="mark-buttons" role="toolbar" aria-label="Steps of the connection" @keydown=${this.#onKey}>
      ${marks.map(
        (mark) => html`<button
          type="button"
          class="mark-button tone-${mark.tone} ${shown.has(mark) ? '' : 'crowded'} ${mark.position < this.first ? 'gone' : ''}"
          tabindex=${mark.position === current ? 0 : -1}
          data-position=${mark.position}
          aria-label=${this.#inWords(mark)}
          ${setVars({ '--x': `${this.#plot.x(mark.time)}px` })}
          @focus=${() => this.#onFocus(mark)}
          @blur=${this.#onBlur}
          @pointerenter=${() => {
            this.pointer = this.#plot.x(mark.time);
          }}
          @pointerleave=${this.#onLeave}
          @click=${() => this.#go(mark)}
        ><i class="codicon codicon-${mark.icon}" aria-hidden="true"></i></button>`,
      )}
    </div>`;
  }

  /** The marks whose icons have room, the important ones first. */
  #shown(): Set<TimelineMark> {
    const shown = new Set<TimelineMark>();
    const taken: number[] = [];
    for (const mark of byRank(this.timeline.marks).reverse()) {
      const x = this.#plot.x(mark.time);
      if (taken.some((other) => Math.abs(other - x) < iconWidth)) continue;
      taken.push(x);
      shown.add(mark);
    }
    return shown;
  }

  #inWords({ time, text, more, position }: TimelineMark): string {
    const others = more > 0 ? `, and ${formatCount(more)} more close to it` : '';
    const gone = position < this.first ? ', no longer in the capture' : '';
    return `${formatTime(time)} ${visibleText(text)}${others}${gone}`;
  }

  #tip(): TemplateResult | typeof nothing {
    const { marks, rate } = this.timeline;
    const focused = this.focused ? marks.find(({ position }) => position === this.current) : undefined;
    const x = this.pointer ?? (focused ? this.#plot.x(focused.time) : undefined);
    if (x === undefined) return nothing;
    const near = this.pointer === undefined && focused ? [focused] : this.#near(x);
    const time = Math.max(this.#plot.from, near[0]?.time ?? this.#plot.timeAt(x));
    const bucket = Math.floor((time - rate.from) / rate.width);
    const perSecond = bucket < rate.events.length ? this.#plot.perSecond(bucket) : 0;
    const peak = rate.peaks[bucket] ?? 0;
    return html`<div
      class="tip"
      aria-hidden="true"
      data-testid="timeline-tip"
      ${setVars({ '--x': `${x}px`, '--shift': `${(-100 * x) / this.width}%` })}
    >
      <div class="when">${formatTime(time).slice(0, 8)} <b>${formatRate(perSecond)}</b>${
        rate.width > 1_000 && peak > 0 ? html` <span class="dim">up to ${formatCount(peak)}</span>` : nothing
      }</div>
      ${near
        .slice(0, 4)
        .map(
          (mark) =>
            html`<div class="step"><i class="codicon codicon-${mark.icon} tone-${mark.tone}"></i> ${visibleText(mark.text)}${
              mark.more > 0 ? html` <span class="dim">and ${formatCount(mark.more)} more</span>` : nothing
            }${mark.position < this.first ? html` <span class="dim">(evicted)</span>` : nothing}</div>`,
        )}
      ${near.length > 4 ? html`<div class="dim">and ${near.length - 4} more here</div>` : nothing}
    </div>`;
  }

  /** The marks under the pointer, the nearest first. */
  #near(x: number): TimelineMark[] {
    const far = ({ time }: TimelineMark) => Math.abs(this.#plot.x(time) - x);
    return this.timeline.marks
      .filter((mark) => far(mark) <= reach)
      .sort((a, b) => far(a) - far(b) || rank[b.tone] - rank[a.tone]);
  }

  #go({ position }: TimelineMark): void {
    if (position >= this.first) this.jump(position);
  }

  #onMove(event: PointerEvent): void {
    const x = event.offsetX;
    this.pointer = x < margin.left || x > this.width - margin.right ? undefined : x;
  }

  #onLeave(): void {
    this.pointer = undefined;
  }

  #onClick(event: MouseEvent): void {
    const [mark] = this.#near(event.offsetX);
    if (mark) this.#go(mark);
    else this.locate(this.#plot.timeAt(event.offsetX));
  }

  #onFocus({ position }: TimelineMark): void {
    this.current = position;
    this.focused = true;
  }

  #onBlur(): void {
    this.focused = false;
  }

  #onKey(event: KeyboardEvent): void {
    const buttons = [...this.querySelectorAll<HTMLElement>('.mark-button')];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    const targets: Record<string, number> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      Home: 0,
      End: buttons.length - 1,
    };
    const next = targets[event.key];
    if (next === undefined) return;
    event.preventDefault();
    buttons[Math.max(0, Math.min(next, buttons.length - 1))]?.focus();
  }
}

/** The most important one last, so that it lies above the others. */
function byRank(marks: readonly TimelineMark[]): TimelineMark[] {
  return [...marks].sort((a, b) => rank[a.tone] - rank[b.tone]);
}

const hatch = svg`<defs>
  <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
    <line class="hatch" x1="0" y1="0" x2="0" y2="6"></line>
  </pattern>
</defs>`;

const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

function shortCount(count: number): string {
  return count < 10_000 ? formatCount(count) : short.format(count);
}

customElements.define('sse-timeline-chart', TimelineChart);
