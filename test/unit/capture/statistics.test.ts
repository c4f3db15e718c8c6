import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Capture } from '../../../src/capture/capture.ts';
import { gapBounds } from '../../../src/capture/gaps.ts';
import { isBreak } from '../../../src/capture/marks.ts';
import { RateHistory } from '../../../src/capture/rateHistory.ts';
import { Statistics } from '../../../src/capture/statistics.ts';
import type { Step } from '../../../src/sse/steps.ts';

const head = { status: 200, statusText: 'OK', httpVersion: '1.1', headers: [] };
const stop = { do: 'stop' } as const;
const steps = {
  open: { step: 'open', head, cause: 'connect', ms: 5, lastEventId: '', redirects: 0 },
  ended: { step: 'ended', end: { kind: 'end' }, wasOpen: true, openMs: 1, browser: stop },
  answer: { step: 'answer', head: { ...head, status: 503 }, body: '', browser: stop },
  needsToken: { step: 'needsToken', explanation: '' },
  forced: { step: 'forced' },
  silence: { step: 'silence', ms: 9, longestGapMs: 1 },
  closed: { step: 'closed', reason: { kind: 'disconnected' } },
} as const satisfies Record<string, Step>;

function waiting(time: number, ms: number): Step {
  return { step: 'waiting', until: time + ms, ms, cause: { kind: 'backOff', failures: 0 } };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((a, b) => a + b, 0);
}

const batches = fc.array(
  fc.record({ after: fc.integer({ min: -3_000, max: 200_000 }), count: fc.integer({ min: 1, max: 50 }) }),
  { minLength: 1, maxLength: 60 },
);

/** Times from the waits between them, from an epoch that isn't a whole second. */
function timed(list: { after: number; count: number }[]): { time: number; count: number }[] {
  let time = 1_700_000_000_123;
  return list.map(({ after, count }) => {
    time += after;
    return { time, count };
  });
}

describe('RateHistory', () => {
  it('counts each event in the bucket of its own time, also where the clock went back', () => {
    fc.assert(
      fc.property(batches, fc.integer({ min: 1, max: 700 }), (list, most) => {
        const history = new RateHistory();
        const added = timed(list);
        for (const { time, count } of added) history.add(time, count);
        const { from, width, events } = history.read(most);
        expect(events.length).toBeLessThanOrEqual(most);
        const expected = events.map((_, i) =>
          sum(added.filter(({ time }) => Math.floor((time - from) / width) === i).map(({ count }) => count)),
        );
        expect(events).toEqual(expected);
        expect(sum(events)).toBe(sum(added.map(({ count }) => count)));
      }),
    );
  });

  it('knows the most that came within one second, however wide the buckets are', () => {
    fc.assert(
      fc.property(batches, (list) => {
        const history = new RateHistory();
        const bySecond = new Map<number, number>();
        const added = timed(list.map(({ after, count }) => ({ after: Math.abs(after), count })));
        for (const { time, count } of added) {
          history.add(time, count);
          const second = Math.floor(time / 1_000);
          bySecond.set(second, (bySecond.get(second) ?? 0) + count);
        }
        expect(Math.max(...history.read(20).peaks)).toBe(Math.max(...bySecond.values()));
      }),
    );
  });

  it('stays small from 1970 to the last date there is, in any order', () => {
    const history = new RateHistory();
    for (const time of [1_700_000_000_000, -8.64e15, 8.64e15, 0, 5]) history.add(time);
    const { events } = history.read(5_000);
    expect(events.length).toBeLessThanOrEqual(2_048);
    expect(sum(events)).toBe(5);
    expect(new RateHistory().read(10).events).toEqual([]);
  });
});

