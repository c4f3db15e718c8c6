// The token of one session: what was sent, what took its place, and the share it has in its source.
import type { AuthSettings } from '../auth/placement.ts';
import type { SourceKind } from '../auth/sources/tokenSource.ts';
import { type HeldToken, type RefreshCause, SourceFailure, type TokenLease } from '../auth/tokenBroker.ts';
import { tokenChange } from '../auth/tokenChange.ts';
import type { Disposable } from '../base/disposables.ts';
import { AppError, errorText, isAppError } from '../base/errors.ts';
import type { ConnectionSettings } from '../config/connectionSettings.ts';
import { type DecodedToken, decodeToken } from '../jwt/decode.ts';
import { NoTokenError, TokenFailedError } from '../sse/connection.ts';
import type { TokenTraits } from '../sse/policies.ts';
import type { RefreshResult, Step } from '../sse/steps.ts';
import type { SessionPorts } from './session.ts';
import { approveToken, makeSource } from './tokenSources.ts';

/** The token that the last attempt sent, or the one that took its place since, as far as it may be shown. */
export interface SessionToken {
  decoded: DecodedToken;
  auth: AuthSettings;
  source: SourceKind;
  /** The end of its life by this machine's clock, with the server's corrected, where that is known. */
  expiresAt?: number;
  /** The one before it, where it was refreshed. */
  previous?: DecodedToken;
}

export interface TokenUseHooks {
  /** From now on this is masked wherever it turns up. */
  mask(token: string): void;
  /** What `shown` gives is another one. */
  changed(): void;
  step(step: Step): void;
  /** The stream is open: what happens to its token is news. */
  isOpen(): boolean;
}

/** Whether a connection's token can be replaced, and by whom. */
export function tokenTraits({ auth, token }: ConnectionSettings): TokenTraits {
  const isSent = auth.placement !== 'none';
  const asks = token.from === 'secret' || canSignIn({ auth, token });
  return { refreshes: isSent, asks: asks || !isSent };
}

/** Whether the user can sign in to have a token. */
export function canSignIn({ auth, token }: Pick<ConnectionSettings, 'auth' | 'token'>): boolean {
  if (auth.placement === 'none') return false;
  return token.from === 'session' || (token.from === 'oauth2' && token.grant === 'authorization_code');
}

export class TokenUse implements Disposable {
  readonly #ports: SessionPorts;
  readonly #hooks: TokenUseHooks;
  #lease: TokenLease | undefined;
  #sent: HeldToken | undefined;
  /** Had after a 401, for the attempt that follows. */
  #fresh: HeldToken | undefined;
  #shown: SessionToken | undefined;
  #shownToken: string | undefined;
  #auth: AuthSettings | undefined;
  /** What is under way for this session itself: it tells of that, not as one of those that share the source. */
  #own: 'refused' | 'asked' | undefined;

  constructor(ports: SessionPorts, hooks: TokenUseHooks) {
    this.#ports = ports;
    this.#hooks = hooks;
  }

  get shown(): SessionToken | undefined {
    return this.#shown;
  }

  /** The token that `shown` tells of. */
  exposeShown(): string | undefined {
    return this.#shownToken;
  }

  /** The token that the last attempt sent. */
  get sent(): DecodedToken | undefined {
    return this.#sent?.decoded;
  }

