import type { IncomingMessage, ServerResponse } from 'node:http';
import { type LoopbackServer, listenOnLoopback } from './loopbackGuard.ts';
import {
  readBody,
  sendIndex,
  sendJson,
  sendLoginPage,
  sendNotAllowed,
  sendNotFound,
  sendStatus,
  sendTooLarge,
  sendUnauthorized,
  setCors,
} from './sampleAnswers.ts';
import { streamTopic } from './sampleStream.ts';
import {
  isSameSecret,
  type MintOptions,
  randomBytes,
  randomPathSecret,
  SampleTokens,
} from './sampleTokens.ts';
import { sampleTopics } from './sampleTopics.ts';

export interface SampleServerOptions {
  /** 0 or undefined takes a free port. */
  port?: number | undefined;
  /** The key that signs tokens, 32 bytes or more. Give the same again for tokens to survive a restart. */
  secret?: Uint8Array | undefined;
  /** The first part of the token endpoint's path; random by default. */
  pathSecret?: string | undefined;
  /** Epoch milliseconds. */
  now?: (() => number) | undefined;
  /** Milliseconds between two events of a stream, 1000 by default. */
  intervalMs?: number | undefined;
  /** Whether a stream ends when its token does; true by default. */
  closeAtExpiry?: boolean | undefined;
}

export interface SampleServer {
  readonly port: number;
  /** `http://127.0.0.1:{port}`; streams are at `/events/{topic}`. */
  readonly url: string;
  /** Where `POST` mints a token; holds the path secret. */
  readonly tokenUrl: string;
  /** A token the server accepts, or one it refuses, by `claims` and `ttlSeconds`. */
  mint(options?: MintOptions): Promise<string>;
  /** Resolves when streams, sockets and timers are gone and the port is free. */
  dispose(): Promise<void>;
}

const maxTtlSeconds = 86_400;

/**
 * An SSE origin to try things on, with JWTs by header, query or cookie. Event `n` of a topic is the same in
 * every run, so a client resumes without a gap also after the server was started anew.
 * @throws the system's error, `code` "EADDRINUSE" when the port is taken
 */
export async function startSampleServer(options: SampleServerOptions = {}): Promise<SampleServer> {
  const sample = new Sample(options);
  const server = await listenOnLoopback({
    port: options.port,
    onRequest: (request, response) => {
      sample.answer(request, response).catch(() => {
        if (response.headersSent) response.destroy();
        else sendJson(response, 500, { error: 'The sample server failed.' });
      });
    },
  });
  return sample.serverAt(server);
}

/** What arrived, once the body is there. */
interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  body: string;
}

class Sample {
  readonly #tokens: SampleTokens;
  readonly #pathSecret: string;
  readonly #now: () => number;
  readonly #intervalMs: number;
  readonly #closeAtExpiry: boolean;

  constructor(options: SampleServerOptions) {
    this.#now = options.now ?? Date.now;
    this.#tokens = new SampleTokens(options.secret ?? randomBytes(32), this.#now);
    this.#pathSecret = options.pathSecret || randomPathSecret();
    this.#intervalMs = options.intervalMs ?? 1000;
    this.#closeAtExpiry = options.closeAtExpiry ?? true;
  }

  serverAt(server: LoopbackServer): SampleServer {
    return {
      port: server.port,
      url: server.url,
      tokenUrl: `${server.url}/${encodeURIComponent(this.#pathSecret)}/token`,
      mint: async (options) => (await this.#tokens.mint(options)).token,
      dispose: () => server.dispose(),
    };
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    setCors(request, response);
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end();
      return;
    }
    const url = URL.parse(`http://localhost${request.url}`);
    if (url === null) return sendJson(response, 400, { error: 'The request target is not a path.' });
    const body = await readBody(request);
    if (body === undefined) return sendTooLarge(request, response);
    return this.#route({ request, response, url, body });
  }

