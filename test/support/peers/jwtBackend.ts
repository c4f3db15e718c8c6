import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createChannel, createSession } from 'better-sse';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { OAuth2Server } from 'oauth2-mock-server';

export interface JwtBackendOptions {
  /** Milliseconds between two events, 100 by default; 0 for none but those of {@link JwtBackend.publish}. */
  intervalMs?: number;
  /** Where the issuer is, 127.0.0.1 by default. */
  issuerHost?: string;
}

/** A resource server (better-sse) that takes JWTs of an issuer (oauth2-mock-server), both of other hands. */
export interface JwtBackend {
  /** The stream. GET with `Authorization: Bearer`; stays the same over kill and restart. */
  readonly url: string;
  /** `iss` of the tokens; its keys are at `{issuer}/jwks`, its token endpoint at `{issuer}/token`. */
  readonly issuer: string;
  readonly audience: string;
  /** What came to the token endpoint: form and Authorization. It hands out what the resource server accepts. */
  readonly tokenRequests: { body: Record<string, unknown>; authorization: string | undefined }[];
  /** A token (RS256) the resource server accepts. @param ttlSeconds 900 by default; negative for an expired one */
  token(ttlSeconds?: number, claims?: Record<string, unknown>): Promise<string>;
  /** Sends one event to all clients and keeps it for those who resume. @returns its id */
  publish(data: unknown, type?: string): number;
  /** Destroys the resource server and its sockets, as a crash would; the issuer goes on. */
  kill(): Promise<void>;
  /** Brings it back on the same port; ids go on where they were. Kills it first if it runs. */
  restart(): Promise<void>;
  dispose(): Promise<void>;
}

const audience = 'orders';
const historyLength = 1000;

export async function startJwtBackend({
  intervalMs = 100,
  issuerHost = '127.0.0.1',
}: JwtBackendOptions = {}): Promise<JwtBackend> {
  const oauth = new OAuth2Server();
  await oauth.issuer.keys.generate('RS256');
  await oauth.start(0, issuerHost);
  const issuer = `http://${issuerHost}:${oauth.address().port}`;
  oauth.issuer.url = issuer;
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const tokenRequests: JwtBackend['tokenRequests'] = [];
  oauth.service.on('beforeTokenSigning', ({ payload }, request) => {
    // ID tokens come here, too: nobody is to look at them.
    Object.assign(payload, { aud: audience, jti: randomUUID() });
    tokenRequests.push({ body: { ...request.body }, authorization: request.headers.authorization });
  });

  // better-sse sends and tells where a client was; what was sent is for the application to remember.
  const channel = createChannel();
  const history: { id: number; type: string; data: unknown }[] = [];
  let lastId = 0;
  const publish = (data: unknown, type = 'message'): number => {
    lastId += 1;
    history.push({ id: lastId, type, data });
    if (history.length > historyLength) history.shift();
    channel.broadcast(data, type, { eventId: String(lastId) });
    return lastId;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refusal = await refusalOf(request);
    if (refusal !== undefined) {
      response.writeHead(401, { 'www-authenticate': refusal, 'content-type': 'application/json' });
      response.end('{"message":"Unauthorized"}\n');
      return;
    }
    // A client that left while its token was checked would keep better-sse's timer going.
    if (response.destroyed) return;
    const session = await createSession(request, response, { retry: 500 });
    const seen = Number(session.lastId);
    if (session.lastId !== '') {
      for (const { id, type, data } of history) if (id > seen) session.push(data, type, String(id));
    }
    channel.register(session);
  };

  /** The WWW-Authenticate of a request that isn't let in. */
  const refusalOf = async (request: IncomingMessage): Promise<string | undefined> => {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) return 'Bearer realm="orders"';
    try {
      await jwtVerify(token, keys, { issuer, audience });
      return undefined;
    } catch (error) {
      const reason = error instanceof errors.JOSEError ? error.code : 'unknown';
      return `Bearer realm="orders", error="invalid_token", error_description="${reason}"`;
    }
  };

  let server: Server | undefined;
  let ticker: NodeJS.Timeout | undefined;
  let port = 0;
  const start = async (): Promise<void> => {
    const next = createServer((request, response) => {
      answer(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      next.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    server = next;
    port = (next.address() as AddressInfo).port;
    if (intervalMs > 0) {
      ticker = setInterval(() => publish({ order: lastId + 1, state: 'paid' }, 'order'), intervalMs);
    }
  };
  const kill = async (): Promise<void> => {
    clearInterval(ticker);
    const running = server;
    server = undefined;
    if (running === undefined) return;
    const closed = new Promise((resolve) => running.close(resolve));
    running.closeAllConnections();
    await closed;
  };

  await start();
  return {
    url: `http://127.0.0.1:${port}/events/orders`,
    issuer,
    audience,
    tokenRequests,
    token: (ttlSeconds = 900, claims = {}) =>
      oauth.issuer.buildToken({
        expiresIn: ttlSeconds,
        scopesOrTransform: (_header, payload) => {
          Object.assign(payload, { sub: 'user123', aud: audience }, claims);
        },
      }),
    publish,
    kill,
    async restart() {
      await kill();
      await start();
    },
    async dispose() {
      await kill();
      await oauth.stop();
    },
  };
}
