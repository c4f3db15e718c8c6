import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CircuitBreaker, CircuitOpen } from '../../../src/servers/circuitBreaker.ts';
import { FakeClock } from '../../support/fakeClock.ts';

function breakerAt(clock: FakeClock): CircuitBreaker {
  return new CircuitBreaker(() => clock.monotonic());
}

const succeed = async (): Promise<string> => 'yes';
const fail = async (): Promise<string> => {
  throw new Error('no');
};

async function failTimes(breaker: CircuitBreaker, times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) await expect(breaker.run(fail)).rejects.toThrow('no');
}

/** A call that ends when it is told to. */
function pending(breaker: CircuitBreaker) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const ran = breaker.run(() => promise).catch((error: Error) => error.message);
  return { ran, succeed: () => resolve('yes'), fail: () => reject(new Error('no')) };
}

describe('CircuitBreaker', () => {
  it('opens after ten failures in a row and asks nobody for a minute', async () => {
    const clock = new FakeClock();
    const breaker = breakerAt(clock);
    await failTimes(breaker, 9);
    expect([breaker.state, breaker.failures]).toEqual(['closed', 9]);
    await failTimes(breaker, 1);
    expect([breaker.state, breaker.retryAfterMs]).toEqual(['open', 60_000]);
    clock.advance(59_999);
    const refused = await breaker.run(succeed).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(CircuitOpen);
    expect(refused).toMatchObject({ retryAfterMs: 1 });
  });

  it('counts failures in a row only', async () => {
    const breaker = breakerAt(new FakeClock());
    await failTimes(breaker, 9);
    await breaker.run(succeed);
    await failTimes(breaker, 9);
    expect(breaker.state).toBe('closed');
  });

  it('lets one probe through after the minute, and refuses the others meanwhile', async () => {
    const clock = new FakeClock();
    const breaker = breakerAt(clock);
    await failTimes(breaker, 10);
    clock.advance(60_000);
    const probe = pending(breaker);
    expect(breaker.state).toBe('halfOpen');
    await expect(breaker.run(succeed)).rejects.toMatchObject({ retryAfterMs: 1000 });
    probe.succeed();
    expect(await probe.ran).toBe('yes');
    expect([breaker.state, breaker.failures]).toEqual(['closed', 0]);
  });

  it('opens for another minute when the probe fails', async () => {
    const clock = new FakeClock();
    const breaker = breakerAt(clock);
    await failTimes(breaker, 10);
    clock.advance(60_000);
    await failTimes(breaker, 1);
    expect([breaker.state, breaker.retryAfterMs]).toEqual(['open', 60_000]);
    clock.advance(60_000);
    await breaker.run(succeed);
    expect(breaker.state).toBe('closed');
  });

  it('does not let what was asked before it opened close it, or open it anew', async () => {
    const clock = new FakeClock();
    const breaker = breakerAt(clock);
    const [early, late] = [pending(breaker), pending(breaker)];
    await failTimes(breaker, 10);
    early.succeed();
    await early.ran;
    expect(breaker.state).toBe('open');
    clock.advance(30_000);
    late.fail();
    await late.ran;
    expect(breaker.retryAfterMs).toBe(30_000);
  });

  it('begins anew when it is reset, whatever was under way', async () => {
    const clock = new FakeClock();
    const breaker = breakerAt(clock);
    await failTimes(breaker, 10);
    clock.advance(60_000);
    const probe = pending(breaker);
    breaker.reset();
    probe.fail();
    await probe.ran;
    expect([breaker.state, breaker.failures]).toEqual(['closed', 0]);
  });

  it('asks at most once a minute while all fails, however often it is called', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(30_000), { maxLength: 60 }), async (waits) => {
        const clock = new FakeClock();
        const breaker = breakerAt(clock);
        const asked: number[] = [];
        for (const wait of waits) {
          clock.advance(wait);
          const call = async (): Promise<void> => {
            asked.push(clock.now());
            throw new Error('no');
          };
          await breaker.run(call).catch(() => {});
        }
        expect(asked.length).toBeGreaterThanOrEqual(Math.min(10, waits.length));
        for (const [i, time] of asked.slice(10).entries()) {
          expect(time - (asked[i + 9] as number)).toBeGreaterThanOrEqual(60_000);
        }
      }),
    );
  });
});
