import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, Random } from '../base/clock.ts';
import type { Event } from '../base/emitter.ts';
import { AppError } from '../base/errors.ts';
import { type HeaderList, headerPairs } from '../base/headers.ts';
import type { Redactor } from '../base/redaction.ts';
import type { CaptureBudget } from '../capture/captureBudget.ts';
import { isLoopbackHost } from '../jwt/loopbackHost.ts';
import type { FaultInjector } from '../lab/faultInjector.ts';
import { HttpTransport } from '../node/httpTransport.ts';
import { secretsIn } from '../sse/redirect.ts';
import type { TlsOptions } from '../sse/transport.ts';
import { sendJson } from './answers.ts';
import { listenOnLoopback } from './loopbackGuard.ts';
import { OriginAsks } from './originAsks.ts';
import { isSameSecret, randomPathSecret } from './pathSecret.ts';
import { proxiedRequest } from './proxiedRequest.ts';
import type { ProxyClient } from './proxyClient.ts';
import { mostClients, ProxyClients } from './proxyClients.ts';
import { ProxyExchange, type UpstreamRequest } from './proxyExchange.ts';
import { fieldsForUpstream, type ProxyPlace, preflightFields } from './proxyHeaders.ts';

export interface FaultProxyOptions {
  /** Of what the proxy stands before: its clients are named after it. */
  name: string;
  /** Its origin is the one place that requests go to; its path and query are where `url` leads. */
  upstream: URL;
  injector: FaultInjector;
  clock: Clock;
  random: Random;
  /** Shared with all captures of the window. */
  budget: CaptureBudget;
  redactor: Redactor;
  /** Whether a page of that origin may use the proxy. Asked once for each origin; while it isn't settled, the page waits. */
  allowOrigin(origin: string): Promise<boolean> | boolean;
  /** Adds the user's own credential, where that was switched on. What it rejects with is shown to the client. */
  authorize?: ((request: UpstreamRequest) => Promise<UpstreamRequest>) | undefined;
  tls?: TlsOptions | undefined;
  /** 0 or undefined takes a free port. */
  port?: number | undefined;
}

export interface FaultProxy {
  readonly port: number;
  /** What a client connects to instead of the upstream; holds the path secret. */
  readonly url: string;
  readonly upstream: URL;
  /** Those that are there and the last that were, in the order they came; each with its capture. */
  readonly clients: readonly ProxyClient[];
  /** A client came, went, or changed its state. */
  readonly onDidChange: Event<void>;
  /** Resolves when streams, sockets and timers are gone and the port is free. The captures go, too. */
  dispose(): Promise<void>;
}

/** Over all clients; more are closed at once. */
const mostConnections = 256;
const requestTimeoutMs = 300_000;

/**
 * A loopback server in front of one upstream. Behind the path secret lies the upstream's whole origin, so that
 * redirects and cookies of it work. With nothing armed bytes pass as they come.
 * @throws the system's error, `code` "EADDRINUSE" when the port is taken; AppError `url.scheme`, `url.credentials`,
 * `proxy.loop`
 */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  checkUpstream(options);
  const secret = randomPathSecret();
  const mask = options.redactor.add(secret);
  const transport = new HttpTransport({ headTimeoutMs: 0 });
  const clients = new ProxyClients(options.name, { ...options, isUtf8 });
  const front = new ProxyFront(options, secret, clients, transport);
  const server = await listenOnLoopback({
    port: options.port,
    maxConnections: mostConnections,
    requestTimeoutMs,
    anyOrigin: true,
    onRequest: (request, response) => {
      front.answer(request, response).catch(() => response.destroy());
    },
  }).catch((error: unknown) => {
    mask.dispose();
    throw error;
  });
  const { upstream } = options;
  return {
    port: server.port,
    url: `${server.url}/${secret}${upstream.pathname}${upstream.search}`,
    upstream,
    get clients() {
      return clients.list;
    },
    onDidChange: clients.onDidChange,
    async dispose() {
      const closed = server.dispose();
      transport.dispose();
      await closed;
      clients.dispose();
      mask.dispose();
    },
  };
}