describe('Statistics', () => {
  it('puts each gap into its bucket and keeps the ten longest', () => {
    fc.assert(
      fc.property(batches, (list) => {
        const statistics = new Statistics();
        const added = timed(list);
        let position = 0;
        const gaps: { ms: number; position: number }[] = [];
        added.forEach(({ time, count }, i) => {
          statistics.addEvents(time, 1, position, count);
          const before = added[i - 1];
          if (before) gaps.push({ ms: Math.max(0, time - before.time), position });
          for (let n = 1; n < count; n++) gaps.push({ ms: 0, position: position + n });
          position += count;
        });
        const counts = [...gapBounds, 0].map(
          (bound, i) =>
            gaps.filter(({ ms }) => ms > (gapBounds[i - 1] ?? -1) && (i === gapBounds.length || ms <= bound))
              .length,
        );
        expect(statistics.gaps.counts).toEqual(counts);
        const longest = gaps
          .filter(({ ms }) => ms > 1)
          .sort((a, b) => b.ms - a.ms || a.position - b.position);
        expect(statistics.gaps.longest().map(({ ms, position }) => ({ ms, position }))).toEqual(
          longest.slice(0, 10),
        );
      }),
    );
  });

  it('says of a gap whether the connection was made anew in it', () => {
    const statistics = new Statistics();
    statistics.addEvents(0, 1, 0);
    statistics.addEvents(500, 1, 1);
    statistics.addEvents(2_500, 2, 2);
    expect(statistics.gaps.longest()).toEqual([
      { time: 500, ms: 2_000, position: 2, reconnected: true },
      { time: 0, ms: 500, position: 1, reconnected: false },
    ]);
  });

  it('tells how long a wait really was, and what it was for', () => {
    const statistics = new Statistics();
    const add = (time: number, position: number, step: Step) => statistics.addStep(time, 1, position, step);
    add(0, 0, waiting(0, 5_000));
    add(1_000, 1, steps.forced);
    add(1_000, 2, waiting(1_000, 3_000));
    add(9_000, 3, steps.open);
    add(9_500, 4, steps.needsToken);
    expect(statistics.longestWaits(11_500)).toEqual([
      { time: 1_000, ms: 3_000, position: 2, cause: { kind: 'backOff', failures: 0 } },
      { time: 9_500, ms: 2_000, position: 4 },
      { time: 0, ms: 1_000, position: 0, cause: { kind: 'backOff', failures: 0 } },
    ]);
    add(30_000, 5, steps.closed);
    expect(statistics.longestWaits(99_000)[0]).toEqual({ time: 9_500, ms: 20_500, position: 4 });
  });

  it('knows how long the stream was open, and what it did when', () => {
    const statistics = new Statistics();
    const add = (time: number, step: Step) => statistics.addStep(time, 1, 0, step);
    add(0, steps.open);
    add(10_000, steps.silence);
    add(60_000, steps.ended);
    add(60_000, waiting(60_000, 1_000));
    add(61_200, steps.open);
    expect(statistics.phases.openMs(71_200)).toBe(70_000);
    expect(statistics.opens).toBe(2);
    expect(statistics.phases.read(10)).toEqual([
      { from: 0, kind: 'open' },
      { from: 60_000, kind: 'connecting' },
      { from: 60_000, kind: 'waiting' },
      { from: 61_200, kind: 'open' },
    ]);
    expect(statistics.phases.read(3).map(({ kind }) => kind)).toEqual(['open', 'waiting', 'open']);
    expect(statistics.phases.read(2)).toEqual([{ from: 0, kind: 'open' }]);
  });

  it('has a stream closed since its last record where a window reload cut it off', () => {
    const statistics = new Statistics();
    statistics.addStep(0, 1, 0, steps.open);
    statistics.addEvents(5_000, 1, 1);
    statistics.addStep(60_000, 1, 2, { step: 'restored' });
    expect(statistics.phases.openMs(90_000)).toBe(5_000);
    expect(statistics.phases.read(9).at(-1)).toEqual({ from: 5_000, kind: 'closed' });
    expect(statistics.marks.read(9).at(-1)).toMatchObject({ time: 60_000, step: { step: 'restored' } });
  });

  it('keeps the marks that matter most where they lie close together, and says how many they stand for', () => {
    const statistics = new Statistics();
    let position = 0;
    for (let cycle = 0; cycle < 20_000; cycle++) {
      const time = cycle * 500;
      for (const step of [steps.open, steps.ended, waiting(time, 500)])
        statistics.addStep(time, cycle, position++, step);
    }
    for (const most of [1_000, 300, 1]) {
      const marks = statistics.marks.read(most);
      expect(marks.length).toBeLessThanOrEqual(most);
      expect(sum(marks.map(({ more }) => more + 1))).toBe(position);
    }
    expect(new Set(statistics.marks.read(300).map(({ step }) => step.step))).toEqual(new Set(['ended']));
    expect(statistics.phases.read(1_000).length).toBeLessThanOrEqual(1_000);
  });

  it('thins marks out whatever their times are', () => {
    const statistics = new Statistics();
    for (let i = 0; i < 5_000; i++) statistics.addStep(i % 2 ? -1e15 : 1e15, 1, i, steps.forced);
    expect(statistics.marks.read(300).length).toBeLessThanOrEqual(300);
  });

  it('keeps of a step what its words need, not its body or the text it was cut from', () => {
    const statistics = new Statistics();
    statistics.addStep(0, 1, 0, {
      ...steps.answer,
      head: {
        ...steps.answer.head,
        headers: [
          ['Retry-After', '5'],
          ['x-other', 'x'.repeat(1_000)],
        ],
        timing: { firstByteMs: 3 },
      },
      body: 'x'.repeat(60_000),
      explanation: 'y'.repeat(60_000),
    });
    const [mark] = statistics.marks.read(1);
    expect(mark?.step).toMatchObject({ head: { headers: [['Retry-After', '5']] } });
    expect(JSON.stringify(mark).length).toBeLessThan(1_000);
  });
});

