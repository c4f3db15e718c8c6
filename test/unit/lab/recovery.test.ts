import { beforeEach, describe, expect, it } from 'vitest';
import type { Recovery } from '../../../src/capture/records.ts';
import type { Fault } from '../../../src/lab/faultKinds.ts';
import { RecoveryWatch } from '../../../src/lab/recovery.ts';
import { describeStep } from '../../../src/session/describe.ts';
import { recoveryText } from '../../../src/session/labWords.ts';
import type { Step } from '../../../src/sse/steps.ts';
import { FakeClock } from '../../support/fakeClock.ts';

const head = (status: number, injected?: true) => ({
  status,
  statusText: '',
  httpVersion: '1.1',
  headers: [],
  ...(injected ? { injected } : {}),
});
const open: Step = { step: 'open', head: head(200), cause: 'retry', ms: 5, lastEventId: '', redirects: 0 };
const cut: Step = {
  step: 'ended',
  end: { kind: 'end', injected: true },
  wasOpen: true,
  openMs: 5,
  browser: { do: 'stop' },
};
const answer = (status: number, injected?: true): Step => ({
  step: 'answer',
  head: head(status, injected),
  body: '',
  browser: { do: 'stop' },
});
const refreshed: Step = {
  step: 'tokenRefreshed',
  source: 'endpoint',
  cause: 'refused',
  ms: 3,
  before: {},
  after: {},
  claims: [],
};
const reset = { kind: 'error', error: 'reset', message: '', injected: true };
const resetFault: Fault = { kind: 'cut', afterEvents: 0, how: 'reset' };
const cutFault: Fault = { kind: 'cut', afterEvents: 0, how: 'end' };
const unauthorized: Fault = { kind: 'status', status: 401, headers: [], body: '' };

let clock: FakeClock;
let ids: string[];
let events: number;
let awaits: boolean;
let verdicts: Recovery[];
let watch: RecoveryWatch;

beforeEach(() => {
  clock = new FakeClock();
  ids = ['1', '2', '3'];
  events = 3;
  awaits = false;
  verdicts = [];
  watch = new RecoveryWatch({
    clock,
    before: () => ({ ids, events }),
    awaitsFault: () => awaits,
    verdict: (recovery) => verdicts.push(recovery),
  });
});

function act(attempt: number, fault: Fault, step?: Step): void {
  watch.acted(clock.now(), attempt, { fault });
  if (step) hear(attempt, step);
}

const hear = (attempt: number, step: Step): void => watch.step(clock.now(), attempt, step);
const come = (...which: string[]): void => watch.events(clock.now(), which);