  /** The token for an attempt, once it may go to that origin; undefined where none is sent. */
  async take(settings: ConnectionSettings, origin: string): Promise<string | undefined> {
    this.#auth = settings.auth;
    if (settings.auth.placement === 'none') {
      this.#sent = undefined;
      this.show(undefined);
      return undefined;
    }
    await approveToken(settings, origin, this.#ports);
    const lease = this.#leaseOf(settings, origin);
    const fresh = this.#fresh;
    this.#fresh = undefined;
    try {
      const held = fresh ?? (await lease.token());
      this.#sent = held;
      this.#hold(held, lease);
      return held.token;
    } catch (error) {
      this.#sent = undefined;
      this.show(undefined);
      const cause = this.#causeOf(error);
      if (!(error instanceof SourceFailure)) throw cause;
      throw new TokenFailedError(lease.source.kind, this.#reason(error), error.retryMs, { cause });
    }
  }

  /** Looks for another token than the one that was sent and refused. */
  async replaceRefused(): Promise<RefreshResult> {
    const lease = this.#lease;
    const sent = this.#sent;
    if (!lease || !sent) return { kind: 'unchanged', canAsk: true };
    const source = lease.source.kind;
    this.#own = 'refused';
    try {
      const held = await lease.refresh(sent.token, 'refused');
      if (held.token === sent.token) return { kind: 'unchanged', canAsk: this.#canAsk(lease) };
      this.#fresh = held;
      this.#hold(held, lease, sent.decoded);
      return { kind: 'refreshed', step: refreshStep(sent, held, source, 'refused') };
    } catch (error) {
      if (error instanceof NoTokenError) return { kind: 'unchanged', canAsk: true };
      const reason = this.#reason(error);
      return error instanceof SourceFailure
        ? { kind: 'failed', source, reason, retryMs: error.retryMs }
        : { kind: 'failed', source, reason };
    } finally {
      this.#own = undefined;
    }
  }

  /** Reads the source again because the user wants it. Returns whether there is another token now. */
  async replaceAsked(settings: ConnectionSettings, origin: string): Promise<boolean> {
    this.#auth = settings.auth;
    await approveToken(settings, origin, this.#ports);
    const lease = this.#leaseOf(settings, origin);
    const before = this.#sent;
    this.#own = 'asked';
    try {
      const held = await lease.refresh(undefined, 'asked');
      const isOther = held.token !== before?.token;
      this.#hold(held, lease, isOther ? before?.decoded : undefined);
      return isOther;
    } catch (error) {
      throw this.#causeOf(error);
    } finally {
      this.#own = undefined;
    }
  }

  /** Lets the user sign in; the next attempt sends what comes of it. */
  async signIn(settings: ConnectionSettings, origin: string): Promise<void> {
    this.#auth = settings.auth;
    await approveToken(settings, origin, this.#ports);
    const lease = this.#leaseOf(settings, origin);
    try {
      const held = await lease.signIn();
      this.#fresh = held;
      this.#hold(held, lease);
    } catch (error) {
      throw this.#causeOf(error);
    }
  }

  /** Whether there is a token without the user's help: it is read for that. */
  async has(settings: ConnectionSettings, origin: string): Promise<boolean> {
    await approveToken(settings, origin, this.#ports);
    try {
      this.#fresh = await this.#leaseOf(settings, origin).token();
      return true;
    } catch (error) {
      if (error instanceof NoTokenError) return false;
      // The attempt meets it again, and says it where it belongs.
      return true;
    }
  }

  heardClock(skewMs: number): void {
    this.#lease?.heardClock(skewMs);
  }

  /** Shows a token that is known but not sent yet; undefined for none. */
  show(token: string | undefined, auth = this.#auth): void {
    if (token !== undefined) this.#hooks.mask(token);
    const previous = token === this.#shownToken ? this.#shown?.previous : this.#shown?.decoded;
    this.#shownToken = token;
    this.#shown =
      token === undefined || !auth
        ? undefined
        : { decoded: decodeToken(token), auth, source: 'secret', ...(previous ? { previous } : {}) };
  }

  /** The connection isn't wanted any more. What was sent is still shown. */
  release(): void {
    this.#lease?.dispose();
    this.#lease = undefined;
    this.#fresh = undefined;
  }

  dispose(): void {
    this.release();
  }

  #leaseOf(settings: ConnectionSettings, origin: string): TokenLease {
    const source = makeSource(settings, origin, this.#ports);
    if (this.#lease?.source.key === source.key) return this.#lease;
    this.release();
    const { aheadOf } = settings.token;
    const lease = this.#ports.sources.broker.lease(source, aheadOf, {
      refreshed: (previous, current, cause) => this.#replaced(previous, current, cause, source.kind),
      refreshFailed: (error) =>
        this.#hooks.step({
          step: 'tokenRefreshFailed',
          source: source.kind,
          cause: 'ahead',
          reason: this.#reason(error),
        }),
    });
    this.#lease = lease;
    return lease;
  }

  /** By the clock, the user, or another connection. After a 401 of our own the machine tells of it. */
  #replaced(previous: HeldToken, current: HeldToken, cause: RefreshCause, source: SourceKind): void {
    if (this.#own === 'refused' || !this.#lease) return;
    this.#hold(current, this.#lease, previous.decoded);
    const told = cause === 'ahead' ? 'ahead' : this.#own === 'asked' ? 'asked' : 'shared';
    // An attempt that is on its way with the old token has news of its own in a moment.
    if (told !== 'shared' || this.#hooks.isOpen())
      this.#hooks.step(refreshStep(previous, current, source, told));
    this.#hooks.changed();
  }

  #hold({ token, decoded, expiresAt }: HeldToken, lease: TokenLease, replaced?: DecodedToken): void {
    this.#hooks.mask(token);
    if (!this.#auth) return;
    // What is sent after a refresh is what was shown since.
    const previous = replaced ?? (token === this.#shownToken ? this.#shown?.previous : undefined);
    this.#shownToken = token;
    this.#shown = {
      decoded,
      auth: this.#auth,
      source: lease.source.kind,
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(previous ? { previous } : {}),
    };
  }

  #canAsk({ source }: TokenLease): boolean {
    return source.kind === 'secret' || 'signIn' in source;
  }

  #reason(error: unknown): string {
    const cause = this.#causeOf(error);
    return isAppError(cause) ? this.#ports.sentenceOf(cause) : this.#ports.redactor.text(errorText(cause));
  }

  /** What went wrong, without what servers and programs may have repeated of what they were given. */
  #causeOf(error: unknown): unknown {
    const cause = error instanceof SourceFailure ? error.cause : error;
    if (!isAppError(cause)) return cause;
    const facts = Object.entries(cause.facts).map(([name, value]) => [
      name,
      typeof value === 'string' ? this.#ports.redactor.text(value) : value,
    ]);
    return new AppError(cause.code, Object.fromEntries(facts));
  }
}

function refreshStep(
  previous: HeldToken,
  current: HeldToken,
  source: SourceKind,
  cause: (Step & { step: 'tokenRefreshed' })['cause'],
): Step & { step: 'tokenRefreshed' } {
  return {
    step: 'tokenRefreshed',
    source,
    cause,
    ms: current.ms,
    ...tokenChange(previous.decoded, current.decoded),
  };
}
