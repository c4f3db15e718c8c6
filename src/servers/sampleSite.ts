import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import { sendJson, sendNotAllowed } from './answers.ts';
import type { BreakerState } from './circuitBreaker.ts';
import { setCors } from './loopbackCors.ts';
import { isSameSecret } from './pathSecret.ts';
import type { PublishedEvent, PublishedTopics } from './publishedTopics.ts';
import {
  readBody,
  sendIndex,
  sendLoginPage,
  sendNotFound,
  sendStatus,
  sendTooLarge,
  sendUnauthorized,
  sendUnavailable,
} from './sampleAnswers.ts';
import { lastEventIdOf, mintRequest, publishRequest, tokenOf, verifyRequest } from './sampleRequests.ts';
import { streamPublished, streamTopic } from './sampleStream.ts';
import type { SampleTokens } from './sampleTokens.ts';
import { sampleTopics } from './sampleTopics.ts';
import type { Admission, TokenGate, Verifier } from './tokenGate.ts';
import { topicHex } from './topicHex.ts';

export interface SiteOptions {
  /** Milliseconds between two events of a stream, 1000 by default. */
  intervalMs?: number | undefined;
  /** Whether a stream ends when its token does; true by default. */
  closeAtExpiry?: boolean | undefined;
  /** False lets everyone in. */
  authentication?: boolean | undefined;
}

/** All since the start. */
export interface SampleCounts {
  requests: number;
  /** Streams that were opened. */
  streams: number;
  /** 401: no token, or one that the webhook doesn't take. */
  refused: number;
  /** 503: nobody could say whether the token is good. */
  unavailable: number;
  webhookCalls: number;
  cacheHits: number;
  cacheMisses: number;
  published: number;
}

/** What /health tells. */
export interface SampleHealth {
  uptimeSeconds: number;
  /** Open now. */
  streams: number;
  authentication: boolean;
  topics: number;
  tokenCache: { entries: number; hits: number; misses: number };
  circuitBreaker: { state: BreakerState; failures: number; retryAfterSeconds: number };
  webhookCalls: number;
}

export interface SampleParts {
  clock: Clock;
  pathSecret: string;
  tokens: SampleTokens;
  /** What /verify answers with. */
  verifyHere: Verifier;
  gate: TokenGate;
  topics: PublishedTopics;
}

/** What arrived, once the body is there. */
interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  body: string;
}

/** How long a token of the endpoint lives unless it is asked otherwise: it is meant for one stream. */
const streamTokenSeconds = 300;

/** What the sample server answers, path by path. */
export class SampleSite {
  authentication: boolean;
  ignoresLastEventId = false;
  /** Whoever asks gets no answer. */
  isDown = false;
  readonly #parts: SampleParts;
  readonly #intervalMs: number;
  readonly #closeAtExpiry: boolean;
  readonly #startedAt: number;
  readonly #open = new Set<ServerResponse>();
  readonly #counts = { requests: 0, streams: 0, refused: 0, unavailable: 0, published: 0 };

  constructor(parts: SampleParts, options: SiteOptions) {
    this.#parts = parts;
    this.#startedAt = parts.clock.monotonic();
    this.#intervalMs = options.intervalMs ?? 1000;
    this.#closeAtExpiry = options.closeAtExpiry ?? true;
    this.authentication = options.authentication ?? true;
  }

