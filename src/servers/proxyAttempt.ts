import type { Clock, Random } from '../base/clock.ts';
import { headerValue } from '../base/headers.ts';
import type { Redactor } from '../base/redaction.ts';
import type { Capture } from '../capture/capture.ts';
import type { Note } from '../capture/records.ts';
import type { FaultAct } from '../lab/faultInjector.ts';
import { tellsByItself } from '../lab/faultKinds.ts';
import { AnswerBody } from '../sse/answerBody.ts';
import { Decoder } from '../sse/decoder.ts';
import { browserVerdict } from '../sse/lifecycle.ts';
import { closeReason, isEventStream, type Outcome } from '../sse/policies.ts';
import type { ConnectionState, Step, Verdict } from '../sse/steps.ts';
import type { ResponseHead, StreamEnd, TransportHandler } from '../sse/transport.ts';
import type { ProxiedRequest } from './proxiedRequest.ts';

interface AttemptPorts {
  clock: Clock;
  random: Random;
  redactor: Redactor;
  isUtf8?(bytes: Uint8Array): boolean;
}

interface AttemptListener {
  received(time: number, events: number, lastEventId: string): void;
  state(state: ConnectionState): void;
  /** The path, masked. */
  redirected(path: string): void;
}

/** Records one request of a client of the proxy and what it got: the steps that a connection of ours would make. */
export class ProxyAttempt implements TransportHandler {
  readonly #number: number;
  readonly #request: ProxiedRequest;
  readonly #capture: Capture;
  readonly #ports: AttemptPorts;
  readonly #listener: AttemptListener;
  readonly #startedAt: number;
  #openSince = 0;
  #decoder: Decoder | undefined;
  #answer: { head: ResponseHead; body: AnswerBody } | undefined;
  #retryMs: number | undefined;
  /** When the chunk came that is being recorded. */
  #time = 0;
  #isOver = false;

  constructor(
    number: number,
    request: ProxiedRequest,
    capture: Capture,
    ports: AttemptPorts,
    listener: AttemptListener,
  ) {
    this.#number = number;
    this.#request = request;
    this.#capture = capture;
    this.#ports = ports;
    this.#listener = listener;
    this.#startedAt = ports.clock.now();
  }

  fault({ fault, what, seed }: FaultAct): void {
    if (!tellsByItself(fault)) this.#step({ step: 'fault', what, seed });
  }

  /** A redirect leads it away from the proxy. */
  escaped(to: string): void {
    this.#step({ step: 'escaped', to: this.#ports.redactor.url(to) });
  }

  head(raw: ResponseHead): void {
    if (this.#isOver) return;
    const { clock, redactor } = this.#ports;
    const head: ResponseHead = {
      ...raw,
      statusText: redactor.text(raw.statusText),
      headers: redactor.headers(raw.headers),
    };
    if (!isEventStream(head)) {
      this.#answer = { head, body: new AnswerBody() };
      return;
    }
    const now = clock.now();
    const { lastEventId, sent: request } = this.#request;
    this.#openSince = now;
    this.#decoder = this.#newDecoder();
    const cause = this.#number === 1 ? 'connect' : 'retry';
    const ms = Math.max(0, now - this.#startedAt);
    this.#step({ step: 'open', head, cause, ms, lastEventId, redirects: 0, request });
    this.#listener.state({ kind: 'open', since: now });
  }

  chunk(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#time = this.#ports.clock.now();
    if (this.#decoder) this.#decoder.push(bytes);
    else this.#answer?.body.add(bytes);
  }

  end(end: StreamEnd): void {
    if (this.#isOver) return;
    this.#time = this.#ports.clock.now();
    this.#decoder?.end();
    if (this.#answer) this.#answered(this.#answer);
    else this.#ended(end);
  }

  /** The client has closed the connection. */
  left(): void {
    if (this.#isOver) return;
    if (this.#answer) {
      this.#answered(this.#answer);
      return;
    }
    this.#step({ step: 'closed', reason: { kind: 'disconnected' } });
    this.#close({ kind: 'disconnected' });
  }

  #answered({ head, body }: { head: ResponseHead; body: AnswerBody }): void {
    const { redactor } = this.#ports;
    const { sent: request } = this.#request;
    const location = headerValue(head.headers, 'location');
    const to = location === undefined ? null : URL.parse(location, request.url);
    const isRedirect = to !== null && head.status > 300 && head.status < 309 && head.status !== 304;
    if (isRedirect) {
      const target = redactor.url(to.href);
      const crossOrigin = to.origin !== new URL(request.url).origin;
      const browser = this.#browser({
        kind: 'head',
        head,
        redirect: { from: request.url, to: target, origin: to.origin, crossOrigin },
      });
      this.#step({ step: 'redirect', head, from: request.url, to: target, browser, request });
      this.#listener.redirected(redactor.text(to.pathname));
    } else {
      const text = redactor.cutText(body.text());
      const browser = this.#browser({ kind: 'head', head });
      this.#step({ step: 'answer', head, body: text, browser, request });
    }
    this.#close(closeReason(head));
  }

  #ended(end: StreamEnd): void {
    const { clock, redactor } = this.#ports;
    const wasOpen = this.#decoder !== undefined;
    const cleaned = end.kind === 'error' ? { ...end, message: redactor.text(end.message) } : end;
    this.#step({
      step: 'ended',
      end: cleaned,
      wasOpen,
      openMs: wasOpen ? Math.max(0, clock.now() - this.#openSince) : 0,
      browser: this.#browser({ kind: 'ended', end: cleaned, wasOpen }),
      ...(wasOpen ? {} : { request: this.#request.sent }),
    });
    this.#close({ kind: 'ended', end: cleaned, wasOpen });
  }

  #close(reason: (ConnectionState & { kind: 'closed' })['reason']): void {
    this.#isOver = true;
    this.#listener.state({ kind: 'closed', since: this.#ports.clock.now(), reason });
  }

  #newDecoder(): Decoder {
    const { isUtf8 } = this.#ports;
    const decoder = new Decoder(
      {
        batch: (batch) => {
          this.#capture.addEvents(this.#time, this.#number, batch);
          this.#listener.received(this.#time, batch.count, decoder.lastEventId);
        },
        lineFeed: (isNewChunk) => this.#capture.addLineFeed(isNewChunk),
        comment: (text) => this.#capture.addComment(this.#time, this.#number, text),
        retry: (ms) => {
          this.#retryMs = ms;
        },
        dropped: (what) => this.#step({ step: 'dropped', ...what }),
        oddity: (oddity, at) => this.#step({ step: 'oddity', oddity, at }),
      },
      { lastEventId: this.#request.lastEventId, ...(isUtf8 ? { isUtf8 } : {}) },
    );
    return decoder;
  }

  /** What an EventSource would do at this point. The client is whatever it is. */
  #browser(outcome: Outcome): Verdict {
    const { clock, random } = this.#ports;
    return browserVerdict(outcome, {
      token: { refreshes: false, asks: false },
      reconnect: { initialMs: 0, maxMs: 0, jitter: 0, maxAttempts: 0 },
      refusals: 0,
      failures: 0,
      redirects: 0,
      retryMs: this.#retryMs,
      now: clock.now(),
      random,
    });
  }

  #step(step: Step | Note): void {
    this.#capture.addStep(this.#ports.clock.now(), this.#number, step);
  }
}
