import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { errorText } from '../base/errors.ts';
import type { HeaderList } from '../base/headers.ts';
import type { InjectedAnswer } from '../lab/fault.ts';
import type { FaultInjector } from '../lab/faultInjector.ts';
import type { FaultPipeline } from '../lab/faultPipeline.ts';
import type { HttpExchange, HttpTransport } from '../node/httpTransport.ts';
import type { ResponseHead, StreamEnd, TlsOptions, TransportHandler } from '../sse/transport.ts';
import { transportErrorText } from '../sse/transportWords.ts';
import type { ProxyAttempt } from './proxyAttempt.ts';
import { escapeOf, fieldsForClient, type ProxyPlace } from './proxyHeaders.ts';

export interface ProxyExchangePorts {
  clock: Clock;
  transport: HttpTransport;
  injector: FaultInjector;
  tls?: TlsOptions | undefined;
}

/** The request as the upstream gets it. */
export interface UpstreamRequest {
  method: string;
  url: string;
  headers: HeaderList;
}

/** Bytes that wait for a client. With less the upstream would rest at each chunk, for as long as the socket takes it. */
const mostUnsent = 256 * 1024;
/** What was sent before a reset gets so many milliseconds to arrive: a reset may take it back. */
const beforeResetMs = 20;

/**
 * One request of a client, on its way to the upstream, and what comes back, on its way through the faults. Answers
 * before the answer (1xx) end at the transport: the links of a 103 would lead a browser past the proxy.
 */
export class ProxyExchange implements TransportHandler {
  readonly #ports: ProxyExchangePorts;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #attempt: ProxyAttempt;
  readonly #place: ProxyPlace;
  readonly #pipeline: FaultPipeline;
  #url = '';
  #upstream: HttpExchange | undefined;
  #timer: Disposable | undefined;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    attempt: ProxyAttempt,
    place: ProxyPlace,
    ports: ProxyExchangePorts,
  ) {
    this.#request = request;
    this.#response = response;
    this.#attempt = attempt;
    this.#place = place;
    this.#ports = ports;
    this.#pipeline = ports.injector.begin(this, {
      acted: (act) => attempt.fault(act),
      ended: () => this.#upstream?.dispose(),
    });
    response.on('drain', () => this.#balance());
    response.once('close', () => this.#closed());
    response.on('error', () => {});
  }

  send({ method, url, headers }: UpstreamRequest): void {
    const { transport, clock, tls } = this.#ports;
    if (this.#pipeline.hasEnded) return;
    this.#url = url;
    const { answer } = this.#pipeline;
    if (answer) {
      this.#request.resume();
      this.#timer = clock.after(0, () => this.#pipeline.play(answer));
      return;
    }
    try {
      this.#upstream = transport.open(
        { method, url, headers: this.#pipeline.requestHeaders(headers), ...(tls ? { tls } : {}) },
        {
          head: (head) => this.#pipeline.head(head),
          chunk: (bytes) => {
            this.#pipeline.chunk(bytes);
            this.#balance();
          },
          end: (end) => this.#pipeline.end(end),
        },
        hasBody(this.#request) ? this.#request : undefined,
      );
    } catch (error) {
      this.fail(errorText(error));
    }
  }

  /** No request could be made. */
  fail(reason: string): void {
    this.#request.resume();
    this.#pipeline.play(badGateway(reason));
  }

  // What comes out of the faults goes to the client, and to the record as it was before the proxy changed it.

  head(head: ResponseHead): void {
    const response = this.#response;
    const { origin } = this.#request.headers;
    const url = this.#url;
    this.#attempt.head(head);
    const elsewhere = escapeOf(head, url, this.#place.upstream);
    if (elsewhere !== undefined) this.#attempt.escaped(elsewhere);
    const isDecoded = this.#upstream?.isDecoded ?? false;
    const fields = fieldsForClient(head.headers, this.#place, { url, isDecoded, origin });
    // The upstream's own Date, or none.
    response.sendDate = head.injected === true;
    try {
      response.writeHead(head.status, sendable(head.statusText), fields.flat());
    } catch (error) {
      this.#giveUp(errorText(error));
      return;
    }
    response.flushHeaders();
  }

  chunk(bytes: Uint8Array): void {
    this.#response.write(bytes);
    this.#attempt.chunk(bytes);
    this.#balance();
  }

  end(end: StreamEnd): void {
    const response = this.#response;
    if (end.kind === 'error' && !response.headersSent && !end.injected) {
      const { body, ...head } = badGateway(transportErrorText(end));
      this.head({ ...head, httpVersion: '1.1', injected: true });
      this.chunk(body);
      this.end({ kind: 'end', injected: true });
      return;
    }
    this.#attempt.end(end);
    this.#request.unpipe();
    this.#request.resume();
    if (end.kind === 'end') {
      const trailers = this.#upstream?.trailers ?? [];
      if (trailers.length > 0)
        response.addTrailers(trailers.map(([name, value]): [string, string] => [name, value]));
      response.end();
    } else {
      const { socket } = response;
      this.#timer = this.#ports.clock.after(beforeResetMs, () =>
        end.error === 'reset' ? socket?.resetAndDestroy() : socket?.destroy(),
      );
    }
  }

  /** Node takes heads from a server that it doesn't send: one with a status under 100. */
  #giveUp(reason: string): void {
    this.#ports.injector.close(this.#pipeline);
    this.#upstream?.dispose();
    const { status, statusText, headers, body } = badGateway(reason);
    this.#response.writeHead(status, statusText, headers.flat()).end(body);
  }

  /** Whoever is slower sets the pace: the client, or a fault that holds as much as it may. */
  #balance(): void {
    if (this.#response.writableLength > mostUnsent || this.#pipeline.isFull) this.#upstream?.pause();
    else this.#upstream?.resume();
  }

  #closed(): void {
    this.#timer?.dispose();
    this.#attempt.left();
    this.#ports.injector.close(this.#pipeline);
    this.#upstream?.dispose();
  }
}

/** RFC 9110 section 15.6.3. @param reason without a full stop */
function badGateway(reason: string): InjectedAnswer {
  return {
    status: 502,
    statusText: 'Bad Gateway',
    headers: [['Content-Type', 'application/json']],
    body: Buffer.from(JSON.stringify({ error: `The upstream gave no answer: ${reason}.` })),
  };
}

/** A reason phrase (RFC 9112 section 4), or none where it holds what no server may send. */
function sendable(statusText: string): string {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(statusText) ? statusText : '';
}

/** RFC 9112 section 6.3. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