describe('RecoveryWatch', () => {
  it('judges at the first new event: attempts, time, refreshes, what is missed and doubled', () => {
    act(1, cutFault, cut);
    clock.advance(1_000);
    act(2, unauthorized, answer(401, true));
    hear(2, refreshed);
    clock.advance(800);
    hear(3, open);
    clock.advance(2_000);
    come('2', '3');
    expect(verdicts).toEqual([]);
    come('6');
    come('7');
    const fault = 'clean end, 401 Unauthorized';
    expect(verdicts).toEqual([
      { fault, recovered: true, attempts: 2, ms: 1_800, refreshes: 1, missed: 2, doubled: 2 },
    ]);
    expect(recoveryText(verdicts[0] as Recovery)).toBe(
      'Recovered after 2 attempts in 1.8 s: 2 events missed, 2 events doubled, 1 refresh',
    );
    expect(clock.pending).toBe(0);
  });

  it('says nothing of failures that nobody injected', () => {
    hear(1, { ...cut, end: { kind: 'end' } } as Step);
    hear(2, answer(503));
    hear(3, open);
    come('4');
    expect(verdicts).toEqual([]);
    expect(watch.isWatching).toBe(false);
  });

  it('waits for faults that are still to come, and counts over all streams in between', () => {
    awaits = true;
    act(1, cutFault, cut);
    hear(2, open);
    come('5');
    expect(verdicts).toEqual([]);
    awaits = false;
    act(2, cutFault, cut);
    ids = ['1', '2', '3', '5', '6', '7'];
    hear(3, open);
    come('7', '9');
    expect(verdicts).toMatchObject([{ fault: 'clean end ×2', attempts: 2, missed: 2, doubled: 1 }]);
  });

  it('judges when what was to come is disarmed', () => {
    awaits = true;
    act(1, cutFault, cut);
    hear(2, open);
    come('4');
    awaits = false;
    watch.check();
    expect(verdicts).toMatchObject([{ recovered: true, missed: 0, doubled: 0 }]);
  });

  it('judges a stream that stays quiet after five seconds', () => {
    act(1, cutFault, cut);
    clock.advance(500);
    hear(2, open);
    clock.advance(4_999);
    expect(verdicts).toEqual([]);
    clock.advance(1);
    expect(verdicts).toMatchObject([{ recovered: true, attempts: 1, ms: 500 }]);
    expect(recoveryText(verdicts[0] as Recovery)).toBe(
      'Recovered after 1 attempt in 500 ms: no event came in the 5 s after it',
    );
    come('4');
    expect(verdicts).toHaveLength(1);
  });

  it('counts from the fault that the stream was cut for, and lost events from the cut', () => {
    watch.acted(clock.now(), 1, { fault: resetFault }, true);
    hear(1, { ...cut, end: reset } as Step);
    clock.advance(1_000);
    act(2, unauthorized, answer(401, true));
    hear(2, refreshed);
    clock.advance(500);
    hear(3, open);
    come('6');
    expect(verdicts).toEqual([
      {
        fault: '401 Unauthorized',
        recovered: true,
        attempts: 1,
        ms: 500,
        refreshes: 1,
        missed: 2,
        doubled: 0,
      },
    ]);
  });

  it('counts from the cut where what the stream was cut for breaks nothing', () => {
    watch.acted(clock.now(), 1, { fault: resetFault }, true);
    hear(1, { ...cut, end: reset } as Step);
    clock.advance(1_000);
    act(2, { kind: 'ignoreLastEventId' });
    hear(2, open);
    come('1', '2', '3', '4');
    expect(verdicts).toMatchObject([
      { fault: 'reset, no Last-Event-ID for the server', attempts: 1, ms: 1_000, missed: 0, doubled: 3 },
    ]);
    // The next cut is the fault itself.
    ids = ['1', '2', '3', '4'];
    act(2, resetFault, { ...cut, end: reset } as Step);
    act(3, unauthorized, answer(401, true));
    hear(4, open);
    come('5');
    expect(verdicts[1]).toMatchObject({ fault: 'reset, 401 Unauthorized', attempts: 2 });
  });

  it('stops with the sentence of what stopped it', () => {
    act(1, unauthorized, answer(401, true));
    hear(1, refreshed);
    clock.advance(600);
    act(2, unauthorized, answer(401, true));
    hear(2, { step: 'closed', reason: { kind: 'unauthorized', explanation: 'The token was refused.' } });
    expect(verdicts).toEqual([
      {
        fault: '401 Unauthorized ×2',
        recovered: false,
        attempts: 1,
        ms: 600,
        refreshes: 1,
        reason: 'The server answered 401. The token was refused',
      },
    ]);
    expect(recoveryText(verdicts[0] as Recovery)).toBe(
      'Stopped after 1 attempt in 600 ms, 1 refresh: The server answered 401. The token was refused',
    );
  });

  it('finds no fault with a client that was disconnected by hand', () => {
    act(1, unauthorized, answer(401, true));
    hear(1, refreshed);
    clock.advance(600);
    hear(2, { step: 'closed', reason: { kind: 'disconnected' } });
    expect(verdicts).toEqual([
      {
        fault: '401 Unauthorized',
        recovered: false,
        disconnected: true,
        attempts: 0,
        ms: 600,
        refreshes: 1,
      },
    ]);
    expect(describeStep({ step: 'verdict', ...(verdicts[0] as Recovery) }, 2)).toMatchObject({
      tone: 'info',
      text: 'You disconnected before it was over, without a new attempt in 600 ms, 1 refresh',
    });
  });

  it.each([
    ['no id at all', [], [''], 'whether any was missed can not be told without ids'],
    ['ids that are no numbers', ['a', 'b', 'c'], ['d'], 'no event doubled, their ids can not tell'],
    ['ids that rose unevenly', ['1', '2', '9'], ['10'], 'no event doubled, their ids can not tell'],
    ['ids that began anew', ['7', '8', '9'], ['1'], 'no event doubled, their ids can not tell'],
  ])('claims nothing of %s', (_, before, after, words) => {
    ids = before;
    act(1, cutFault, cut);
    hear(2, open);
    come(...after);
    expect(verdicts[0]).not.toHaveProperty('missed');
    expect(recoveryText(verdicts[0] as Recovery)).toContain(words);
  });

  it('misses nothing where nothing had come', () => {
    ids = [];
    events = 0;
    act(1, unauthorized, answer(401, true));
    hear(2, open);
    come('');
    expect(verdicts).toMatchObject([{ missed: 0, doubled: 0, attempts: 1 }]);
  });

  it('ends a silence with the next event, or with the attempt', () => {
    const stall: Fault = { kind: 'stall', afterEvents: 0, ms: 3_000 };
    act(1, stall);
    clock.advance(3_000);
    come('4');
    expect(verdicts).toMatchObject([{ fault: 'silence of 3000 ms', attempts: 0, ms: 3_000, missed: 0 }]);
    act(1, { kind: 'stall', afterEvents: 0 });
    hear(1, { ...cut, end: { kind: 'idle', ms: 10_000 } } as Step);
    hear(2, open);
    come('4');
    expect(verdicts[1]).toMatchObject({ fault: 'silence', attempts: 1 });
  });
});
