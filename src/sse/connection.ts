// Runs the lifecycle machine: owns the attempt in flight, the timer and the abort. Everything that happens is
// an input to the machine; everything done is an effect of it.
import type { Random } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { errorText } from '../base/errors.ts';
import type { HeaderList } from '../base/headers.ts';
import { AnswerBody } from './answerBody.ts';
import { AttemptTimer, type AttemptTimerPorts } from './attemptTimer.ts';
import { Decoder } from './decoder.ts';
import type { EventBatch } from './eventBatch.ts';
import { isCarried } from './lastEventId.ts';
import { advance, type Effect, type Input, initialLifecycle, isActive, type Lifecycle } from './lifecycle.ts';
import { type PolicyName, policies, type ReconnectSettings, type TokenTraits } from './policies.ts';
import { RedirectTrail } from './redirectTrail.ts';
import { type SentRequest, sentRequest } from './sentRequest.ts';
import { SilenceWatch } from './silenceWatch.ts';
import type { ConnectionState, RefreshResult, Step } from './steps.ts';
import type { Exchange, HttpRequest, ResponseHead, StreamEnd, Transport } from './transport.ts';
import type { WakeWatch } from './wakeWatch.ts';

/** A failed answer whose body hasn't ended by then is handled with what came. Milliseconds. */
const answerBodyMs = 2_000;
/** An open stream that stays silent for so long after the machine's sleep is replaced. Milliseconds. */
const silentAfterWakeMs = 5_000;
/** Inputs that end the wait for an answer. */
const answers: ReadonlySet<Input['type']> = new Set(['head', 'body', 'ended']);

export interface ConnectionOptions {
  policy: PolicyName;
  reconnect: ReconnectSettings;
  /** What the first attempt sends as Last-Event-ID. */
  lastEventId: string;
  /** Milliseconds of silence after which an open stream is cut off; 0 or missing for never. */
  idleTimeoutMs?: number;
  /** Where nothing is said the user is asked, and nobody else. */
  tokenTraits?: TokenTraits;
}

/** Tells the connection that there is no token to send; the user is asked for one. */
export class NoTokenError extends Error {}

/** Tells the connection that the token's source failed, and may work in so many milliseconds. */
export class TokenFailedError extends Error {
  /** In a word: "endpoint". */
  readonly source: string;
  readonly retryMs: number;

  constructor(source: string, message: string, retryMs: number, options?: { cause?: unknown }) {
    super(message, options);
    this.source = source;
    this.retryMs = retryMs;
  }
}

export interface ConnectionPorts extends AttemptTimerPorts {
  random: Random;
  transport: Transport;
  /** Whether bytes are UTF-8, where the platform has a faster way than to decode them. */
  isUtf8?(bytes: Uint8Array): boolean;
  /** Tells when the machine has slept. */
  wake?: Pick<WakeWatch, 'add'>;
  /** Read anew at each decision, so that an edit of the settings takes effect at the next attempt. */
  options(): ConnectionOptions;
  /**
   * The request of one attempt, credential in place. Rejects with NoTokenError, or with why it is impossible.
   * `url` where a redirect leads to another place of the same origin: the request goes there.
   */
  authorize(resume: { lastEventId: string; url?: string }): Promise<HttpRequest>;
  /** Looks for another token than the one that was refused. Never rejects. Only where `token.refreshes`. */
  refreshToken?(): Promise<RefreshResult>;
  /** Ties a 401 to the token that was sent, in one sentence. */
  explainUnauthorized(head: ResponseHead): string;
  /** Masks credentials in what a server answered, before anything else sees it. */
  redact: {
    headers(headers: HeaderList): HeaderList;
    text(text: string): string;
    /** For a text that may end in the middle of a credential. */
    cutText(text: string): string;
    /** A URL to show. */
    url(url: string): string;
  };
}

/** What a connection produces, in order. Times are epoch milliseconds. */
export interface ConnectionSink {
  batch(time: number, attempt: number, batch: EventBatch): void;
  /** The LF of a CRLF that was split between chunks: the last byte of the event before. */
  lineFeed(isNewChunk: boolean): void;
  comment(time: number, attempt: number, text: string): void;
  step(time: number, attempt: number, step: Step): void;
  dropped(time: number, attempt: number, what: { bytes: number; bound: 'bytes' | 'lines' }): void;
  stateChanged(state: ConnectionState): void;
}