  get counts(): SampleCounts {
    const { cache, asked } = this.#parts.gate;
    return { ...this.#counts, webhookCalls: asked, cacheHits: cache.hits, cacheMisses: cache.misses };
  }

  get health(): SampleHealth {
    const { clock, gate, topics } = this.#parts;
    const { cache, breaker } = gate;
    return {
      uptimeSeconds: Math.floor((clock.monotonic() - this.#startedAt) / 1000),
      streams: this.#open.size,
      authentication: this.authentication,
      topics: topics.names.length + sampleTopics.length,
      tokenCache: { entries: cache.size, hits: cache.hits, misses: cache.misses },
      circuitBreaker: {
        state: breaker.state,
        failures: breaker.failures,
        retryAfterSeconds: Math.ceil(breaker.retryAfterMs / 1000),
      },
      webhookCalls: gate.asked,
    };
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.isDown) {
      request.destroy();
      return;
    }
    this.#counts.requests += 1;
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

  publish(topic: string, events: readonly PublishedEvent[]): boolean {
    const opened = this.#parts.topics.open(topic);
    opened?.publish(events);
    if (opened !== undefined) this.#counts.published += events.length;
    return opened !== undefined;
  }

  async #route(exchange: Exchange): Promise<void> {
    const { response, url } = exchange;
    const [first = '', second = '', ...rest] = url.pathname.split('/').slice(1).map(decodePart);
    if (rest.length > 0) return sendNotFound(response);
    if (first === 'events') return this.#events(exchange, second);
    if (first === 'status') return sendStatus(response, second, url.searchParams.get('retry-after'));
    if (isSameSecret(first, this.#parts.pathSecret)) {
      if (second === 'token') return this.#token(exchange);
      if (second === 'publish') return this.#publish(exchange);
    }
    switch (`${first}/${second}`) {
      case '/':
        return sendIndex(response);
      case 'verify/':
        return this.#verify(exchange);
      case 'health/':
        return sendJson(response, 200, this.health);
      case 'html/':
        return sendLoginPage(response);
      case 'json/':
        return sendJson(response, 200, { hint: 'JSON, not an event stream: those are at /events/{topic}.' });
      default:
        return sendNotFound(response);
    }
  }

  async #events({ request, response, url }: Exchange, asked: string): Promise<void> {
    const name = this.#names.find((each) => each === asked || topicHex(each) === asked.toLowerCase());
    if (name === undefined) {
      return sendJson(response, 404, { error: 'There is no such topic.', topics: this.#names });
    }
    if (request.method !== 'GET' && request.method !== 'POST') return sendNotAllowed(response, 'GET, POST');
    const admission = await this.#admit(request, url, name);
    if (admission.kind === 'refused') return sendUnauthorized(response, admission.refusal);
    if (admission.kind === 'unavailable') return sendUnavailable(response, admission);

    const options = {
      response,
      lastEventId: this.ignoresLastEventId ? '' : lastEventIdOf(request, url),
      now: () => this.#parts.clock.now(),
      expiresAt: this.#closeAtExpiry ? admission.expiresAt : undefined,
    };
    const topic = sampleTopics.find((each) => each.name === name);
    const published = this.#parts.topics.get(name);
    if (topic !== undefined) streamTopic({ ...options, topic, intervalMs: this.#intervalMs });
    else if (published !== undefined) streamPublished({ ...options, topic: published });
    // The client had left, or has it all (204).
    if (!response.headersSent || response.statusCode !== 200) return;
    this.#counts.streams += 1;
    this.#open.add(response);
    response.once('close', () => this.#open.delete(response));
  }

  get #names(): string[] {
    return [...sampleTopics.map(({ name }) => name), ...this.#parts.topics.names];
  }

  async #admit(request: IncomingMessage, url: URL, topic: string): Promise<Admission> {
    if (!this.authentication) return { kind: 'admitted' };
    const admission = await this.#parts.gate.admit(tokenOf(request, url), topicHex(topic));
    if (admission.kind !== 'admitted') this.#counts[admission.kind] += 1;
    return admission;
  }

  async #token({ request, response, body }: Exchange): Promise<void> {
    if (request.method !== 'POST') return sendNotAllowed(response, 'POST');
    const asked = mintRequest(body);
    if (typeof asked === 'string') return sendJson(response, 400, { error: asked });
    const { clock, tokens } = this.#parts;
    const ttlSeconds = asked.ttlSeconds ?? Math.min(tokens.lifetime, streamTokenSeconds);
    const { token, payload } = await tokens.mint({ ...asked, ttlSeconds });
    response.setHeader('cache-control', 'no-store');
    // `expiresAt` counts seconds since 1970, as the claim does; `expiresIn` seconds from now.
    const expiresIn = (payload.exp ?? 0) - Math.floor(clock.now() / 1000);
    sendJson(response, 200, { token, expiresAt: payload.exp, expiresIn, tokenType: 'Bearer' });
  }

  async #publish({ request, response, body }: Exchange): Promise<void> {
    if (request.method !== 'POST') return sendNotAllowed(response, 'POST');
    const asked = publishRequest(body);
    if (typeof asked === 'string') return sendJson(response, 400, { error: asked });
    const { topic, events } = asked;
    if (sampleTopics.some(({ name }) => name === topic)) {
      return sendJson(response, 409, { error: `The server itself publishes to ${topic}.` });
    }
    if (!this.publish(topic, events)) return sendJson(response, 409, { error: 'There are too many topics.' });
    const next = this.#parts.topics.get(topic)?.next ?? 1;
    sendJson(response, 200, { topic, topicHex: topicHex(topic), lastId: String(next - 1) });
  }

  /** The seeds' webhook: what a token is good for is told with 200, also where that is nothing. */
  async #verify({ request, response, body }: Exchange): Promise<void> {
    if (request.method !== 'POST') return sendNotAllowed(response, 'POST');
    const asked = verifyRequest(body);
    if (typeof asked === 'string') return sendJson(response, 400, { error: asked });
    response.setHeader('cache-control', 'no-store');
    try {
      const check = await this.#parts.verifyHere(asked.jwt, asked.topic);
      sendJson(response, 200, {
        valid: check.ok,
        user_id: check.ok ? check.userId : null,
        expires_at: check.ok ? check.expiresAt / 1000 : null,
      });
    } catch (error) {
      sendUnavailable(response, { reason: errorText(error) });
    }
  }
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
