import { Capture } from '../../src/capture/capture.ts';
import { type TimelineView, timelineOf } from '../../src/panelApi/timeline.ts';
import type { CaptureSource } from '../../src/session/captureSource.ts';
import type { Step } from '../../src/sse/steps.ts';

const start = new Date(2026, 2, 14, 14, 2, 11, 482).getTime();
const block = new TextEncoder().encode('data: x\n\n');

/** The life of a connection, written step by step, and the timeline that the host makes of it. */
export class Life {
  readonly capture = new Capture();
  now = start;
  #attempt = 1;

  /** Events over a time, at a rate that goes up and down. */
  stream(seconds: number, perSecond: number): this {
    for (let second = 0; second < seconds; second++) {
      const count = Math.round(perSecond * (1 + 0.4 * Math.sin(second / 9) + 0.2 * Math.sin(second / 2.3)));
      for (let i = 0; i < count; i++)
        this.capture.addEvent(
          this.now + Math.floor((i * 1_000) / count),
          this.#attempt,
          'tick',
          undefined,
          block,
        );
      this.now += 1_000;
    }
    return this;
  }

  silent(seconds: number): this {
    this.now += seconds * 1_000;
    return this;
  }

  step(step: Step): this {
    this.capture.addStep(this.now, this.#attempt, step);
    return this;
  }

  /** The next request. */
  again(): this {
    this.#attempt++;
    return this;
  }

  open(): this {
    const head = { status: 200, statusText: 'OK', httpVersion: '1.1', headers: [] };
    return this.step({ step: 'open', head, cause: 'retry', ms: 84, lastEventId: '', redirects: 0 });
  }

  /** The stream breaks, is waited for, answers 503 once, and comes back. */
  outage(seconds: number): this {
    const browser = { do: 'stop' } as const;
    const end = { kind: 'error', error: 'reset', code: 'ECONNRESET', message: 'read ECONNRESET' } as const;
    this.step({ step: 'ended', end, wasOpen: true, openMs: 60_000, browser }).wait(seconds / 2, {
      kind: 'backOff',
      failures: 0,
    });
    const headers = [['Retry-After', String(seconds / 2)]] as const;
    const head = { status: 503, statusText: 'Service Unavailable', httpVersion: '1.1', headers };
    this.again()
      .step({ step: 'answer', head, body: '', browser })
      .wait(seconds / 2, {
        kind: 'retryAfter',
        value: String(seconds / 2),
        ms: seconds * 500,
      });
    return this.again().silent(0.2).open();
  }

  wait(seconds: number, cause: (Step & { step: 'waiting' })['cause']): this {
    const ms = seconds * 1_000;
    return this.step({ step: 'waiting', until: this.now + ms, ms, cause }).silent(seconds);
  }

  view(): TimelineView {
    const state = { kind: 'open', since: start } as const;
    const view = timelineOf({ capture: this.capture, state } as CaptureSource, this.now);
    if (!view) throw new Error('Nothing has happened yet.');
    return view;
  }
}

/** Minutes of everything a timeline shows. */
export function eventfulLife(): Life {
  const life = new Life().open().stream(130, 18).outage(30).stream(90, 24).silent(40).stream(60, 12);
  life.step({ step: 'closed', reason: { kind: 'disconnected' } }).silent(50);
  return life.again().open().stream(45, 20).outage(12).stream(80, 30).outage(1).stream(20, 26);
}
