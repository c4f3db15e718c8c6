import { describe, expect, it } from 'vitest';
import { OriginGate, type Permit } from '../../../src/sse/originGate.ts';
import { FakeWorld, settled } from '../../support/connections.ts';
import { FakeClock } from '../../support/fakeClock.ts';

function makeGate() {
  const clock = new FakeClock();
  const gate = new OriginGate(clock);
  const passed: string[] = [];
  /** Sends as soon as it may. */
  const enter = (name: string, origin = 'a'): Permit => {
    const permit: Permit = gate.enter(origin, () => {
      passed.push(name);
      permit.sent();
    });
    if (permit.waitMs === 0) {
      passed.push(name);
      permit.sent();
    }
    return permit;
  };
  return { clock, gate, passed, enter };
}

const names = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i}`);

describe('the gate of an origin', () => {
  it('lets ten through at once and the others in order, ten in any second', () => {
    const { clock, passed, enter } = makeGate();
    const waits = names(0, 25).map((name) => enter(name).waitMs);
    expect(passed).toEqual(names(0, 10));
    expect(waits).toEqual([...Array(10).fill(0), ...Array(10).fill(1_100), ...Array(5).fill(2_200)]);
    clock.advance(1_000);
    expect(passed).toHaveLength(10);
    clock.advance(100);
    expect(passed).toEqual(names(0, 20));
    clock.advance(1_100);
    expect(passed).toEqual(names(0, 25));
    expect(clock.pending).toBe(0);
  });

  it('looks at the seconds as they pass, not as they are counted', () => {
    const { clock, passed, enter } = makeGate();
    names(0, 5).map((name) => enter(name));
    clock.advance(900);
    names(5, 15).map((name) => enter(name));
    expect(passed).toHaveLength(10);
    clock.advance(200);
    expect(passed).toHaveLength(15);
  });

  it('is one for each origin', () => {
    const { passed, enter } = makeGate();
    names(0, 20).map((name) => enter(name, `${Number(name) % 2}`));
    expect(passed).toHaveLength(20);
  });

  it('counts what was let through until it is sent', () => {
    const { clock, gate, passed, enter } = makeGate();
    const slow = names(0, 10).map(() => gate.enter('a', () => {}));
    enter('late');
    clock.advance(60_000);
    expect(passed).toEqual([]);
    slow[0]?.sent();
    clock.advance(1_099);
    expect(passed).toEqual([]);
    clock.advance(1);
    expect(passed).toEqual(['late']);
    // Disposing what was sent gives nothing back.
    slow[0]?.dispose();
    slow[1]?.dispose();
    enter('place of a given-up one');
    expect(passed).toEqual(['late', 'place of a given-up one']);
    for (const permit of slow) permit.dispose();
    expect(clock.pending).toBe(0);
  });

  it('keeps no timer for who has left', () => {
    const { clock, passed, enter } = makeGate();
    const permits = names(0, 12).map((name) => enter(name));
    expect(clock.pending).toBe(1);
    for (const permit of permits) permit.dispose();
    expect(clock.pending).toBe(0);
    clock.advance(5_000);
    expect(passed).toHaveLength(10);
  });
});

describe('connections at the gate', () => {
  it('come back ten a second after a restart, all of them, and say what they wait for', async () => {
    const world = new FakeWorld();
    const all = Array.from({ length: 100 }, () => world.connect());
    await settled();
    // What the user asked for passes at once.
    expect(world.transport.inFlight).toBe(100);
    for (const exchange of [...world.transport.exchanges]) {
      exchange.open();
      exchange.end();
    }
    const sent: number[] = [];
    for (let ms = 0; ms < 14_000; ms += 100) {
      world.clock.advance(100);
      await settled();
      for (const exchange of world.transport.exchanges.slice(100 + sent.length)) {
        exchange.open();
        sent.push(world.clock.now());
      }
    }
    expect(sent).toHaveLength(100);
    for (let i = 10; i < sent.length; i++)
      expect((sent[i] ?? 0) - (sent[i - 10] ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect(all.every(({ connection }) => connection.state.kind === 'open')).toBe(true);
    expect(all[99]?.sink.steps.slice(1, 4)).toMatchObject([
      { step: 'ended' },
      { step: 'waiting', ms: 1_000 },
      { step: 'waiting', ms: 9_900, cause: { kind: 'gate' } },
    ]);
    for (const { connection } of all) connection.dispose();
    expect(world.clock.pending).toBe(0);
  });

  it('leave it when they are disconnected, and pass it when the user says so', async () => {
    const world = new FakeWorld();
    const all = Array.from({ length: 13 }, () => world.connect());
    await settled();
    for (const exchange of [...world.transport.exchanges]) exchange.end();
    world.clock.advance(1_000);
    await settled();
    expect(world.transport.inFlight).toBe(10);
    all[10]?.connection.disconnect();
    all[11]?.connection.forceReconnect();
    await settled();
    expect(world.transport.inFlight).toBe(11);
    world.clock.advance(1_100);
    await settled();
    expect(all[12]?.connection.state.kind).toBe('connecting');
    expect(world.transport.inFlight).toBe(12);
    for (const { connection } of all) connection.dispose();
    expect(world.clock.pending).toBe(0);
  });

  it('give their place back where no request could be made', async () => {
    const world = new FakeWorld();
    let refuse = false;
    const authorize = async () => {
      if (refuse) throw new Error('No.');
      return { url: 'http://a.test/', method: 'GET', headers: [] };
    };
    const all = Array.from({ length: 30 }, () => world.connect({}, { authorize }));
    await settled();
    for (const exchange of [...world.transport.exchanges]) exchange.end();
    refuse = true;
    world.clock.advance(1_000);
    await settled();
    await settled();
    await settled();
    expect(all.every(({ connection }) => connection.state.kind === 'closed')).toBe(true);
    expect(world.clock.pending).toBe(0);
  });
});
