import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SourceToken, TokenSource } from '../../../src/auth/sources/tokenSource.ts';
import {
  type HeldToken,
  type RefreshCause,
  SourceFailure,
  TokenBroker,
  type TokenListener,
} from '../../../src/auth/tokenBroker.ts';
import { AppError } from '../../../src/base/errors.ts';
import { settled } from '../../support/connections.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { jwtOf } from '../../support/tokens.ts';

/** A source that is answered by hand. */
class HandSource implements TokenSource {
  readonly kind = 'endpoint';
  readonly key: string;
  readonly mints: boolean;
  readonly canRefresh = true;
  reads = 0;
  inFlight = 0;
  mostInFlight = 0;
  signal: AbortSignal | undefined;
  #answer: { resolve(token: SourceToken): void; reject(error: unknown): void } | undefined;

  constructor(key = 'a', mints = true) {
    this.key = key;
    this.mints = mints;
  }

  read(signal: AbortSignal): Promise<SourceToken> {
    this.reads++;
    this.signal = signal;
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    return new Promise<SourceToken>((resolve, reject) => {
      this.#answer = { resolve, reject };
      signal.addEventListener('abort', () => reject(signal.reason));
    }).finally(() => {
      this.inFlight--;
    });
  }

  async give(token: string, more: Partial<SourceToken> = {}): Promise<void> {
    this.#answer?.resolve({ token, ...more });
    await settled();
  }

  async fail(
    error: unknown = new AppError('tokenServer.unreachable', { origin: 'http://a.test', reason: 'x' }),
  ) {
    this.#answer?.reject(error);
    await settled();
  }
}

class Listener implements TokenListener {
  readonly heard: { from: string; to: string; cause: RefreshCause }[] = [];
  readonly failures: unknown[] = [];

  refreshed(previous: HeldToken, current: HeldToken, cause: RefreshCause): void {
    this.heard.push({ from: previous.token, to: current.token, cause });
  }

  refreshFailed(error: unknown): void {
    this.failures.push(error);
  }
}

function world(source = new HandSource(), aheadOf: number | false = 0.2) {
  const clock = new FakeClock();
  const broker = new TokenBroker({ clock, random: () => 0 });
  const lease = (listener: TokenListener = new Listener()) => broker.lease(source, aheadOf, listener);
  return { clock, broker, source, lease };
}

const lifetimeMs = 10_000;

