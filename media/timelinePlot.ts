import type { TimelineView } from '../src/panelApi/timeline.ts';

export const plotHeight = 190;
export const margin = { left: 46, right: 14, top: 24, bottom: 22 };
/** An axis shorter than this would be one bucket. */
const shortestMs = 10_000;

/** Where a timeline's times and counts stand on a chart of a width, in pixels. */
export class TimelinePlot {
  readonly from: number;
  readonly to: number;
  readonly #timeline: TimelineView;
  readonly #width: number;

  constructor(timeline: TimelineView, width: number) {
    this.#timeline = timeline;
    this.#width = width;
    this.from = timeline.from;
    this.to = Math.max(timeline.to, timeline.from + shortestMs);
  }

  /** The highest count that the axis has room for. */
  get top(): number {
    return Math.max(1, this.#timeline.peak) * 1.08;
  }

  x(time: number): number {
    const share = within((time - this.from) / (this.to - this.from));
    return Math.round((margin.left + share * this.#span) * 10) / 10;
  }

  y(count: number): number {
    return plotHeight - margin.bottom - (count / this.top) * (plotHeight - margin.top - margin.bottom);
  }

  timeAt(x: number): number {
    return this.from + within((x - margin.left) / this.#span) * (this.to - this.from);
  }

  /** The mean of a bucket. Of those at the ends only the part counts that lies on the axis. */
  perSecond(bucket: number): number {
    const { rate, from, to } = this.#timeline;
    const start = rate.from + bucket * rate.width;
    const length = Math.min(start + rate.width, to) - Math.max(start, from);
    return ((rate.events[bucket] ?? 0) * 1_000) / Math.max(1_000, length);
  }

  get #span(): number {
    return this.#width - margin.left - margin.right;
  }
}

function within(share: number): number {
  return Math.min(1, Math.max(0, share));
}
