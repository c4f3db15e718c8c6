import type { WaitCause } from '../sse/policies.ts';
import type { Step } from '../sse/steps.ts';
import { Gaps } from './gaps.ts';
import { Longest } from './longest.ts';
import { isMarked, Marks } from './marks.ts';
import { type PhaseKind, Phases } from './phases.ts';
import { RateHistory } from './rateHistory.ts';
import type { Note, Recovery } from './records.ts';

/** A time before an attempt, which the server, the policy or a missing token made. */
export interface Wait {
  time: number;
  /** How long it was in the end. */
  ms: number;
  /** Of the step that began it. */
  position: number;
  /** Missing where it was for a token. */
  cause?: WaitCause;
}

/**
 * What a connection did over its whole life, those records included that were evicted since. Costs the same however
 * much there was: each part has a bound of its own, all together stay under a few megabytes.
 */
export class Statistics {
  readonly rate = new RateHistory();
  readonly gaps = new Gaps();
  readonly marks = new Marks();
  readonly phases = new Phases();
  readonly #waits = new Longest<Wait>();
  #wait: (Wait & { until: number }) | undefined;
  #from = Number.POSITIVE_INFINITY;
  #to = Number.NEGATIVE_INFINITY;
  #opens = 0;
  #verdict: Recovery | undefined;

  /** When the first and the last step or event came, in epoch milliseconds; undefined while there is none. */
  get extent(): { from: number; to: number } | undefined {
    return this.#from > this.#to ? undefined : { from: this.#from, to: this.#to };
  }

  /** How often the stream was opened. */
  get opens(): number {
    return this.#opens;
  }

  /** What the fault lab said last of how the connection came through. */
  get verdict(): Recovery | undefined {
    return this.#verdict;
  }

  /** Events that came at the same time, side by side from `position`. */
  addEvents(time: number, attempt: number, position: number, count = 1): void {
    this.#reach(time);
    this.rate.add(time, count);
    this.gaps.add(time, attempt, position, count);
  }

  addStep(time: number, attempt: number, position: number, step: Step | Note): void {
    // Nobody was there to see the end of what a window reload cut off: it was over with its last record.
    const since = step.step === 'restored' ? (this.extent?.to ?? time) : time;
    this.#reach(time);
    if (step.step === 'verdict') this.#verdict = step;
    if (!isMarked(step)) return;
    this.marks.add(time, position, attempt, step);
    const phase = phaseAfter(step);
    if (phase === undefined) return;
    this.phases.enter(phase, since);
    if (step.step === 'open') this.#opens++;
    if (this.#wait) this.#waits.add(settled(this.#wait, since));
    this.#wait = waitOf(step, time, position);
  }

  /** The longest waits first, the one under way with what it has come to at `now`. */
  longestWaits(now: number): readonly Wait[] {
    if (!this.#wait) return this.#waits.items;
    const all = new Longest<Wait>();
    for (const wait of [...this.#waits.items, settled(this.#wait, now)]) all.add(wait);
    return all.items;
  }

  #reach(time: number): void {
    if (time < this.#from) this.#from = time;
    if (time > this.#to) this.#to = time;
  }
}

/** What the connection does from this step on; undefined where the step changes nothing. */
function phaseAfter(step: Step | Note): PhaseKind | undefined {
  switch (step.step) {
    case 'open':
      return 'open';
    case 'waiting':
    case 'needsToken':
      return 'waiting';
    case 'closed':
    case 'restored':
      return 'closed';
    case 'silence':
    case 'fault':
    case 'escaped':
    case 'verdict':
    case 'scenario':
    case 'tokenRefreshed':
    case 'tokenRefreshFailed':
      return undefined;
    default:
      return 'connecting';
  }
}

function waitOf(step: Step | Note, time: number, position: number): (Wait & { until: number }) | undefined {
  if (step.step === 'needsToken') return { time, ms: 0, position, until: Number.POSITIVE_INFINITY };
  if (step.step !== 'waiting') return undefined;
  return { time, ms: 0, position, cause: step.cause, until: step.until };
}

function settled({ until, ...wait }: Wait & { until: number }, end: number): Wait {
  return { ...wait, ms: Math.max(0, Math.min(end, until) - wait.time) };
}
