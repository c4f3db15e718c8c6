export interface BreakerOptions {
  /** Failures in a row that open it; 10 by default. */
  failures?: number | undefined;
  /** How long it stays open before one call may try again, in milliseconds; 60,000 by default. */
  probeAfterMs?: number | undefined;
}

/** `open` also once a probe is due: it is the next call. */
export type BreakerState = 'closed' | 'open' | 'halfOpen';

/** Nobody was asked. */
export class CircuitOpen extends Error {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('the circuit breaker is open');
    this.retryAfterMs = retryAfterMs;
  }
}

/** What those wait who come while the probe is under way. */
const halfOpenMs = 1000;

/** Spares a service that fails: after so many failures in a row nobody asks it, but for one probe now and then. */
export class CircuitBreaker {
  readonly #monotonic: () => number;
  readonly #limit: number;
  readonly #probeAfterMs: number;
  #failures = 0;
  #openedAt: number | undefined;
  #isProbing = false;
  /** What was asked before the breaker opened has no say in when it closes. */
  #period = 0;

  /** @param monotonic milliseconds that never jump */
  constructor(monotonic: () => number, { failures = 10, probeAfterMs = 60_000 }: BreakerOptions = {}) {
    this.#monotonic = monotonic;
    this.#limit = failures;
    this.#probeAfterMs = probeAfterMs;
  }

  get state(): BreakerState {
    if (this.#openedAt === undefined) return 'closed';
    return this.#isProbing ? 'halfOpen' : 'open';
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** Milliseconds until the next call may be let through; 0 where it would be. */
  get retryAfterMs(): number {
    if (this.#openedAt === undefined) return 0;
    if (this.#isProbing) return halfOpenMs;
    return Math.max(0, this.#openedAt + this.#probeAfterMs - this.#monotonic());
  }

  /** The result of `call`, whose rejection counts as a failure. Rejects with CircuitOpen where it isn't called. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    const wait = this.retryAfterMs;
    if (wait > 0) throw new CircuitOpen(wait);
    this.#isProbing = this.#openedAt !== undefined;
    const period = this.#period;
    try {
      const result = await call();
      if (period === this.#period) this.#close();
      return result;
    } catch (error) {
      if (period === this.#period) this.#fail();
      throw error;
    }
  }

  /** Begins anew; what is under way counts no more. */
  reset(): void {
    this.#period += 1;
    this.#close();
  }

  #close(): void {
    this.#failures = 0;
    this.#openedAt = undefined;
    this.#isProbing = false;
  }

  #fail(): void {
    this.#failures += 1;
    if (!this.#isProbing && this.#failures < this.#limit) return;
    this.#openedAt = this.#monotonic();
    this.#isProbing = false;
    this.#period += 1;
  }
}
