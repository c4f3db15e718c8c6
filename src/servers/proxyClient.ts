import type { Clock, Random } from '../base/clock.ts';
import { type Disposable, DisposableStore } from '../base/disposables.ts';
import { Emitter } from '../base/emitter.ts';
import type { Redactor } from '../base/redaction.ts';
import { Capture } from '../capture/capture.ts';
import type { CaptureBudget } from '../capture/captureBudget.ts';
import { RateMeter } from '../capture/rate.ts';
import type { CaptureSource } from '../session/captureSource.ts';
import { Masks } from '../session/masks.ts';
import type { ConnectionState } from '../sse/steps.ts';
import type { ProxiedRequest } from './proxiedRequest.ts';
import { ProxyAttempt } from './proxyAttempt.ts';

export interface ProxyClientPorts {
  clock: Clock;
  random: Random;
  budget: CaptureBudget;
  redactor: Redactor;
  /** See `ConnectionPorts`. */
  isUtf8?(bytes: Uint8Array): boolean;
}

/** A client of the fault proxy with what it got: shown as a connection is. Its requests are its attempts. */
export class ProxyClient implements CaptureSource, Disposable {
  readonly name: string;
  /** From 1, in the order they came. */
  readonly number: number;
  readonly captureId: string;
  readonly capture: Capture;
  readonly settings: { method: string; url: string };
  readonly canConnect = false;
  readonly hasTimes = true;
  readonly silentSince = undefined;
  readonly token = undefined;
  readonly notice = undefined;
  /** Knows what the client sent, wherever it turns up. */
  readonly masks: Masks;
  readonly #ports: ProxyClientPorts;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<ProxyClient>());
  readonly #received = this.#store.add(new Emitter<void>());
  readonly #rate = new RateMeter();
  readonly #firstPath: string;
  #request: ProxiedRequest;
  #present: ProxyAttempt | undefined;
  #state: ConnectionState = { kind: 'idle' };
  #attempts = 0;
  #lastEventId = '';
  #hadStream = false;
  /** Where its last answer redirected it to: a request for that is its next one. */
  #redirectedTo: string | undefined;

  readonly onDidChange = this.#changed.event;
  /** Events were recorded. */
  readonly onDidReceive = this.#received.event;

  constructor(name: string, number: number, request: ProxiedRequest, ports: ProxyClientPorts) {
    this.name = name;
    this.number = number;
    this.#ports = ports;
    this.#request = request;
    this.#firstPath = request.path;
    this.settings = { method: request.sent.method, url: request.sent.url };
    this.captureId = Math.floor(ports.random() * 2 ** 52).toString(36);
    this.capture = new Capture(ports.budget.each, () => ports.budget.enforce());
    this.#store.add(ports.budget.add(this.capture));
    this.masks = this.#store.add(new Masks(ports.redactor));
  }

  /** Its last request: where its token was, its Last-Event-ID, its name of itself. */
  get request(): ProxiedRequest {
    return this.#request;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get attempts(): number {
    return this.#attempts;
  }

  get lastEventId(): string {
    return this.#lastEventId;
  }

  /** A request of it is under way, or its stream is open. */
  get isBusy(): boolean {
    return this.#present !== undefined;
  }

  /** It got an event stream once. */
  get hadStream(): boolean {
    return this.#hadStream;
  }

  rate(): number {
    return this.#rate.perSecond(this.#ports.clock.now());
  }

  clear(): void {
    this.capture.clear();
    this.#changed.fire(this);
  }

  /** Whether a request is this client's next attempt, as far as its own words tell. */
  isNext({ userAgent, origin, placement, path, sent }: ProxiedRequest): boolean {
    const last = this.#request;
    return (
      !this.isBusy &&
      last.userAgent === userAgent &&
      last.origin === origin &&
      last.placement === placement &&
      last.sent.method === sent.method &&
      (last.path === path || this.#redirectedTo === path || this.#firstPath === path)
    );
  }

  begin(request: ProxiedRequest): ProxyAttempt {
    const { clock } = this.#ports;
    this.#request = request;
    this.#redirectedTo = undefined;
    this.#attempts++;
    this.#lastEventId = request.lastEventId;
    const attempt = new ProxyAttempt(this.#attempts, request, this.capture, this.#ports, {
      received: (time, events, lastEventId) => {
        this.#rate.add(time, events);
        this.#lastEventId = lastEventId;
        this.#received.fire();
      },
      state: (state) => {
        if (state.kind === 'open') this.#hadStream = true;
        if (state.kind === 'closed' && this.#present === attempt) this.#present = undefined;
        this.#set(state);
      },
      redirected: (path) => {
        this.#redirectedTo = path;
      },
    });
    this.#present = attempt;
    this.#set({ kind: 'connecting', since: clock.now() });
    return attempt;
  }

  dispose(): void {
    this.#store.dispose();
  }

  #set(state: ConnectionState): void {
    this.#state = state;
    this.#changed.fire(this);
  }
}
