import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { Capture } from '../../../src/capture/capture.ts';
import { locate } from '../../../src/panelApi/locate.ts';
import { hostApiSchemas } from '../../../src/panelApi/protocol.ts';
import { timelineOf } from '../../../src/panelApi/timeline.ts';
import type { CaptureSource, SourceState } from '../../../src/session/captureSource.ts';
import type { Step } from '../../../src/sse/steps.ts';

const head = { status: 200, statusText: 'OK', httpVersion: '1.1', headers: [] };
const open: Step = { step: 'open', head, cause: 'connect', ms: 5, lastEventId: '', redirects: 0 };
const ended: Step = {
  step: 'ended',
  end: { kind: 'end' },
  wasOpen: true,
  openMs: 1,
  browser: { do: 'stop' },
};
const block = new Uint8Array(8);

function sourceOf(capture: Capture, state: SourceState): CaptureSource {
  return { capture, state } as CaptureSource;
}

describe('timelineOf', () => {
  it('has nothing to show of a capture in which nothing has happened', () => {
    expect(timelineOf(sourceOf(new Capture(), { kind: 'idle' }), 5)).toBeUndefined();
  });

  it('ends now while the connection is wanted, and with the last record where it is not', () => {
    const capture = new Capture();
    capture.addStep(1_000, 1, open);
    capture.addEvent(3_000, 1, 'tick', undefined, block);
    const open_ = timelineOf(sourceOf(capture, { kind: 'open', since: 1_000 }), 11_000);
    expect(open_).toMatchObject({ from: 1_000, to: 11_000, openMs: 10_000, opens: 1, peak: 1, spans: [] });
    const recorded = timelineOf(sourceOf(capture, { kind: 'recorded', since: 3_000 }), 11_000);
    expect(recorded).toMatchObject({ to: 3_000, openMs: 2_000 });
  });

  it('tells waits and silences with their cause, and when the stream was not open', () => {
    const capture = new Capture();
    const cause = { kind: 'retryAfter', value: '5', ms: 5_000 } as const;
    capture.addStep(0, 1, open);
    capture.addEvent(1_000, 1, 'tick', undefined, block);
    capture.addStep(2_000, 1, ended);
    capture.addStep(2_000, 1, { step: 'waiting', until: 7_000, ms: 5_000, cause });
    capture.addStep(7_000, 2, open);
    capture.addEvent(8_000, 2, 'tick', undefined, block);
    capture.addEvent(9_500, 2, 'tick', undefined, block);
    const view = timelineOf(sourceOf(capture, { kind: 'open', since: 7_000 }), 10_000);
    expect(view?.spans).toEqual([{ from: 2_000, to: 7_000, kind: 'waiting' }]);
    expect(view?.waits).toEqual([{ time: 2_000, ms: 5_000, position: 3, cause: 'Retry-After: 5' }]);
    expect(view?.silences).toEqual([
      { time: 1_000, ms: 7_000, position: 5, cause: 'reconnected in between' },
      { time: 8_000, ms: 1_500, position: 6, cause: 'open, but silent' },
    ]);
    expect(view?.marks.map(({ position, tone }) => ({ position, tone }))).toEqual([
      { position: 0, tone: 'success' },
      { position: 2, tone: 'warning' },
      { position: 3, tone: 'warning' },
      { position: 4, tone: 'success' },
    ]);
  });

  it('leaves ordinary gaps out beside a long silence', () => {
    const capture = new Capture();
    for (const time of [0, 50, 100, 150, 60_000]) capture.addEvent(time, 1, 'tick', undefined, block);
    const view = timelineOf(sourceOf(capture, { kind: 'open', since: 0 }), 60_000);
    expect(view?.silences.map(({ ms }) => ms)).toEqual([59_850]);
  });

  it('stays small enough to be sent twice a second, whatever happened', () => {
    const capture = new Capture({ records: 5_000, bytes: 1e7 });
    for (let i = 0; i < 30_000; i++) {
      const time = i * 7_000;
      const message = 'x'.repeat(5_000);
      capture.addStep(time, i, open);
      for (let n = 0; n < 3; n++) capture.addEvent(time + n * 900, i, `type ${i}`, undefined, block);
      capture.addStep(time + 3_000, i, {
        ...ended,
        end: { kind: 'error', error: 'tls', code: 'X', message },
      } as Step);
    }
    const view = timelineOf(sourceOf(capture, { kind: 'connecting', since: 0 }), 30_000 * 7_000);
    expect(view?.rate.events.length).toBeLessThanOrEqual(600);
    expect(view?.marks.length).toBeLessThanOrEqual(300);
    expect(view?.spans.length).toBeLessThanOrEqual(300);
    expect(JSON.stringify(view).length).toBeLessThan(200_000);
    expect(view?.rate.events.reduce((a, b) => a + b)).toBe(90_000);
  });
});

describe('locate', () => {
  const capture = new Capture();
  capture.addStep(0, 1, open);
  for (let i = 1; i <= 100; i++) capture.addEvent(i * 1_000, 1, 'tick', undefined, block);
  capture.addStep(100_500, 1, ended);

  it('finds a time, an event and the next break, and keeps to what is there', () => {
    expect(locate(capture, { to: 'time', time: 4_200 })).toEqual({ position: 5 });
    expect(locate(capture, { to: 'time', time: -5 })).toEqual({ position: 0 });
    expect(locate(capture, { to: 'time', time: 1e12 })).toEqual({ position: 101 });
    expect(locate(capture, { to: 'event', number: 7 })).toEqual({ position: 7 });
    expect(locate(capture, { to: 'event', number: 7_000 })).toEqual({ position: 101 });
    expect(locate(capture, { to: 'break', from: 5, by: 1 })).toEqual({ position: 101 });
    expect(locate(capture, { to: 'break', from: 5, by: -1 })).toEqual({ position: 0 });
    expect(locate(capture, { to: 'break', from: 101, by: 1 })).toEqual({ position: 0 });
    expect(locate(capture, { to: 'break', from: 0, by: -1 })).toEqual({ position: 101 });
    expect(locate(new Capture(), { to: 'break', from: 0, by: 1 })).toBeNull();
    expect(locate(new Capture(), { to: 'time', time: 0 })).toBeNull();
  });

  it('takes only what can be a place', () => {
    const ok = (target: unknown) => v.safeParse(hostApiSchemas.locate, target).success;
    expect(ok({ to: 'time', time: 1.5 })).toBe(true);
    expect(ok({ to: 'time', time: Number.NaN })).toBe(false);
    expect(ok({ to: 'time', time: Number.POSITIVE_INFINITY })).toBe(false);
    expect(ok({ to: 'break', from: 1, by: 2 })).toBe(false);
    expect(ok({ to: 'event', number: -1 })).toBe(false);
  });
});