describe('Capture', () => {
  it('counts over its whole life, evicted records included', () => {
    const capture = new Capture({ records: 3_000, bytes: 1e9 });
    capture.addStep(0, 1, steps.open);
    const block = new Uint8Array(10);
    for (let i = 0; i < 10_000; i++) capture.addEvent(i, 1, i % 4 ? 'tick' : 'tock', undefined, block);
    expect(capture.first).toBeGreaterThan(0);
    expect(capture.types.types()).toEqual([
      { type: 'tick', count: 7_500 },
      { type: 'tock', count: 2_500 },
    ]);
    expect(sum(capture.statistics.rate.read(100).events)).toBe(10_000);
    expect(capture.statistics.marks.read(10)).toMatchObject([{ position: 0 }]);
    expect(capture.statistics.extent).toEqual({ from: 0, to: 9_999 });
  });

  it('lists a thousand types and counts the rest together', () => {
    const capture = new Capture();
    for (let i = 0; i < 1_500; i++) capture.addEvent(i, 1, `type ${i}`, undefined, new Uint8Array(1));
    capture.addEvent(0, 1, 'type 3', undefined, new Uint8Array(1));
    capture.addEvent(0, 1, 'x'.repeat(300), undefined, new Uint8Array(1));
    expect(capture.types.types()).toHaveLength(1_000);
    expect(capture.types.types()[0]).toEqual({ type: 'type 3', count: 2 });
    expect(capture.types.others).toBe(501);
  });

  it('finds a record by time, by number, and the next step of a kind', () => {
    const capture = new Capture({ records: 2_500, bytes: 1e9 });
    const block = new Uint8Array(1);
    for (let i = 0; i < 6_000; i++) {
      if (i === 5_000) capture.addStep(i * 10, 1, steps.ended);
      if (i === 5_500) capture.addStep(i * 10, 2, steps.open);
      capture.addEvent(i * 10, 1, 'tick', undefined, block);
    }
    expect(capture.at(capture.positionAt(45_001))).toMatchObject({ time: 45_010 });
    expect(capture.positionAt(0)).toBe(capture.first);
    expect(capture.positionAt(1e9)).toBe(capture.next);
    expect(capture.at(capture.positionOf(5_200))).toMatchObject({ number: 5_200 });
    expect(capture.positionOf(1)).toBe(capture.first);
    expect(capture.findStep(4_999, 1, isBreak)).toBe(5_000);
    expect(capture.findStep(5_000, 1, isBreak)).toBe(5_501);
    expect(capture.findStep(5_501, 1, isBreak)).toBeUndefined();
    expect(capture.findStep(5_501, -1, isBreak)).toBe(5_000);
    expect(capture.findStep(5_000, -1, isBreak)).toBeUndefined();
    expect(capture.findStep(1e9, -1, ({ step }) => step === 'ended')).toBe(5_000);
  });
});
