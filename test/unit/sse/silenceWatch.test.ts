import { describe, expect, it } from 'vitest';
import { SilenceWatch } from '../../../src/sse/silenceWatch.ts';
import { WakeWatch } from '../../../src/sse/wakeWatch.ts';
import { FakeWorld, settled } from '../../support/connections.ts';
import { FakeClock } from '../../support/fakeClock.ts';

function watch(idleMs = 0, longestGapMs = 0) {
  const clock = new FakeClock();
  const told: string[] = [];
  const watch = new SilenceWatch(clock, idleMs, longestGapMs, {
    idle: (ms) => told.push(`idle ${ms}`),
    silence: (ms, longest) => told.push(`silence ${ms} after ${longest}`),
  });
  return { clock, told, watch };
}

describe('the watch over a stream', () => {
  it('tells of a silence over three times the longest gap, once', () => {
    const { clock, told, watch: w } = watch();
    for (const gap of [2_000, 5_000, 1_000]) {
      clock.advance(gap);
      w.heard();
    }
    clock.advance(14_999);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual(['silence 15000 after 5000']);
    expect(w.isSilent).toBe(true);
    clock.advance(1_000_000);
    expect(told).toHaveLength(1);
    expect(clock.pending).toBe(0);
    w.heard();
    expect(w.isSilent).toBe(false);
    // The silence was a gap: the next one must be three times as long.
    clock.advance(3 * 1_015_000 - 1);
    expect(told).toHaveLength(1);
    clock.advance(1);
    expect(told).toHaveLength(2);
  });

  it('takes nothing under ten seconds for a silence, and nothing before there is a gap', () => {
    const { clock, told, watch: w } = watch();
    clock.advance(3_600_000);
    expect(told).toEqual([]);
    expect(clock.pending).toBe(0);
    w.dispose();
    const quick = watch();
    quick.clock.advance(10);
    quick.watch.heard();
    quick.clock.advance(9_999);
    expect(quick.told).toEqual([]);
    quick.clock.advance(1);
    expect(quick.told).toEqual(['silence 10000 after 10']);
  });

  it('knows the gaps of the attempts before', () => {
    const { clock, told } = watch(0, 20_000);
    clock.advance(59_999);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual(['silence 60000 after 20000']);
  });

  it('tells when the idle time is over, which any byte puts off', () => {
    const { clock, told, watch: w } = watch(30_000);
    for (let i = 0; i < 5; i++) {
      clock.advance(29_999);
      w.heard();
    }
    expect(told).toEqual([]);
    clock.advance(30_000);
    expect(told).toEqual(['idle 30000']);
  });

  it('has one timer, whatever it hears, and none when it is disposed', () => {
    const { clock, watch: w, told } = watch(30_000);
    for (let i = 0; i < 1_000; i++) {
      clock.advance(1);
      w.heard();
      expect(clock.pending).toBe(1);
    }
    w.dispose();
    w.heard();
    clock.advance(100_000);
    expect([clock.pending, told]).toEqual([0, []]);
  });
});

describe('the watch over the machine', () => {
  it('notices sleep, not a clock that is put right by a little, nor a blocked event loop', () => {
    const clock = new FakeClock();
    const wake = new WakeWatch(clock);
    const slept: number[] = [];
    const listening = wake.add((ms) => slept.push(ms));
    wake.add(() => {}).dispose();
    clock.sleep(15_000);
    clock.advance(5_000);
    // All of the loop's timers come late, both clocks have run on.
    clock.advance(600_000);
    clock.sleep(-3_600_000);
    clock.advance(5_000);
    expect(slept).toEqual([]);
    clock.sleep(15_001);
    clock.advance(5_000);
    expect(slept).toEqual([15_001]);
    clock.advance(60_000);
    expect(slept).toHaveLength(1);
    listening.dispose();
    expect(clock.pending).toBe(0);
  });
});

async function opened(options: Parameters<FakeWorld['connect']>[0] = {}) {
  const world = new FakeWorld();
  const { connection, sink } = world.connect(options);
  await settled();
  world.transport.last.open();
  const stepNames = () => sink.steps.map(({ step }) => step);
  return { ...world, world, connection, sink, stepNames };
}

