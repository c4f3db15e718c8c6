// Holds the tokens of all connections, one for each source, and reads each source in one flight for all that share it.
import type { Clock, Random } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { isAppError } from '../base/errors.ts';
import { secondsClaim } from '../jwt/claims.ts';
import { type DecodedToken, decodeToken } from '../jwt/decode.ts';
import { NoTokenError } from '../sse/connection.ts';
import { longestRetryAfterMs } from '../sse/policies.ts';
import { isInteractive, type SourceToken, type TokenSource } from './sources/tokenSource.ts';

/** A token as it was read. */
export interface HeldToken {
  readonly token: string;
  readonly decoded: DecodedToken;
  /** When it was read, and how long that took. Epoch milliseconds, milliseconds. */
  readonly readAt: number;
  readonly ms: number;
  /** The end of its life by this machine's clock, where it is known. Epoch milliseconds. */
  readonly expiresAt: number | undefined;
}

export type RefreshCause =
  /** A server refused the one before. */
  | 'refused'
  /** Its end came near. */
  | 'ahead'
  /** The user asked for it. */
  | 'asked';

/** Hears of what others, or the clock, had read. Called for all users of a source alike. */
export interface TokenListener {
  refreshed(previous: HeldToken, current: HeldToken, cause: RefreshCause): void;
  /** A refresh ahead of the end failed; told once until one succeeds. */
  refreshFailed(error: unknown): void;
}

/** One connection's share of a source. Disposing the last one ends what is under way and its timers. */
export interface TokenLease extends Disposable {
  readonly source: TokenSource;
  /** The token for an attempt. Rejects as `TokenSource.read` does, or with SourceFailure. */
  token(): Promise<HeldToken>;
  /** Another token than the one that was refused; the one held, where that is another already. */
  refresh(refused: string | undefined, cause: RefreshCause): Promise<HeldToken>;
  /** Lets the user sign in. Only for sources that can. */
  signIn(): Promise<HeldToken>;
  /** By how much the clock of the server that takes the token is ahead of this machine's. */
  heardClock(skewMs: number): void;
}

export interface BrokerPorts {
  clock: Clock;
  random: Random;
}

/** The source failed, and may well work later. `cause` is the AppError. */
export class SourceFailure extends Error {
  readonly retryMs: number;

  constructor(cause: unknown, retryMs: number) {
    super('The token source failed', { cause });
    this.retryMs = retryMs;
  }
}

/** Hands out leases; no two flights of one source at a time. */
export class TokenBroker implements Disposable {
  readonly #ports: BrokerPorts;
  readonly #shared = new Map<string, SharedToken>();

  constructor(ports: BrokerPorts) {
    this.#ports = ports;
  }

