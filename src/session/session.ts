import { askedAudience, explainUnauthorized } from '../auth/explainUnauthorized.ts';
import { placeToken } from '../auth/placement.ts';
import type { SourceKind } from '../auth/sources/tokenSource.ts';
import type { Clock, Random } from '../base/clock.ts';
import { type Disposable, DisposableStore } from '../base/disposables.ts';
import { Emitter } from '../base/emitter.ts';
import { type AppError, isAppError } from '../base/errors.ts';
import { headerValue, headerValues } from '../base/headers.ts';
import type { Redactor } from '../base/redaction.ts';
import { Capture } from '../capture/capture.ts';
import type { CaptureBudget } from '../capture/captureBudget.ts';
import { RateMeter } from '../capture/rate.ts';
import type { Note } from '../capture/records.ts';
import type { ConnectionSettings } from '../config/connectionSettings.ts';
import type { TokenContext } from '../jwt/finding.ts';
import { Connection, type ConnectionSink, TokenFailedError } from '../sse/connection.ts';
import type { OriginGate, Permit } from '../sse/originGate.ts';
import type { ConnectionState, Step } from '../sse/steps.ts';
import type { HttpRequest, ResponseHead, Transport } from '../sse/transport.ts';
import type { WakeWatch } from '../sse/wakeWatch.ts';
import { certificatesOf, makeRequest, originOf } from './attemptRequest.ts';
import type { CaptureSource } from './captureSource.ts';
import { type CookieJar, CookieTransport } from './cookieTransport.ts';
import { Masks } from './masks.ts';
import { allSecretNames, forgetSignIn, secretUses, type TokenPorts, tokenApproval } from './tokenSources.ts';
import { canSignIn, type SessionToken, TokenUse, tokenTraits } from './tokenUse.ts';

export interface SessionPorts extends TokenPorts {
  clock: Clock;
  random: Random;
  transport: Transport;
  redactor: Redactor;
  /** What captures may take, each and together. */
  budget: CaptureBudget;
  /** An empty jar, for one connection. */
  newCookieJar(): CookieJar;
  /** See `ConnectionPorts`. */
  isUtf8?(bytes: Uint8Array): boolean;
  /** An error in a sentence. */
  sentenceOf(error: AppError): string;
  /** One for all sessions, as is `wake`: see `sse/originGate` and `sse/wakeWatch`. */
  gate?: OriginGate;
  wake?: WakeWatch;
  /** What stands between a session and the network, for the fault lab. Goes with the session. */
  withFaults?(session: Session, transport: Transport, ports: FaultPorts): FaultLayer;
  /** Throws where nothing may connect (an untrusted workspace). Asked before anything leaves. */
  assertAllowed(): void;
}

/** A transport that faults can be armed on. */
export interface FaultLayer extends Transport, Disposable {
  /** What is armed, in words; empty for nothing. */
  readonly armed: string;
}

export interface FaultPorts {
  /** Records what a fault did, and what came of it. */
  note(note: Note): void;
  /** What is armed has changed. */
  changed(): void;
}

/** A connection with its capture and its token: what every surface shows. */
export class Session implements CaptureSource, Disposable {
  readonly capture: Capture;
  #captureId: string;
  readonly canConnect = true;
  readonly hasTimes = true;
  readonly notice = undefined;
  readonly #ports: SessionPorts;
  readonly #connection: Connection;
  readonly #faults: FaultLayer | undefined;
  readonly #rate = new RateMeter();
  readonly #store = new DisposableStore();
  readonly #stateChanged = this.#store.add(new Emitter<Session>());
  readonly #recorded = this.#store.add(new Emitter<{ time: number; attempt: number; step: Step }>());
  readonly #received = this.#store.add(new Emitter<{ time: number; from: number; to: number }>());
  /** What the present attempt was made with, and what the next one will be made with. */
  #settings: ConnectionSettings;
  #nextSettings: ConnectionSettings;
  readonly #tokens: TokenUse;
  /** What this session sent and must not show. */
  readonly #masks: Masks;
  /** What was asked of the connection while its capture is restored. */
  #held: (() => void)[] | undefined;
  #requestedAt = 0;
  #skewMs: number | undefined;
  #askedAudience: string | undefined;
  #requestError: AppError | undefined;
  /** Where the attempt under way goes. */
  #attemptOrigin: string | undefined;
  #takesAnyCertificate = false;

  /** The state, the token or the settings changed. */
  readonly onDidChange = this.#stateChanged.event;
  /** A lifecycle step was recorded. */
  readonly onDidStep = this.#recorded.event;
  /** Events were recorded, at the positions [from, to). Comes for each chunk that holds any: listeners must be quick. */
  readonly onDidReceive = this.#received.event;

