import { createHash } from 'node:crypto';

export interface TokenCacheOptions {
  /** How long an entry counts, in milliseconds; 300,000 by default. */
  ttlMs?: number | undefined;
  /** Entries; 10,000 by default. */
  size?: number | undefined;
}

/**
 * Tokens that were found valid, each for one topic, by the SHA-256 of the token: the token itself isn't kept. An
 * entry counts for the time to live, and never past the token's own end. What was not used for the longest leaves first.
 */
export class TokenCache {
  readonly #now: () => number;
  readonly #ttlMs: number;
  readonly #limit: number;
  /** In the order of their last use: a Map keeps that of insertion. */
  readonly #entries = new Map<string, { expiresAt: number; until: number }>();
  #hits = 0;
  #misses = 0;

  /** @param now epoch milliseconds */
  constructor(now: () => number, { ttlMs = 300_000, size = 10_000 }: TokenCacheOptions = {}) {
    this.#now = now;
    this.#ttlMs = ttlMs;
    this.#limit = size;
  }

  get size(): number {
    return this.#entries.size;
  }

  get hits(): number {
    return this.#hits;
  }

  get misses(): number {
    return this.#misses;
  }

  /** When the token expires (epoch milliseconds), if it is known to be good for the topic. */
  get(token: string, topic: string): number | undefined {
    const key = keyOf(token, topic);
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    if (entry === undefined || this.#now() >= entry.until) {
      this.#misses += 1;
      return undefined;
    }
    this.#entries.set(key, entry);
    this.#hits += 1;
    return entry.expiresAt;
  }

  /** @param expiresAt epoch milliseconds */
  set(token: string, topic: string, expiresAt: number): void {
    const key = keyOf(token, topic);
    this.#entries.delete(key);
    this.#entries.set(key, { expiresAt, until: Math.min(this.#now() + this.#ttlMs, expiresAt) });
    if (this.#entries.size <= this.#limit) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** A token is good for a topic: what one topic lets in another may not. */
function keyOf(token: string, topic: string): string {
  return `${createHash('sha256').update(token).digest('base64url')} ${topic}`;
}