  /** @param aheadOf the share of a token's life, 0 to 1, that is left when it is refreshed; false for never */
  lease(source: TokenSource, aheadOf: number | false, listener: TokenListener): TokenLease {
    let shared = this.#shared.get(source.key);
    if (!shared) {
      shared = new SharedToken(source, aheadOf, this.#ports);
      this.#shared.set(source.key, shared);
    }
    const joined = shared;
    joined.join(listener);
    return {
      source: joined.source,
      token: () => joined.token(),
      refresh: (refused, cause) => joined.refresh(refused, cause),
      signIn: () => joined.signIn(),
      heardClock: (skewMs) => joined.heardClock(skewMs),
      dispose: () => {
        if (joined.leave(listener)) this.#forget(joined);
      },
    };
  }

  dispose(): void {
    for (const shared of this.#shared.values()) shared.end();
    this.#shared.clear();
  }

  #forget(shared: SharedToken): void {
    shared.end();
    if (this.#shared.get(shared.source.key) === shared) this.#shared.delete(shared.source.key);
  }
}

interface Held extends HeldToken {
  readonly given: SourceToken;
  /** A server said no to it: it is not handed out again. */
  refused: boolean;
}

interface Flight {
  readonly promise: Promise<Held>;
  readonly abort: AbortController;
}

const firstBackOffMs = 1_000;
const longestBackOffMs = 60_000;
/** However short tokens live: not more often than this by itself. */
const shortestAheadMs = 1_000;
/** The Date header has whole seconds, and an answer takes its time. */
const clockNoiseMs = 2_000;

/** What one source gave, for all that use it. */
class SharedToken {
  readonly source: TokenSource;
  readonly #aheadOf: number | false;
  readonly #ports: BrokerPorts;
  readonly #listeners = new Set<TokenListener>();
  #held: Held | undefined;
  #flight: Flight | undefined;
  #timer: Disposable | undefined;
  #failures = 0;
  #failed: { error: unknown; until: number } | undefined;
  #toldOfFailure = false;
  #skewMs = 0;

  constructor(source: TokenSource, aheadOf: number | false, ports: BrokerPorts) {
    this.source = source;
    this.#aheadOf = aheadOf;
    this.#ports = ports;
  }

  join(listener: TokenListener): void {
    this.#listeners.add(listener);
  }

  /** Returns whether that was the last one. */
  leave(listener: TokenListener): boolean {
    return this.#listeners.delete(listener) && this.#listeners.size === 0;
  }

  end(): void {
    this.#timer?.dispose();
    this.#flight?.abort.abort(new Error('Nobody waits for the token any more.'));
    this.#held = undefined;
  }

  async token(): Promise<HeldToken> {
    const held = this.#held;
    return held && this.source.mints && this.#isGood(held) ? held : this.#read();
  }

  async refresh(refused: string | undefined, cause: RefreshCause): Promise<HeldToken> {
    const before = this.#held;
    if (before && refused !== undefined && before.token !== refused) return before;
    if (before && refused !== undefined) before.refused = true;
    // Who asks for it by hand doesn't wait for the back-off.
    if (cause === 'asked') this.#failed = undefined;
    return this.#read(cause);
  }

  async signIn(): Promise<HeldToken> {
    const { source } = this;
    if (!isInteractive(source)) throw new NoTokenError();
    this.#failed = undefined;
    this.#flight ??= this.#fly((signal) => source.signIn(signal), undefined);
    return this.#flight.promise;
  }

  heardClock(skewMs: number): void {
    const skew = Math.abs(skewMs) < clockNoiseMs ? 0 : skewMs;
    if (Math.abs(skew - this.#skewMs) < clockNoiseMs) return;
    this.#skewMs = skew;
    if (!this.#held) return;
    this.#held = { ...this.#held, expiresAt: this.#endOf(this.#held) };
    this.#planRefresh();
  }

  #isGood({ refused, expiresAt }: Held): boolean {
    if (refused) return false;
    // Not to be refreshed ahead: it is sent until a server refuses it.
    if (this.#aheadOf === false) return true;
    // What doesn't say how long it lives may be good for one request only.
    return expiresAt !== undefined && this.#ports.clock.now() < expiresAt;
  }

  #read(cause?: RefreshCause): Promise<Held> {
    const { clock } = this.#ports;
    if (!this.#flight && this.#failed && clock.now() < this.#failed.until) {
      return Promise.reject(new SourceFailure(this.#failed.error, this.#failed.until - clock.now()));
    }
    this.#flight ??= this.#fly((signal) => this.source.read(signal), cause);
    return this.#flight.promise;
  }

  #fly(read: (signal: AbortSignal) => Promise<SourceToken>, cause: RefreshCause | undefined): Flight {
    const abort = new AbortController();
    const started = this.#ports.clock.now();
    const promise = read(abort.signal).then(
      (given) => {
        abort.signal.throwIfAborted();
        this.#flight = undefined;
        return this.#keep(given, started, cause);
      },
      (error: unknown) => {
        this.#flight = undefined;
        throw abort.signal.aborted ? error : this.#fail(error);
      },
    );
    return { promise, abort };
  }

  #keep(given: SourceToken, started: number, cause: RefreshCause | undefined): Held {
    const now = this.#ports.clock.now();
    const before = this.#held;
    this.#failures = 0;
    this.#failed = undefined;
    this.#toldOfFailure = false;
    // Until the server that takes the token has told its time, that of the one who made it is as good.
    if (before === undefined && given.skewMs !== undefined) this.heardClock(given.skewMs);
    const read = {
      token: given.token,
      decoded: decodeToken(given.token),
      readAt: now,
      given,
      refused: false,
    };
    const held: Held = {
      ...read,
      ms: Math.max(0, now - started),
      expiresAt: this.#endOf(read),
      refused: before?.token === given.token && before.refused,
    };
    this.#held = held;
    this.#planRefresh();
    if (cause !== undefined && before && before.token !== held.token) {
      for (const listener of [...this.#listeners]) listener.refreshed(before, held, cause);
    }
    return held;
  }

  /** What the source says of its life counts; the claim `exp` is by the clock of servers. */
  #endOf({ given, decoded, readAt }: Pick<Held, 'given' | 'decoded' | 'readAt'>): number | undefined {
    if (given.lifetimeMs !== undefined) return readAt + given.lifetimeMs;
    const exp = decoded.kind === 'jwt' ? secondsClaim(decoded.payload, 'exp') : undefined;
    return exp === undefined ? undefined : exp - this.#skewMs;
  }

  #planRefresh(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    const { clock } = this.#ports;
    const { expiresAt, readAt } = this.#held ?? {};
    if (this.#aheadOf === false || !this.source.canRefresh || this.#listeners.size === 0) return;
    if (expiresAt === undefined || readAt === undefined || expiresAt <= clock.now()) return;
    const due = readAt + (expiresAt - readAt) * (1 - this.#aheadOf);
    this.#refreshIn(Math.max(due - clock.now(), shortestAheadMs));
  }

  #refreshIn(ms: number): void {
    this.#timer = this.#ports.clock.after(ms, () => {
      this.#read('ahead').catch((error: unknown) => {
        if (this.#listeners.size === 0) return;
        if (!this.#toldOfFailure) {
          this.#toldOfFailure = true;
          for (const listener of [...this.#listeners]) listener.refreshFailed(error);
        }
        if (error instanceof SourceFailure) {
          this.#timer?.dispose();
          this.#refreshIn(error.retryMs);
        }
      });
    });
  }

  /** What is rejected with: a failure that may pass waits its back-off, whoever asks meanwhile. */
  #fail(error: unknown): unknown {
    const asked = retryAfterOf(error);
    if (asked === undefined) return error;
    const full = Math.min(firstBackOffMs * 2 ** Math.min(this.#failures, 30), longestBackOffMs);
    const retryMs = Math.round(
      Math.max(Math.min(asked, longestRetryAfterMs), full * (1 - 0.5 * this.#ports.random())),
    );
    this.#failures++;
    this.#failed = { error, until: this.#ports.clock.now() + retryMs };
    return new SourceFailure(error, retryMs);
  }
}

/** Milliseconds that a source asks to be left alone, 0 where it doesn't say; undefined for a failure that won't pass. */
function retryAfterOf(error: unknown): number | undefined {
  if (isAppError(error, 'tokenServer.unreachable') || isAppError(error, 'command.slow')) return 0;
  return isAppError(error, 'tokenServer.status') ? error.facts.retryAfterMs : undefined;
}
