import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import { type BreakerOptions, CircuitBreaker, CircuitOpen } from './circuitBreaker.ts';
import type { TokenCheck, TokenRefusal } from './sampleTokens.ts';
import { TokenCache, type TokenCacheOptions } from './tokenCache.ts';

/** Whether a token is good for a topic, given as 32 hex digits. Rejects where that can't be told. */
export type Verifier = (token: string, topic: string) => Promise<TokenCheck>;

export type Admission =
  /** Until then, in epoch milliseconds; without an end where nobody is asked for a token. */
  | { kind: 'admitted'; expiresAt?: number }
  | { kind: 'refused'; refusal: TokenRefusal }
  /** Nobody could be asked. `retryAfterMs` where it is known when that ends; `reason` without its full stop. */
  | { kind: 'unavailable'; reason: string; retryAfterMs?: number };

/** Who is let in: by the cache, or else by the webhook, which a circuit breaker spares. */
export class TokenGate {
  readonly cache: TokenCache;
  readonly breaker: CircuitBreaker;
  readonly #verify: Verifier;
  #asked = 0;

  constructor(verify: Verifier, clock: Clock, breaker?: BreakerOptions, cache?: TokenCacheOptions) {
    this.#verify = verify;
    this.cache = new TokenCache(() => clock.now(), cache);
    this.breaker = new CircuitBreaker(() => clock.monotonic(), breaker);
  }

  /** How often the webhook was asked. */
  get asked(): number {
    return this.#asked;
  }

  /** @param topic as 32 hex digits */
  async admit(token: string | undefined, topic: string): Promise<Admission> {
    if (token === undefined || token === '') return { kind: 'refused', refusal: noToken };
    const known = this.cache.get(token, topic);
    if (known !== undefined) return { kind: 'admitted', expiresAt: known };
    try {
      const check = await this.breaker.run(() => {
        this.#asked += 1;
        return this.#verify(token, topic);
      });
      if (!check.ok) return { kind: 'refused', refusal: check.refusal };
      const { expiresAt } = check;
      this.cache.set(token, topic, expiresAt);
      return { kind: 'admitted', expiresAt };
    } catch (error) {
      const reason = errorText(error);
      return error instanceof CircuitOpen
        ? { kind: 'unavailable', reason, retryAfterMs: error.retryAfterMs }
        : { kind: 'unavailable', reason };
    }
  }

  /** As a server that was started anew: it knows no token and has met no failure. */
  forget(): void {
    this.cache.clear();
    this.breaker.reset();
  }
}

const noToken: TokenRefusal = {
  description:
    'No token was sent. Send it as Authorization: Bearer, as ?token= or in the cookie access_token.',
};
