import type { Clock } from '../base/clock.ts';
import { HttpTransport } from '../node/httpTransport.ts';
import { systemClock } from '../node/systemClock.ts';
import { sendJson } from './answers.ts';
import type { BreakerOptions } from './circuitBreaker.ts';
import { listenOnLoopback } from './loopbackGuard.ts';
import { randomPathSecret } from './pathSecret.ts';
import { type PublishedEvent, PublishedTopics } from './publishedTopics.ts';
import { assertWebhookUrl, remoteVerifier } from './remoteVerifier.ts';
import { type SampleCounts, type SampleHealth, SampleSite, type SiteOptions } from './sampleSite.ts';
import { type MintOptions, randomBytes, SampleTokens } from './sampleTokens.ts';
import type { TokenCacheOptions } from './tokenCache.ts';
import { TokenGate } from './tokenGate.ts';
import { WebhookFault, type WebhookMode } from './webhookFault.ts';

export interface SampleServerOptions extends SiteOptions {
  /** 0 or undefined takes a free port. */
  port?: number | undefined;
  /** The key that signs tokens, 32 bytes or more. Give the same again for tokens to survive a restart. */
  secret?: Uint8Array | undefined;
  /** The first part of the paths that mint tokens and publish; random by default. */
  pathSecret?: string | undefined;
  /** The machine's by default. Streams tick by the machine's in any case. */
  clock?: Clock | undefined;
  /** Who checks tokens: `POST {jwt, topic}`; by default the server itself, as its /verify does for others. */
  webhookUrl?: string | undefined;
  /** Whether the webhook may be on another machine, where tokens would go. */
  mayLeaveMachine?: boolean | undefined;
  breaker?: BreakerOptions | undefined;
  cache?: TokenCacheOptions | undefined;
}

export interface SampleServer {
  readonly port: number;
  /** `http://127.0.0.1:{port}`; streams are at `/events/{topic}`. */
  readonly url: string;
  /** Where `POST` mints a token; holds the path secret. */
  readonly tokenUrl: string;
  /** Where `POST` publishes; holds the path secret. */
  readonly publishUrl: string;
  readonly counts: SampleCounts;
  readonly health: SampleHealth;
  /** A token the server accepts, or one it refuses, by `claims` and `ttlSeconds`. */
  mint(options?: MintOptions): Promise<string>;
  /** To a topic that isn't one of the server's own. Returns false where there are as many as there may be. */
  publish(topic: string, events: readonly PublishedEvent[]): boolean;
  /** What becomes of the webhook from now on, whoever it is. */
  setWebhook(mode: WebhookMode): void;
  setAuthentication(isOn: boolean): void;
  /** Of tokens that are minted from now on, in seconds. */
  setTokenLifetime(seconds: number): void;
  /** Streams begin as though the client had seen nothing. */
  ignoreLastEventId(ignores: boolean): void;
  /**
   * Ends every connection, and closes new ones without an answer for so many milliseconds. Verified tokens and the
   * breaker's failures are forgotten, what was published is not. Resolves when the server is back.
   */
  restart(downMs?: number): Promise<void>;
  /** Resolves when streams, sockets and timers are gone and the port is free. */
  dispose(): Promise<void>;
}

/**
 * An SSE origin to try things on, with JWTs by header, query or cookie, verified by webhook. Event `n` of a topic is
 * the same in every run, so a client resumes without a gap also after the server was started anew.
 * @throws the system's error, `code` "EADDRINUSE" when the port is taken; where the webhook can't be one, its sentence
 */
export async function startSampleServer(options: SampleServerOptions = {}): Promise<SampleServer> {
  const { webhookUrl, clock = systemClock, pathSecret = randomPathSecret() } = options;
  if (webhookUrl !== undefined) assertWebhookUrl(webhookUrl, options.mayLeaveMachine ?? false);
  const transport = new HttpTransport();
  const fault = new WebhookFault(clock);
  const tokens = new SampleTokens(options.secret ?? randomBytes(32), () => clock.now());
  const verifyHere = fault.before((token, topic) => tokens.check(token, topic));
  const verify =
    webhookUrl === undefined ? verifyHere : fault.before(remoteVerifier(webhookUrl, { transport, clock }));
  const gate = new TokenGate(verify, clock, options.breaker, options.cache);
  const topics = new PublishedTopics();
  const site = new SampleSite({ clock, pathSecret, tokens, verifyHere, gate, topics }, options);
  const server = await listenOnLoopback({
    port: options.port,
    onRequest: (request, response) => {
      site.answer(request, response).catch(() => {
        if (response.headersSent) response.destroy();
        else sendJson(response, 500, { error: 'The sample server failed.' });
      });
    },
  });
  const base = `${server.url}/${encodeURIComponent(pathSecret)}`;
  let comeBack: (() => void) | undefined;

  return {
    port: server.port,
    url: server.url,
    tokenUrl: `${base}/token`,
    publishUrl: `${base}/publish`,
    get counts() {
      return site.counts;
    },
    get health() {
      return site.health;
    },
    mint: async (mintOptions) => (await tokens.mint(mintOptions)).token,
    publish: (topic, events) => site.publish(topic, events),
    setWebhook: (mode) => {
      fault.mode = mode;
    },
    setAuthentication: (isOn) => {
      site.authentication = isOn;
    },
    setTokenLifetime: (seconds) => {
      tokens.lifetime = seconds;
    },
    ignoreLastEventId: (ignores) => {
      site.ignoresLastEventId = ignores;
    },
    restart(downMs = 0) {
      comeBack?.();
      gate.forget();
      site.isDown = downMs > 0;
      server.destroySockets();
      if (!site.isDown) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = clock.after(downMs, () => comeBack?.());
        comeBack = () => {
          comeBack = undefined;
          timer.dispose();
          site.isDown = false;
          resolve();
        };
      });
    },
    async dispose() {
      comeBack?.();
      fault.dispose();
      transport.dispose();
      topics.dispose();
      await server.dispose();
    },
  };
}

const usualPort = 8787;

/** On the usual port, or a free one where that is taken; a port that is asked for must be free. */
export async function startUsualSampleServer(options: SampleServerOptions = {}): Promise<SampleServer> {
  try {
    return await startSampleServer({ ...options, port: options.port ?? usualPort });
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (!isTaken) throw error;
    if (options.port === undefined) return startSampleServer(options);
    throw new Error(`Port ${options.port} is taken.`, { cause: error });
  }
}