  constructor(settings: ConnectionSettings, ports: SessionPorts) {
    this.#ports = ports;
    this.capture = new Capture(ports.budget.each, () => ports.budget.enforce());
    this.#store.add(ports.budget.add(this.capture));
    this.#captureId = Math.floor(ports.random() * 2 ** 52).toString(36);
    this.#settings = settings;
    this.#nextSettings = settings;
    this.#masks = this.#store.add(new Masks(ports.redactor));
    this.#tokens = this.#store.add(
      new TokenUse(ports, {
        mask: (token) => this.#masks.add(token),
        changed: () => this.#stateChanged.fire(this),
        step: (step) => this.#step(ports.clock.now(), this.attempts, step),
        isOpen: () => this.state.kind === 'open',
      }),
    );
    const cookies = new CookieTransport(
      ports.transport,
      ports.newCookieJar(),
      this.#masks,
      () => this.#attemptOrigin,
    );
    this.#faults = ports.withFaults?.(this, cookies, {
      note: (note) => this.capture.addStep(ports.clock.now(), this.attempts, note),
      changed: () => this.#stateChanged.fire(this),
    });
    if (this.#faults) this.#store.add(this.#faults);
    this.#connection = new Connection(
      {
        clock: ports.clock,
        random: ports.random,
        transport: this.#faults ?? cookies,
        options: () => ({ ...this.#settings, tokenTraits: tokenTraits(this.#settings) }),
        refreshToken: () => this.#tokens.replaceRefused(),
        authorize: ({ lastEventId, url }) => this.#authorize(lastEventId, url),
        explainUnauthorized: (head) => this.#explain(head),
        redact: ports.redactor,
        ...(ports.gate ? { gate: { enter: gateOf(ports.gate, () => this.#attemptOrigin ?? '') } } : {}),
        ...(ports.wake ? { wake: ports.wake } : {}),
        ...(ports.isUtf8 ? { isUtf8: ports.isUtf8 } : {}),
      },
      this.#sink(),
    );
  }

  get captureId(): string {
    return this.#captureId;
  }

  get name(): string {
    return this.#settings.name;
  }

  get settings(): ConnectionSettings {
    return this.#nextSettings;
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  /** Whether the connection is wanted: open, or on its way there. */
  get isActive(): boolean {
    return this.#connection.isActive;
  }

  get attempts(): number {
    return this.#connection.attempts;
  }

  get lastEventId(): string {
    return this.#connection.lastEventId;
  }

  get silentSince(): number | undefined {
    return this.#connection.silentSince;
  }

  get token(): SessionToken | undefined {
    return this.#tokens.shown;
  }

  /** What `token` shows, to be checked or copied because the user said so; for no log, message or setting. */
  exposeToken(): string | undefined {
    return this.#tokens.exposeShown();
  }

  /** How the token is used, for what is said of it. */
  get tokenContext(): TokenContext {
    const { url, auth, verify } = this.#nextSettings;
    const isOpen = this.state.kind === 'open';
    return {
      url,
      placement: this.token?.auth.placement ?? auth.placement,
      ...(this.#skewMs === undefined ? {} : { skewMs: this.#skewMs }),
      ...(verify ? { expected: verify } : {}),
      ...(this.#askedAudience === undefined || isOpen ? {} : { askedAudience: this.#askedAudience }),
      ...(isOpen ? { streamToken: this.#tokens.sent } : {}),
    };
  }

  /** What the fault lab has armed on it, in words; empty for nothing. */
  get armedFaults(): string {
    return this.#faults?.armed ?? '';
  }

  /** The settings were edited since the present attempt was made. */
  get needsReconnect(): boolean {
    return this.isActive && JSON.stringify(this.#settings) !== JSON.stringify(this.#nextSettings);
  }

  /**
   * Scheme, host and port that the token belongs to (RFC 6454). Throws AppError `variable.unset` or `url.*` where
   * the URL's variables leave none.
   */
  get origin(): string {
    return originOf(this.#nextSettings, this.#ports.variables);
  }

  /** The names of the stored secrets that the settings use besides the token. */
  get secrets(): string[] {
    return allSecretNames(this.#nextSettings);
  }

  /** Where a stored secret goes: one origin or several. Throws as `origin` does. */
  originsOf(secret: string): string[] {
    const uses = secretUses(this.#nextSettings, this.#ports.variables);
    return uses.flatMap(({ name, origin }) => (name === secret ? [origin] : []));
  }

  /** Why the last attempt could not be made, where the user can do something about it. */
  get requestError(): AppError | undefined {
    return this.#requestError;
  }

  /** The last attempt went out with the certificate check switched off. */
  get takesAnyCertificate(): boolean {
    return this.#takesAnyCertificate;
  }

  /** What the token is had from; undefined where none is sent. */
  get tokenSource(): SourceKind | undefined {
    const { auth, token } = this.#nextSettings;
    return auth.placement === 'none' ? undefined : token.from;
  }

  /** A token is sent. */
  get needsTokenSource(): boolean {
    return this.tokenSource !== undefined;
  }

  /** The token is one that the user gives. */
  get asksForToken(): boolean {
    return this.tokenSource === 'secret';
  }

  get canSignIn(): boolean {
    return canSignIn(this.#nextSettings);
  }

  rate(): number {
    return this.#rate.perSecond(this.#ports.clock.now());
  }

  /**
   * Fills the capture with what an earlier window had captured: `read` resolves to that capture's id, or undefined where
   * there is nothing. What comes goes on behind it, so what is asked of the connection meanwhile is done then. Nothing
   * where this window has captured something already, or is about to. Returns whether there was anything.
   */
  async restore(read: (capture: Capture) => Promise<string | undefined>): Promise<boolean> {
    const { capture } = this;
    if (this.#held || this.isActive || capture.next > 0) return false;
    this.#held = [];
    let captureId: string | undefined;
    try {
      captureId = await read(capture);
    } finally {
      if (capture.next > capture.first) this.#restored(captureId ?? this.#captureId);
      const held = this.#held;
      this.#held = undefined;
      for (const action of held) action();
    }
    return captureId !== undefined;
  }

  #restored(captureId: string): void {
    const { capture } = this;
    const attempt = capture.at(capture.next - 1)?.attempt ?? 0;
    this.#captureId = captureId;
    this.#connection.countFrom(attempt);
    capture.addStep(this.#ports.clock.now(), attempt, { step: 'restored' });
    this.#stateChanged.fire(this);
  }

  #whenRestored(action: () => void): void {
    if (this.#held) this.#held.push(action);
    else action();
  }

  /** @param lastEventId what the first attempt sends, where it isn't what the settings say */
  connect(lastEventId?: string): void {
    this.#ports.assertAllowed();
    this.#whenRestored(() => this.#connection.connect(lastEventId));
  }

  disconnect(): void {
    this.#whenRestored(() => this.#connection.disconnect());
  }

  forceReconnect(): void {
    this.#ports.assertAllowed();
    this.#whenRestored(() => this.#connection.forceReconnect());
  }

  /** Makes a new attempt now, with this Last-Event-ID. */
  reconnectFrom(lastEventId: string): void {
    this.#ports.assertAllowed();
    this.#whenRestored(() => this.#connection.reconnectFrom(lastEventId));
  }

  /** Gives up what was captured. The connection stays as it is. */
  clear(): void {
    this.#whenRestored(() => {
      this.capture.clear();
      this.#stateChanged.fire(this);
    });
  }

  /** A token was stored: an attempt that waited for it is made. */
  tokenSet(): void {
    this.#ports.assertAllowed();
    this.#whenRestored(() => this.#connection.tokenSet());
  }

  /** Reads the stored token, to show it before anything is sent. */
  async readToken(): Promise<void> {
    if (!this.asksForToken) return;
    const { name, auth } = this.#nextSettings;
    const source = tokenApproval(this.#nextSettings);
    const request = { connection: name, origin: this.origin, sources: source ? [source] : [] };
    // That of another workspace is looked into once the user has said so.
    if (!this.#ports.approvals.isApproved(request)) return;
    this.#tokens.show(await this.#ports.tokens.read(name, this.origin), auth);
    this.#stateChanged.fire(this);
  }

  /** Reads the token's source again. What is open stays open. Returns whether there is another token now. */
  async refreshToken(): Promise<boolean> {
    this.#ports.assertAllowed();
    try {
      return await this.#tokens.replaceAsked(this.#nextSettings, this.origin);
    } finally {
      if (!this.isActive) this.#tokens.release();
      this.#stateChanged.fire(this);
    }
  }

  /** Whether the token is there without the user's help. */
  async hasToken(): Promise<boolean> {
    this.#ports.assertAllowed();
    return this.#tokens.has(this.#nextSettings, this.origin);
  }

  /**
   * The token as an attempt would send it now, for requests to the same origin that the user wants to carry it.
   * Rejects with a sentence.
   */
  async tokenForOthers(): Promise<string | undefined> {
    this.#ports.assertAllowed();
    try {
      return await this.#tokens.take(this.#nextSettings, this.origin);
    } catch (error) {
      throw isAppError(error) ? new Error(this.#ports.sentenceOf(error), { cause: error }) : error;
    } finally {
      if (!this.isActive) this.#tokens.release();
    }
  }

  /** What requests of others to its origin are secured with. Rejects with AppError `file.*` or `approval.refused`. */
  certificatesForOthers(): Promise<HttpRequest['tls']> {
    return certificatesOf(this.#nextSettings, this.#ports);
  }

  /** Lets the user sign in. The next attempt sends what comes of it. */
  async signIn(): Promise<void> {
    this.#ports.assertAllowed();
    await this.#tokens.signIn(this.#nextSettings, this.origin);
    this.#stateChanged.fire(this);
  }

  /** Forgets what a sign-in left. Returns whether there was anything. */
  async forgetSignIn(): Promise<boolean> {
    const wasThere = await forgetSignIn(this.#nextSettings, this.#ports.sources);
    if (wasThere) this.tokenForgotten();
    return wasThere;
  }

  /** The stored token was deleted. What is open stays open; nothing is known of the token any more. */
  tokenForgotten(): void {
    this.#tokens.show(undefined);
    this.#stateChanged.fire(this);
  }

  /** New settings: they take effect at the next attempt. */
  update(settings: ConnectionSettings): void {
    this.#nextSettings = settings;
    if (!this.isActive) this.#settings = settings;
    this.#stateChanged.fire(this);
  }

  dispose(): void {
    this.#connection.dispose();
    this.#store.dispose();
  }

  async #authorize(lastEventId: string, redirectedTo?: string): Promise<HttpRequest> {
    this.#requestError = undefined;
    try {
      return await this.#request(lastEventId, redirectedTo);
    } catch (error) {
      if (error instanceof TokenFailedError && isAppError(error.cause)) this.#requestError = error.cause;
      if (!isAppError(error)) throw error;
      this.#requestError = error;
      throw new Error(this.#ports.sentenceOf(error), { cause: error });
    }
  }

  /** @param redirectedTo a URL of the same origin that the attempt's request goes on to, with what it began with */
  async #request(lastEventId: string, redirectedTo?: string): Promise<HttpRequest> {
    this.#ports.assertAllowed();
    if (redirectedTo === undefined) this.#settings = this.#nextSettings;
    const settings = this.#settings;
    const made = await makeRequest(settings, lastEventId, this.#ports, (secret) => this.#masks.add(secret));
    const { origin } = new URL(made.url);
    const request = redirectedTo === undefined ? made : { ...made, url: redirectedTo };
    // A variable has changed in between: what was redirected was another request.
    if (new URL(request.url).origin !== origin) throw new Error('The connection leads elsewhere by now.');
    const token = await this.#tokens.take(settings, origin);
    this.#attemptOrigin = origin;
    this.#takesAnyCertificate = request.tls?.rejectUnauthorized === false;
    this.#requestedAt = this.#ports.clock.now();
    if (token === undefined) return request;
    return { ...request, ...placeToken(request, settings.auth, token), credential: settings.auth.name };
  }

  #explain(head: ResponseHead): string {
    const serverDate = dateOf(head);
    const challenge = headerValues(head.headers, 'www-authenticate');
    this.#askedAudience = askedAudience(challenge);
    return explainUnauthorized({
      token: this.#tokens.sent,
      requestedAt: this.#requestedAt,
      challenge,
      ...(serverDate === undefined ? {} : { serverDate }),
    });
  }

  #hearClock(head: ResponseHead, now: number): void {
    const date = dateOf(head);
    if (date === undefined) return;
    this.#skewMs = date - now;
    this.#tokens.heardClock(this.#skewMs);
  }

  #step(time: number, attempt: number, step: Step): void {
    this.capture.addStep(time, attempt, step);
    this.#recorded.fire({ time, attempt, step });
  }

  #sink(): ConnectionSink {
    return {
      batch: (time, attempt, batch) => {
        this.#rate.add(time, batch.count);
        const from = this.capture.next;
        this.capture.addEvents(time, attempt, batch);
        this.#received.fire({ time, from, to: this.capture.next });
      },
      lineFeed: (isNewChunk) => this.capture.addLineFeed(isNewChunk),
      comment: (time, attempt, text) => this.capture.addComment(time, attempt, text),
      step: (time, attempt, step) => {
        if ('head' in step) this.#hearClock(step.head, time);
        this.#step(time, attempt, step);
      },
      dropped: (time, attempt, what) => this.capture.addStep(time, attempt, { step: 'dropped', ...what }),
      stateChanged: () => {
        if (!this.isActive) this.#tokens.release();
        this.#stateChanged.fire(this);
      },
    };
  }
}

function gateOf(gate: OriginGate, origin: () => string): (passed: () => void) => Permit {
  return (passed) => gate.enter(origin(), passed);
}

/** The server's clock (epoch ms), if it says. What the fault lab answers may be of another time. */
function dateOf({ headers, injected }: ResponseHead): number | undefined {
  const date = Date.parse(headerValue(headers, 'date') ?? '');
  return injected || Number.isNaN(date) ? undefined : date;
}
