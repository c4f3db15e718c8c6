// The network by node:http(s): VS Code's proxy and certificate support reaches it, a silent stream isn't cut,
// and no redirect code of somebody else's carries a credential along.
import * as http from 'node:http';
import * as https from 'node:https';
import type { Readable } from 'node:stream';
import type { Disposable } from '../base/disposables.ts';
import { type HeaderList, headerPairs, headerValues } from '../base/headers.ts';
import type {
  Exchange,
  HttpRequest,
  ResponseHead,
  StreamEnd,
  Transport,
  TransportHandler,
} from '../sse/transport.ts';
import { type BodyDecoder, bodyDecoder, UnknownEncodingError } from './contentEncoding.ts';
import { ExchangeFacts, isTls } from './exchangeFacts.ts';
import { sentHeaders } from './sentHeaders.ts';
import { cutBody, failure, failureOf } from './streamEnd.ts';
import { tlsRequestOptions } from './tlsOptions.ts';

export interface HttpTransportOptions {
  /** Milliseconds to wait for a response head; 0 for ever. */
  headTimeoutMs?: number;
}

/** A request whose answer can be made to wait: back-pressure for who passes it on. */
export interface HttpExchange extends Exchange {
  pause(): void;
  resume(): void;
  /** The body's Content-Encoding is undone on its way here. Known with the head. */
  readonly isDecoded: boolean;
  /** What came behind the body (RFC 9110 section 6.5). Known with the end. */
  readonly trailers: HeaderList;
}

const maxHeadBytes = 64 * 1024;
/**
 * How long one of several addresses gets before the next one is tried, in milliseconds. node gives up on the earlier
 * one then, so its own 250 are too few for a far server.
 */
const addressMs = 1_000;

export class HttpTransport implements Transport, Disposable {
  readonly #headTimeoutMs: number;
  readonly #exchanges = new Set<HttpRequestExchange>();

  constructor(options: HttpTransportOptions = {}) {
    this.#headTimeoutMs = options.headTimeoutMs ?? 30_000;
  }

  /** @param body comes bit by bit, with its framing among the header fields; instead of the request's own */
  open(request: HttpRequest, handler: TransportHandler, body?: Readable): HttpExchange {
    const outgoing = send(request, body);
    const exchange = new HttpRequestExchange(outgoing, handler, this.#headTimeoutMs, () =>
      this.#exchanges.delete(exchange),
    );
    this.#exchanges.add(exchange);
    return exchange;
  }