describe('an open connection', () => {
  it('is cut off after the idle time, and comes back', async () => {
    const { clock, transport, sink, stepNames, connection } = await opened({ idleTimeoutMs: 30_000 });
    clock.advance(29_000);
    transport.last.text(':');
    clock.advance(29_000);
    expect(connection.state.kind).toBe('open');
    clock.advance(1_000);
    expect(connection.state.kind).toBe('waiting');
    expect(transport.inFlight).toBe(0);
    expect(sink.steps[1]).toEqual({
      step: 'ended',
      end: { kind: 'idle', ms: 30_000 },
      wasOpen: true,
      openMs: 59_000,
      browser: { do: 'stay' },
    });
    clock.advance(1_000);
    await settled();
    transport.last.open();
    expect(stepNames()).toEqual(['open', 'ended', 'waiting', 'open']);
    connection.dispose();
    expect(clock.pending).toBe(0);
  });

  it.each([
    ['browser', 'open'],
    ['off', 'closed'],
  ] as const)('as %s is %s after the idle time', async (policy, kind) => {
    const { clock, connection } = await opened({ policy, idleTimeoutMs: 1_000 });
    clock.advance(100_000);
    expect(connection.state.kind).toBe(kind);
    connection.dispose();
  });

  it('is left alone for ten silent minutes, which are recorded once', async () => {
    const { clock, transport, sink, stepNames, connection } = await opened();
    clock.advance(4_000);
    transport.last.text('data: a\n\n');
    clock.advance(600_000);
    expect(stepNames()).toEqual(['open', 'silence']);
    expect(sink.steps[1]).toEqual({ step: 'silence', ms: 12_000, longestGapMs: 4_000 });
    expect(connection.silentSince).toBe(clock.now() - 600_000);
    transport.last.text('data: b\n\n');
    expect(connection.silentSince).toBeUndefined();
    expect(sink.events.map(({ data }) => data)).toEqual(['a', 'b']);
    connection.dispose();
  });

  it('is replaced where it stays silent for five seconds after sleep', async () => {
    const { clock, transport, sink, connection } = await opened();
    const first = transport.last;
    clock.sleep(3_600_000);
    clock.advance(5_000);
    clock.advance(4_999);
    expect(connection.state.kind).toBe('open');
    clock.advance(1);
    expect(sink.steps[1]).toMatchObject({
      step: 'ended',
      end: { kind: 'wake', ms: 3_600_000 },
      browser: { do: 'stay' },
    });
    expect(first.isOpen).toBe(false);
    clock.advance(500);
    await settled();
    expect(transport.exchanges).toHaveLength(2);
    connection.dispose();
    expect(clock.pending).toBe(0);
  });

  it.each([
    ['that is heard again', 'resilient'],
    ['of a policy that leaves it', 'browser'],
    ['of a request that is not repeated', 'off'],
  ] as const)('is kept after sleep: one %s', async (_, policy) => {
    const { clock, transport, connection } = await opened({ policy });
    clock.sleep(3_600_000);
    clock.advance(6_000);
    if (policy === 'resilient') transport.last.text(':');
    clock.advance(60_000);
    expect(connection.state.kind).toBe('open');
    expect(transport.exchanges).toHaveLength(1);
    connection.dispose();
  });

  it('does not wait longer after sleep than it said', async () => {
    const { clock, transport, connection } = await opened();
    transport.last.text('retry: 600000\n\n');
    transport.last.end();
    clock.sleep(3_600_000);
    clock.advance(5_000);
    await settled();
    expect(connection.state.kind).toBe('connecting');
    connection.dispose();
    expect(clock.pending).toBe(0);
  });
});

describe('an id that HTTP can not carry', () => {
  it('is kept, not sent, and told of once', async () => {
    const { clock, transport, sink, connection } = await opened();
    transport.last.text('id: a\u0001b\ndata: a\n\n');
    for (let i = 0; i < 3; i++) {
      transport.last.end();
      clock.advance(60_000);
      await settled();
      expect(transport.last.request.headers).toEqual([]);
      transport.last.open();
    }
    expect(connection.lastEventId).toBe('a\u0001b');
    expect(sink.steps.filter(({ step }) => step === 'idNotSent')).toEqual([
      { step: 'idNotSent', id: 'a\u0001b' },
    ]);
    expect(sink.steps.at(-1)).toMatchObject({ step: 'open', lastEventId: '' });
    connection.dispose();
  });
});