function checkUpstream({ upstream, port = 0 }: FaultProxyOptions): void {
  const { protocol, origin, username, password } = upstream;
  const url = origin;
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new AppError('url.scheme', { url, scheme: protocol.slice(0, -1) });
  if (username !== '' || password !== '') throw new AppError('url.credentials', { url });
  // By another way round it can't come to itself: its secret is in no URL that there was before.
  if (isLoopbackHost(upstream.hostname) && port !== 0 && Number(upstream.port || 80) === port)
    throw new AppError('proxy.loop', { port });
}

/** What stands between the guard and the exchanges: secret, origin, whose request it is. */
class ProxyFront {
  readonly #options: FaultProxyOptions;
  readonly #secret: string;
  readonly #clients: ProxyClients;
  readonly #transport: HttpTransport;
  readonly #origins: OriginAsks;

  constructor(options: FaultProxyOptions, secret: string, clients: ProxyClients, transport: HttpTransport) {
    this.#options = options;
    this.#secret = secret;
    this.#clients = clients;
    this.#transport = transport;
    this.#origins = new OriginAsks((origin) => options.allowOrigin(origin));
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { host, origin } = request.headers;
    const { upstream } = this.#options;
    const place: ProxyPlace = {
      origin: `http://${host}`,
      prefix: `/${this.#secret}`,
      upstream: upstream.origin,
    };
    const [, first = '', rest = ''] = /^\/([^/?]*)(.*)$/s.exec(request.url ?? '') ?? [];
    // First of all: who doesn't know it makes nobody be asked.
    if (!isSameSecret(first, this.#secret)) return refuse(request, response, 404, 'There is nothing here.');
    if (origin === undefined ? isCrossSite(request) : !(await this.#allows(origin, place)))
      return refuse(request, response, 403, 'The page that asks has not been allowed to use this proxy.');
    if (response.destroyed) return;
    const headers = headerPairs(request.rawHeaders);
    if (origin !== undefined && isPreflight(request)) {
      request.resume();
      response.writeHead(204, preflightFields(headers, origin).flat()).end();
      return;
    }
    await this.#pass(request, response, headers, place, rest);
  }

  async #pass(
    request: IncomingMessage,
    response: ServerResponse,
    headers: HeaderList,
    place: ProxyPlace,
    target: string,
  ): Promise<void> {
    const { clock, redactor, authorize, injector, tls } = this.#options;
    const method = request.method ?? 'GET';
    const url = URL.parse(place.upstream + (target.startsWith('/') ? target : `/${target}`))?.href;
    if (url === undefined) return refuse(request, response, 400, 'The request target is not a path.');
    const sent = proxiedRequest(method, url, headers, clock.now(), redactor);
    const client = this.#clients.of(sent);
    if (!client) return refuse(request, response, 503, `The proxy serves ${mostClients} clients at a time.`);
    for (const secret of secretsIn({ url, headers })) client.masks.add(secret);
    const exchange = new ProxyExchange(request, response, client.begin(sent), place, {
      clock,
      injector,
      tls,
      transport: this.#transport,
    });
    const upstream = { method, url, headers: fieldsForUpstream(headers, place) };
    if (!authorize) return exchange.send(upstream);
    try {
      exchange.send(await authorize(upstream));
    } catch (error) {
      exchange.fail(redactor.text(error instanceof Error ? error.message : String(error)));
    }
  }

  async #allows(origin: string, place: ProxyPlace): Promise<boolean> {
    return origin === place.origin || this.#origins.allows(origin);
  }
}

/** A browser that names no origin: an image, a script, a form of another site's page. There is nobody to allow. */
function isCrossSite({ headers }: IncomingMessage): boolean {
  return headers['sec-fetch-site'] === 'cross-site';
}

function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number, error: string): void {
  request.resume();
  response.setHeader('connection', 'close');
  sendJson(response, status, { error });
}