  /** Aborts what is still in flight. */
  dispose(): void {
    for (const exchange of [...this.#exchanges]) exchange.dispose();
  }
}

/** One request and what comes back of it. */
class HttpRequestExchange implements HttpExchange {
  readonly #request: http.ClientRequest;
  readonly #secure: boolean;
  readonly #handler: TransportHandler;
  readonly #facts: ExchangeFacts;
  readonly #headTimer: NodeJS.Timeout | undefined;
  readonly #onOver: () => void;
  #decoder: BodyDecoder | undefined;
  #response: http.IncomingMessage | undefined;
  #isPaused = false;
  /** Told once what came before it has been decoded. */
  #pendingEnd: StreamEnd | undefined;
  #received = 0;
  #over = false;

  constructor(
    request: http.ClientRequest,
    handler: TransportHandler,
    headTimeoutMs: number,
    onOver: () => void,
  ) {
    this.#handler = handler;
    this.#onOver = onOver;
    this.#request = request;
    this.#secure = this.#request.protocol === 'https:';
    this.#facts = new ExchangeFacts(this.#request);
    if (headTimeoutMs > 0)
      this.#headTimer = setTimeout(() => {
        this.#finish(failure('headTimeout', 'HEAD_TIMEOUT', `No response in ${headTimeoutMs / 1_000} s`));
      }, headTimeoutMs);
    this.#request.on('response', (response) => this.#respond(response));
    // An upgrade nobody asked for would leave the socket to us.
    this.#request.on('upgrade', (_response, socket) => {
      socket.destroy();
      this.#finish(failure('protocol', 'UPGRADE', 'The server switched protocols'));
    });
    this.#request.on('error', (error) => this.#fail(error));
  }

  sentHeaders(): HeaderList | undefined {
    return sentHeaders(this.#request);
  }

  get isDecoded(): boolean {
    return this.#decoder !== undefined;
  }

  get trailers(): HeaderList {
    return headerPairs(this.#response?.rawTrailers ?? []);
  }

  pause(): void {
    this.#isPaused = true;
    this.#response?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#response?.resume();
  }

  /** Nothing is told from here on. */
  dispose(): void {
    if (!this.#over) this.#close();
  }

  #respond(response: http.IncomingMessage): void {
    clearTimeout(this.#headTimer);
    if (this.#over) return;
    const { statusCode = 0, statusMessage = '' } = response;
    const { proxy } = this.#facts;
    // A proxy that opens no tunnel answers in the clear, and node's proxy agents hand that out as the answer. It isn't
    // the server's: it must not redirect, set cookies or end anything in its name.
    if (this.#secure && !isTls(response.socket)) {
      const answer = `${statusCode} ${statusMessage}`.trim();
      this.#finish(failure('proxyRefused', `HTTP_${statusCode}`, `${proxy ?? 'A proxy'}: ${answer}`));
      return;
    }
    const head: ResponseHead = {
      status: statusCode,
      statusText: statusMessage,
      httpVersion: response.httpVersion,
      headers: headerPairs(response.rawHeaders),
      timing: this.#facts.timing(),
      connection: this.#facts.connection(response.socket),
    };
    let unknownEncoding: UnknownEncodingError | undefined;
    try {
      this.#decoder = this.#decoderOf(head, response);
    } catch (error) {
      if (!(error instanceof UnknownEncodingError)) throw error;
      unknownEncoding = error;
    }
    this.#response = response;
    this.#handler.head(head);
    if (this.#over) return;
    if (unknownEncoding) {
      this.#finish(failure('encoding', 'UNKNOWN_ENCODING', unknownEncoding.message));
      return;
    }
    const decoder = this.#decoder;
    response.on('data', (bytes: Buffer) => {
      if (this.#over) return;
      this.#received += bytes.length;
      if (!decoder) this.#handler.chunk(bytes);
      else if (!decoder.write(bytes)) response.pause();
    });
    response.on('end', () => this.#end({ kind: 'end' }));
    // node calls every body that stopped short "aborted"; a reset came as the request's error before that.
    response.on('error', (error) => {
      this.#end(response.complete ? failureOf(error) : this.#cut(error, head));
    });
    response.on('close', () => {
      if (!response.complete) this.#end(cutBody(head, this.#received));
    });
  }

  #cut(error: NodeJS.ErrnoException, head: ResponseHead): StreamEnd {
    return error.code === 'ECONNRESET' && error.message === 'aborted'
      ? cutBody(head, this.#received)
      : failureOf(error);
  }

  #decoderOf(head: ResponseHead, response: http.IncomingMessage): BodyDecoder | undefined {
    // RFC 9112 section 6.3: these have no body, whatever their head says of one.
    if (this.#request.method === 'HEAD' || head.status === 204 || head.status === 304) return undefined;
    return bodyDecoder(headerValues(head.headers, 'content-encoding').join(','), {
      chunk: (bytes) => {
        if (!this.#over) this.#handler.chunk(bytes);
      },
      end: () => this.#finish(this.#pendingEnd ?? { kind: 'end' }),
      error: (code, message) =>
        this.#finish(
          // A body that was cut off is no fault of its encoding.
          this.#pendingEnd?.kind === 'error' ? this.#pendingEnd : failure('encoding', code, message),
        ),
      drained: () => {
        if (!this.#isPaused) response.resume();
      },
    });
  }

  /** The body is over; what is still being decoded comes first. */
  #end(end: StreamEnd): void {
    if (this.#over || this.#pendingEnd) return;
    this.#pendingEnd = end;
    if (this.#decoder) this.#decoder.end();
    else this.#finish(end);
  }

  #fail(error: unknown): void {
    const { proxy, proxyError } = this.#facts;
    const reason = failureOf(proxyError ?? error);
    if (proxy === undefined || proxyError === undefined) this.#end(reason);
    else this.#end(failure('proxy', reason.code, `${proxy}: ${reason.message}`));
  }

  #finish(end: StreamEnd): void {
    if (this.#over) return;
    this.#close(() => this.#handler.end(end));
  }

  #close(tell: () => void = () => {}): void {
    this.#over = true;
    clearTimeout(this.#headTimer);
    this.#onOver();
    try {
      tell();
    } finally {
      this.#decoder?.dispose();
      this.#request.destroy();
    }
  }
}

/** @throws where the request can't be made of what was given */
function send(request: HttpRequest, body?: Readable): http.ClientRequest {
  const url = new URL(request.url);
  const options: https.RequestOptions & { autoSelectFamilyAttemptTimeout: number } = {
    method: request.method,
    headers: fieldValues(request),
    maxHeaderSize: maxHeadBytes,
    autoSelectFamilyAttemptTimeout: addressMs,
  };
  // No agent: with one, VS Code's proxy settings wouldn't hold in all of their modes ("on" means "unless the
  // extension has an agent"), and what an agent of ours carried would be dropped.
  const outgoing =
    url.protocol === 'https:'
      ? https.request(url, { ...options, ...tlsRequestOptions(request.tls) })
      : http.request(url, options);
  // node drops all fields behind the 2,000th without a word. The head's size is bounded.
  outgoing.maxHeadersCount = 0;
  // A stream takes a socket for itself, and a refused one isn't worth keeping: nothing goes into node's pool, and the
  // server hears so ("Connection: close").
  outgoing.shouldKeepAlive = false;
  // Bytes: a text would take the head along into UTF-8, and a header value is bytes already.
  if (body) body.pipe(outgoing);
  else outgoing.end(request.body === undefined ? undefined : Buffer.from(request.body));
  // A Connection field among the headers has changed it.
  outgoing.shouldKeepAlive = false;
  return outgoing;
}

/** Fields by name, several of one name as a list. */
function fieldValues({ headers, body }: HttpRequest): http.OutgoingHttpHeaders {
  const fields: http.OutgoingHttpHeaders = {};
  for (const [name, value] of headers) {
    const present = fields[name];
    if (present === undefined) fields[name] = value;
    else fields[name] = [...(Array.isArray(present) ? present : [String(present)]), value];
  }
  if (body !== undefined) fields['Content-Length'] = Buffer.byteLength(body);
  return fields;
}