  async #route(exchange: Exchange): Promise<void> {
    const { response, url } = exchange;
    const [first = '', second = '', ...rest] = url.pathname.split('/').slice(1).map(decodePart);
    if (rest.length > 0) return sendNotFound(response);
    if (first === 'events') return this.#events(exchange, second);
    if (first === 'status') return sendStatus(response, second, url.searchParams.get('retry-after'));
    if (second === 'token' && isSameSecret(first, this.#pathSecret)) return this.#token(exchange);
    switch (`${first}/${second}`) {
      case '/':
        return sendIndex(response);
      case 'html/':
        return sendLoginPage(response);
      case 'json/':
        return sendJson(response, 200, { hint: 'JSON, not an event stream: those are at /events/{topic}.' });
      default:
        return sendNotFound(response);
    }
  }

  async #events({ request, response, url }: Exchange, name: string): Promise<void> {
    const topic = sampleTopics.find((entry) => entry.name === name);
    if (topic === undefined) {
      return sendJson(response, 404, {
        error: 'There is no such topic.',
        topics: sampleTopics.map((entry) => entry.name),
      });
    }
    if (request.method !== 'GET' && request.method !== 'POST') return sendNotAllowed(response, 'GET, POST');
    const check = await this.#tokens.check(tokenOf(request, url));
    if (!check.ok) return sendUnauthorized(response, check.refusal);

    streamTopic({
      response,
      topic,
      lastEventId: headerOf(request, 'last-event-id') ?? url.searchParams.get('lastEventId') ?? '',
      intervalMs: this.#intervalMs,
      now: this.#now,
      expiresAt: this.#closeAtExpiry ? check.expiresAt : undefined,
    });
  }

  async #token({ request, response, body }: Exchange): Promise<void> {
    if (request.method !== 'POST') return sendNotAllowed(response, 'POST');
    const asked = mintOptions(body);
    if (typeof asked === 'string') return sendJson(response, 400, { error: asked });
    const { token, payload } = await this.#tokens.mint(asked);
    response.setHeader('cache-control', 'no-store');
    // `expiresAt` counts seconds since 1970, as the claim does; `expiresIn` seconds from now.
    const expiresIn = (payload.exp ?? 0) - Math.floor(this.#now() / 1000);
    sendJson(response, 200, { token, expiresAt: payload.exp, expiresIn, tokenType: 'Bearer' });
  }
}

/** The token of a request: the header counts before the query, the query before the cookie (RFC 6750 section 2). */
function tokenOf(request: IncomingMessage, url: URL): string | undefined {
  const bearer = /^Bearer +(.*)$/i.exec(request.headers.authorization ?? '')?.[1]?.trim();
  if (bearer !== undefined) return bearer;
  const query = url.searchParams.get('token');
  if (query !== null) return query;
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, ...rest] = pair.split('=');
    const value = rest.join('=').trim();
    if (name?.trim() === 'access_token') return value.replace(/^"(.*)"$/, '$1');
  }
  return undefined;
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The options in the token endpoint's body, or what is wrong with them. */
function mintOptions(body: string): MintOptions | string {
  if (body.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return 'The body must be JSON.';
  }
  if (!isObject(value)) return 'The body must be a JSON object.';
  const { sub, ttlSeconds, claims } = value;
  if (sub !== undefined && typeof sub !== 'string') return 'sub must be a string.';
  const isTtl = typeof ttlSeconds === 'number' && Number.isInteger(ttlSeconds) && ttlSeconds >= 1;
  if (ttlSeconds !== undefined && !(isTtl && ttlSeconds <= maxTtlSeconds)) {
    return `ttlSeconds must be a whole number from 1 to ${maxTtlSeconds}.`;
  }
  if (claims !== undefined && !isObject(claims)) return 'claims must be a JSON object.';
  for (const name of ['exp', 'nbf', 'iat']) {
    const isTime = claims?.[name] === undefined || typeof claims[name] === 'number';
    if (!isTime) return `claims.${name} must be a number.`;
  }
  return { sub, ttlSeconds: ttlSeconds as number | undefined, claims };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
