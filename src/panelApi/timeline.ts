// The whole life of a connection on one axis, as the panel draws it. A pure projection, small however much there was.

import { gapBounds } from '../capture/gaps.ts';
import type { PhaseKind } from '../capture/phases.ts';
import type { RateBuckets } from '../capture/rateHistory.ts';
import type { CaptureSource } from '../session/captureSource.ts';
import { causeText, describeStep } from '../session/describe.ts';
import type { Tone } from './protocol.ts';

export interface TimelineView {
  /** The axis's ends in epoch milliseconds: from the first record to the last, or to now while the connection is wanted. */
  from: number;
  to: number;
  /** At most 600 buckets, side by side. */
  rate: RateBuckets;
  /** The most events that came within one second. */
  peak: number;
  /** How often the stream was opened, and for how many milliseconds in all it was open. */
  opens: number;
  openMs: number;
  /** When the stream was not open: the longest of these times, at most 300. */
  spans: TimelineSpan[];
  /** At most 300. */
  marks: TimelineMark[];
  /** How many times between events were at most so many milliseconds long, and longer than the entry before says. */
  gaps: { upTo?: number; count: number }[];
  /** At most ten each, the longest first. */
  silences: Pause[];
  waits: Pause[];
}

export interface TimelineSpan {
  from: number;
  to: number;
  kind: Exclude<PhaseKind, 'open'>;
}

/** A lifecycle step with a place on the axis. */
export interface TimelineMark {
  time: number;
  position: number;
  tone: Tone;
  /** A codicon's name. */
  icon: string;
  text: string;
  aside?: string;
  /** So many less important steps close to it have no mark of their own. */
  more: number;
}

export interface Pause {
  /** When it began (epoch milliseconds) and how long it was. */
  time: number;
  ms: number;
  /** Of the record to look at. */
  position: number;
  cause: string;
}

const mostBuckets = 600;
const mostMarks = 300;

/** Undefined while there is nothing to put on an axis. */
export function timelineOf(source: CaptureSource, now: number): TimelineView | undefined {
  const { statistics } = source.capture;
  const { extent, rate, phases, gaps } = statistics;
  if (!extent) return undefined;
  const to = isWanted(source) ? Math.max(extent.to, now) : extent.to;
  const buckets = rate.read(mostBuckets);
  return {
    from: extent.from,
    to,
    rate: buckets,
    peak: buckets.peaks.reduce((a, b) => Math.max(a, b), 0),
    opens: statistics.opens,
    openMs: phases.openMs(to),
    spans: spansOf(phases.read(mostMarks * 2), to),
    marks: marksOf(source),
    gaps: gaps.counts.map((count, i) => {
      const upTo = gapBounds[i];
      return upTo === undefined ? { count } : { upTo, count };
    }),
    silences: standingOut(gaps.longest()).map(({ time, ms, position, reconnected }) => ({
      time,
      ms,
      position,
      cause: reconnected ? 'reconnected in between' : 'open, but silent',
    })),
    waits: statistics.longestWaits(to).map(({ time, ms, position, cause }) => ({
      time,
      ms,
      position,
      cause: cause ? causeText(cause) : 'a token was needed',
    })),
  };
}

/** A stream's ordinary gaps are no silences beside one that was a hundred times as long. */
function standingOut<T extends { ms: number }>(longest: readonly T[]): readonly T[] {
  return longest.filter(({ ms }) => ms * 100 >= (longest[0]?.ms ?? 0));
}

function isWanted({ state: { kind } }: CaptureSource): boolean {
  return kind !== 'idle' && kind !== 'closed' && kind !== 'recorded';
}

function spansOf(phases: { from: number; kind: PhaseKind }[], end: number): TimelineSpan[] {
  return phases.flatMap(({ from, kind }, i) => {
    const to = phases[i + 1]?.from ?? end;
    return kind === 'open' || to <= from ? [] : [{ from, to, kind }];
  });
}

function marksOf({ capture }: CaptureSource): TimelineMark[] {
  return capture.statistics.marks.read(mostMarks).map(({ time, position, attempt, step, more }) => ({
    time,
    position,
    ...describeStep(step, attempt),
    more,
  }));
}