describe('a broker', () => {
  it('reads a source once for all that ask, and again only when its token is used up', async () => {
    const { clock, source, lease } = world(new HandSource(), false);
    const leases = [lease(), lease(), lease()];
    const asked = leases.map((each) => each.token());
    await source.give('one', { lifetimeMs });
    expect((await Promise.all(asked)).map(({ token }) => token)).toEqual(['one', 'one', 'one']);
    clock.advance(lifetimeMs * 2);
    // Not to be refreshed ahead: the server is to say no.
    expect((await leases[0]?.token())?.token).toBe('one');
    expect(source.reads).toBe(1);
  });

  it('reads anew at each attempt what only lies somewhere, or may be good for one request', async () => {
    for (const source of [new HandSource('a', false), new HandSource('b')]) {
      const one = world(source).lease();
      const first = one.token();
      await source.give('one');
      expect((await first).token).toBe('one');
      const second = one.token();
      await source.give('two');
      expect((await second).token).toBe('two');
    }
  });

  it('refreshes once where a hundred were refused at once, also those that say so late', async () => {
    const { source, lease } = world();
    const leases = Array.from({ length: 100 }, () => lease());
    const asked = Promise.all(leases.map((each) => each.token()));
    await source.give('one', { lifetimeMs });
    await asked;
    const early = leases.slice(0, 60).map((each) => each.refresh('one', 'refused'));
    await source.give('two', { lifetimeMs });
    const late = leases.slice(60).map((each) => each.refresh('one', 'refused'));
    const tokens = (await Promise.all([...early, ...late])).map(({ token }) => token);
    expect(new Set(tokens)).toEqual(new Set(['two']));
    expect(source.reads).toBe(2);
  });

  it('gives a token that was refused to nobody', async () => {
    const { source, lease } = world();
    const one = lease();
    const first = one.token();
    await source.give('one', { lifetimeMs });
    await first;
    const refreshed = one.refresh('one', 'refused');
    await source.fail(new AppError('tokenServer.noToken', { origin: 'http://a.test', paths: '/token' }));
    await expect(refreshed).rejects.toThrow('tokenServer.noToken');
    void lease().token();
    expect(source.reads).toBe(3);
    await source.give('two', { lifetimeMs });
  });

  it('refreshes ahead of the end by a share of the life, and tells everyone', async () => {
    const { clock, source, lease } = world();
    const listeners = [new Listener(), new Listener()];
    const leases = listeners.map((listener) => lease(listener));
    const first = leases[0]?.token();
    await source.give('one', { lifetimeMs });
    await first;
    clock.advance(7_999);
    expect(source.reads).toBe(1);
    clock.advance(1);
    expect(source.reads).toBe(2);
    // Nobody waits for it: the old one is good until then.
    expect((await leases[1]?.token())?.token).toBe('one');
    await source.give('two', { lifetimeMs });
    for (const { heard } of listeners) expect(heard).toEqual([{ from: 'one', to: 'two', cause: 'ahead' }]);
    expect((await leases[1]?.token())?.token).toBe('two');
    expect(clock.nextIn).toBe(8_000);
  });

  it.each([
    ['ahead', 3_000, 5_000],
    ['behind', -3_000, 11_000],
    ['as good as the same', 1_500, 8_000],
  ])('takes `exp` by the clock of the server, which is %s', async (_, skewMs, due) => {
    const { clock, source, lease } = world();
    const one = lease();
    const first = one.token();
    await source.give(jwtOf({ exp: (clock.now() + 10_000) / 1_000 }));
    await first;
    one.heardClock(skewMs);
    // 80 % of what is left by that clock.
    const left = Math.abs(skewMs) < 2_000 ? 10_000 : 10_000 - skewMs;
    expect(clock.nextIn).toBe(left * 0.8);
    expect(Math.round(left * 0.8)).toBeCloseTo(due, -3.9);
  });

  it('lets a source that fails have its back-off, others nothing of it, and goes on with the token it has', async () => {
    const { clock, broker, source, lease } = world();
    const listener = new Listener();
    const one = lease(listener);
    const first = one.token();
    await source.give('one', { lifetimeMs });
    await first;
    clock.advance(8_000);
    await source.fail();
    expect(listener.failures).toHaveLength(1);
    expect(clock.nextIn).toBe(1_000);
    expect((await one.token()).token).toBe('one');
    const refused = one.refresh('one', 'refused');
    await expect(refused).rejects.toMatchObject({ retryMs: 1_000 });
    expect(source.reads).toBe(2);
    const other = new HandSource('b');
    void broker.lease(other, 0.2, new Listener()).token();
    expect(other.reads).toBe(1);
    clock.advance(1_000);
    await source.fail();
    expect(clock.nextIn).toBe(2_000);
    expect(listener.failures).toHaveLength(1);
    clock.advance(2_000);
    await source.give('two', { lifetimeMs });
    expect((await one.token()).token).toBe('two');
    await other.give('x');
  });

  it('leaves a source alone for as long as its server asks, but for an hour at most', async () => {
    for (const [retryAfterMs, expected] of [
      [7_000, 7_000],
      [9e9, 3_600_000],
    ] as const) {
      const { source, lease } = world();
      const asked = lease().token();
      await Promise.all([
        expect(asked).rejects.toMatchObject({ retryMs: expected }),
        source.fail(
          new AppError('tokenServer.status', { origin: 'http://a.test', status: 503, retryAfterMs }),
        ),
      ]);
    }
  });

  it('ends its flight and its timers with the last that used it', async () => {
    const { clock, source, lease } = world();
    const [one, two] = [lease(), lease()];
    const first = one.token();
    await source.give('one', { lifetimeMs });
    await first;
    const refreshed = one.refresh('one', 'refused');
    one.dispose();
    expect(source.signal?.aborted).toBe(false);
    two.dispose();
    expect(source.signal?.aborted).toBe(true);
    expect(clock.pending).toBe(0);
    await Promise.all([expect(refreshed).rejects.toThrow(), source.give('late')]);
    void lease().token();
    expect(source.reads).toBe(3);
    await source.give('new');
  });

  it("doesn't refresh in a loop what is over when it comes", async () => {
    const { clock, source, lease } = world();
    const first = lease().token();
    await source.give(jwtOf({ exp: clock.now() / 1_000 - 60 }));
    await first;
    expect(clock.pending).toBe(0);
  });
});

describe('a broker, whatever happens', () => {
  const action = fc.record({
    do: fc.constantFrom('token', 'refuse', 'ask', 'give', 'fail', 'wait', 'lease', 'leave'),
    which: fc.nat({ max: 4 }),
  });

  it('has never more than one flight of a source, and nothing left in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        const { clock, source, lease } = world();
        const leases = [lease()];
        let made = 0;
        let last = '';
        const promises: Promise<unknown>[] = [];
        const use = (promise: Promise<HeldToken> | undefined): void => {
          if (promise)
            promises.push(
              promise.then(
                ({ token }) => (last = token),
                () => {},
              ),
            );
        };
        for (const { do: what, which } of actions) {
          const one = leases[which % Math.max(1, leases.length)];
          if (what === 'token') use(one?.token());
          if (what === 'refuse') use(one?.refresh(last, 'refused'));
          if (what === 'ask') use(one?.refresh(undefined, 'asked'));
          if (what === 'give') await source.give(`t${made++}`, { lifetimeMs: 5_000 });
          if (what === 'fail') await source.fail();
          if (what === 'wait') clock.advance(1_700);
          if (what === 'lease') leases.push(lease());
          if (what === 'leave') leases.splice(which % Math.max(1, leases.length), 1)[0]?.dispose();
          await settled();
          expect(source.mostInFlight).toBeLessThanOrEqual(1);
        }
        for (const each of leases) each.dispose();
        await source.give('last');
        await Promise.all(promises);
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

it('tells a failure that may pass from one that will not', async () => {
  const { source, lease } = world();
  const asked = lease().token();
  await Promise.all([expect(asked).rejects.toBeInstanceOf(SourceFailure), source.fail()]);
});