/** One live stream, over as many attempts as its policy makes. */
export class Connection implements Disposable {
  readonly #ports: ConnectionPorts;
  readonly #sink: ConnectionSink;
  #life: Lifecycle = initialLifecycle;
  /** The attempt whose stream is open, 0 for none. Every chunk asks, and V8 optimises a look at `#life` anew each time it changes. */
  #openAttempt = 0;
  #lastEventId = '';
  #exchange: Exchange | undefined;
  /** The request of the attempt under way as it may be shown. */
  #sent: (() => SentRequest) | undefined;
  readonly #timer: AttemptTimer;
  #bodyTimer: Disposable | undefined;
  #readBody: (() => void) | undefined;
  readonly #trail: RedirectTrail;
  #silence: SilenceWatch | undefined;
  #longestGapMs = 0;
  #wake: Disposable | undefined;
  #wakeTimer: Disposable | undefined;
  /** The last id that was told of as one that HTTP can't carry. */
  #idNotSent = '';
  /** Inputs that came up while another one's effects are being run. */
  readonly #inputs: Input[] = [];
  #isAdvancing = false;
  #disposed = false;

  constructor(ports: ConnectionPorts, sink: ConnectionSink) {
    this.#ports = ports;
    this.#trail = new RedirectTrail(ports);
    this.#timer = new AttemptTimer(ports, {
      held: (attempt, ms) => this.#input({ type: 'held', attempt, ms }),
      due: (attempt) => this.#input({ type: 'timer', attempt }),
    });
    this.#sink = sink;
  }

  get state(): ConnectionState {
    return this.#life.state;
  }

  get isActive(): boolean {
    return isActive(this.#life);
  }

  /** HTTP requests made so far. */
  get attempts(): number {
    return this.#life.attempt;
  }

  get lastEventId(): string {
    return this.#lastEventId;
  }

  /** Since when (epoch milliseconds) an open stream has been silent for far longer than ever before. */
  get silentSince(): number | undefined {
    const { clock } = this.#ports;
    if (!this.#silence?.isSilent) return undefined;
    return clock.now() - Math.max(0, clock.monotonic() - this.#silence.heardAt);
  }

  /** Attempts were made before, in an earlier life of the connection. For one that has made none yet. */
  countFrom(attempts: number): void {
    if (this.#life.state.kind === 'idle') this.#life = { ...this.#life, attempt: attempts };
  }

  /** Begins anew, as a new EventSource would: with the configured Last-Event-ID. Nothing while it is active. */
  connect(lastEventId = this.#ports.options().lastEventId): void {
    if (!this.isActive) this.#lastEventId = lastEventId;
    this.#input({ type: 'connect' });
  }

  disconnect(): void {
    this.#input({ type: 'disconnect' });
  }

  /** Ends what is in flight or waited for and makes a new attempt now, from the last event id on. */
  forceReconnect(): void {
    if (this.#life.state.kind === 'idle') this.#lastEventId = this.#ports.options().lastEventId;
    this.#input({ type: 'forceReconnect' });
  }

  /** The same, but the server is asked to go on after the event with this id, whatever came since. */
  reconnectFrom(lastEventId: string): void {
    this.#lastEventId = lastEventId;
    this.#input({ type: 'forceReconnect', from: lastEventId });
  }

  /** A new token was given: an attempt that waited for one is made now. */
  tokenSet(): void {
    this.#input({ type: 'tokenSet' });
  }

  dispose(): void {
    this.#disposed = true;
    this.#openAttempt = 0;
    this.#abort();
    this.#timer.dispose();
    this.#wake?.dispose();
  }

  // One input at a time: what a listener asks for in the middle of a transition comes after it.
  #input(input: Input): void {
    this.#inputs.push(input);
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    try {
      for (let next = this.#inputs.shift(); next; next = this.#inputs.shift()) this.#advance(next);
    } finally {
      this.#isAdvancing = false;
    }
  }

  #advance(input: Input): void {
    if (this.#disposed) return;
    const { clock, random } = this.#ports;
    const {
      policy,
      reconnect,
      tokenTraits: token = { refreshes: false, asks: true },
    } = this.#ports.options();
    const before = this.#life;
    const context = {
      policy: policies[policy],
      reconnect,
      token,
      now: clock.now(),
      random,
      lastEventId: input.type === 'head' && isCarried(this.#lastEventId) ? this.#lastEventId : '',
      request: answers.has(input.type) ? this.#sent?.() : undefined,
    };
    const { next, effects } = advance(before, input, context);
    this.#life = next;
    this.#openAttempt = next.state.kind === 'open' ? next.attempt : 0;
    for (const effect of effects) if (!this.#disposed) this.#run(effect);
    this.#watchWake();
    if (next.state !== before.state && !this.#disposed) this.#sink.stateChanged(next.state);
  }

  #run(effect: Effect): void {
    switch (effect.do) {
      case 'attempt':
        this.#timer.prepare();
        void this.#attempt(effect.attempt, (id) => this.#trail.begin(id));
        break;
      case 'follow':
        void this.#attempt(effect.attempt, (id) => this.#trail.follow(id));
        break;
      case 'abort':
        this.#abort();
        break;
      case 'refreshToken':
        void this.#refreshToken(effect.attempt);
        break;
      case 'readBody':
        this.#bodyTimer = this.#ports.clock.after(answerBodyMs, () => this.#readBody?.());
        break;
      case 'startTimer':
        this.#timer.start(effect.ms, effect.attempt);
        break;
      case 'stopTimer':
        this.#timer.stop();
        break;
      case 'record':
        this.#sink.step(this.#ports.clock.now(), effect.attempt ?? this.#life.attempt, effect.step);
        break;
    }
  }

  #watchWake(): void {
    if (this.isActive && !this.#disposed) {
      this.#wake ??= this.#ports.wake?.add((sleptMs) => this.#woken(sleptMs));
    } else {
      this.#wake?.dispose();
      this.#wake = undefined;
    }
  }

  #woken(sleptMs: number): void {
    const { clock } = this.#ports;
    const { state, attempt } = this.#life;
    // The time that it waited for has come while the timer stood still.
    if (state.kind === 'waiting' && this.#timer.isRunning && clock.now() >= state.until)
      this.#timer.skip(attempt);
    const silence = this.#silence;
    if (state.kind !== 'open' || !silence) return;
    const { heardAt } = silence;
    this.#wakeTimer?.dispose();
    this.#wakeTimer = clock.after(silentAfterWakeMs, () => {
      if (silence.heardAt !== heardAt) return;
      this.#input({ type: 'ended', attempt, end: { kind: 'wake', ms: sleptMs } });
    });
  }

  #watchSilence(attempt: number): void {
    const { clock, options } = this.#ports;
    this.#silence = new SilenceWatch(clock, options().idleTimeoutMs ?? 0, this.#longestGapMs, {
      idle: (ms) => this.#input({ type: 'ended', attempt, end: { kind: 'idle', ms } }),
      silence: (ms, longestGapMs) =>
        this.#sink.step(clock.now(), attempt, { step: 'silence', ms, longestGapMs }),
    });
  }

  #abort(): void {
    this.#exchange?.dispose();
    this.#exchange = undefined;
    this.#sent = undefined;
    this.#stopWatching();
    this.#timer.release();
    this.#bodyTimer?.dispose();
    this.#bodyTimer = undefined;
    this.#readBody = undefined;
  }

  #stopWatching(): void {
    this.#longestGapMs = this.#silence?.longestGapMs ?? this.#longestGapMs;
    this.#silence?.dispose();
    this.#silence = undefined;
    this.#wakeTimer?.dispose();
    this.#wakeTimer = undefined;
  }

  async #attempt(attempt: number, make: (lastEventId: string) => Promise<HttpRequest>): Promise<void> {
    let request: HttpRequest;
    try {
      request = await make(this.#lastEventId);
    } catch (error) {
      const { redact } = this.#ports;
      if (error instanceof NoTokenError) this.#input({ type: 'noToken', attempt });
      else if (error instanceof TokenFailedError)
        this.#input({
          type: 'tokenFailed',
          attempt,
          source: error.source,
          message: redact.text(error.message),
          retryMs: error.retryMs,
        });
      else this.#input({ type: 'badRequest', attempt, message: redact.text(errorText(error)) });
      return;
    }
    if (this.#disposed || this.#life.attempt !== attempt || this.#life.state.kind !== 'connecting') return;
    this.#timer.sent();
    this.#tellOfId(attempt);
    try {
      this.#send(request, attempt);
    } catch (error) {
      this.#input({ type: 'badRequest', attempt, message: this.#ports.redact.text(errorText(error)) });
    }
  }

  async #refreshToken(attempt: number): Promise<void> {
    const result = (await this.#ports.refreshToken?.()) ?? { kind: 'unchanged', canAsk: true };
    this.#input({ type: 'refreshed', attempt, result });
  }

  #tellOfId(attempt: number): void {
    const id = this.#lastEventId;
    if (isCarried(id) || id === this.#idNotSent) return;
    this.#idNotSent = id;
    this.#sink.step(this.#ports.clock.now(), attempt, { step: 'idNotSent', id });
  }

  #send(request: HttpRequest, attempt: number): void {
    const { clock, redact } = this.#ports;
    let body: AnswerBody | undefined;
    let time = 0;
    // A listener may end the attempt in the middle of a chunk: what comes behind its batch is too late then.
    const isOpen = (): boolean => this.#openAttempt === attempt;
    const decoder = new Decoder(
      {
        batch: (batch) => {
          if (!isOpen()) return;
          this.#lastEventId = decoder.lastEventId;
          this.#sink.batch(time, attempt, batch);
        },
        lineFeed: (isNewChunk) => {
          if (isOpen()) this.#sink.lineFeed(isNewChunk);
        },
        comment: (text) => {
          if (isOpen()) this.#sink.comment(time, attempt, text);
        },
        retry: (ms) => this.#input({ type: 'retryField', attempt, ms }),
        dropped: (what) => {
          if (isOpen()) this.#sink.dropped(time, attempt, what);
        },
        oddity: (oddity, at) => {
          if (isOpen()) this.#sink.step(time, attempt, { step: 'oddity', oddity, at });
        },
      },
      {
        lastEventId: this.#lastEventId,
        ...(this.#ports.isUtf8 ? { isUtf8: this.#ports.isUtf8 } : {}),
      },
    );
    const finishBody = (head: ResponseHead, kept: AnswerBody): void => {
      this.#readBody = undefined;
      const explanation =
        head.status === 401 && !request.bare ? redact.text(this.#ports.explainUnauthorized(head)) : undefined;
      const text = redact.cutText(kept.text());
      this.#input({ type: 'body', attempt, text, ...(explanation ? { explanation } : {}) });
    };
    const exchange = this.#ports.transport.open(request, {
      head: (raw) => {
        const head: ResponseHead = {
          ...raw,
          statusText: redact.text(raw.statusText),
          headers: redact.headers(raw.headers),
        };
        const redirect = this.#trail.hear(request, raw);
        this.#input({ type: 'head', attempt, head, redirect });
        if (isOpen()) this.#watchSilence(attempt);
        if (this.#life.attempt !== attempt || !this.#life.answer) return;
        const kept = new AnswerBody();
        body = kept;
        this.#readBody = () => finishBody(raw, kept);
      },
      chunk: (bytes) => {
        if (body) {
          if (body.add(bytes)) this.#readBody?.();
          return;
        }
        time = clock.now();
        this.#silence?.heard();
        decoder.push(bytes);
        if (isOpen()) this.#lastEventId = decoder.lastEventId;
      },
      end: (end: StreamEnd) => {
        if (body) {
          this.#readBody?.();
          return;
        }
        time = clock.now();
        decoder.end();
        this.#exchange = undefined;
        this.#stopWatching();
        const cleaned = end.kind === 'error' ? { ...end, message: redact.text(end.message) } : end;
        this.#input({ type: 'ended', attempt, end: cleaned });
      },
    });
    const sentAt = clock.now();
    this.#exchange = exchange;
    this.#sent = () => sentRequest(request, exchange.sentHeaders?.(), sentAt, redact);
  }
}
