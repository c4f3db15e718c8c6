import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import type { SampleServer, SampleServerOptions } from '../../../src/servers/sampleServer.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { HttpServer } from '../../support/httpServer.ts';
import { bearer, readUntil, upTo, useSampleServers } from '../../support/sampleServers.ts';

const start = useSampleServers();
const webhooks: HttpServer[] = [];

afterEach(async () => {
  for (const webhook of webhooks.splice(0)) await webhook.close();
});

const hexOf = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 32);

interface World {
  clock: FakeClock;
  webhook: HttpServer;
  server: SampleServer;
  /** The status of a stream's answer, and when to come again. */
  open(token?: string, topic?: string): Promise<(number | string | null)[]>;
}

/** A sample server whose tokens somebody else's webhook checks. */
async function world(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
  options: SampleServerOptions = {},
): Promise<World> {
  const clock = new FakeClock();
  const webhook = await HttpServer.start(answer);
  webhooks.push(webhook);
  const webhookUrl = `http://127.0.0.1:${webhook.port}/verify`;
  const server = await start({ clock, webhookUrl, ...options });
  const open: World['open'] = async (token = 'token', topic = 'orders') => {
    const abort = new AbortController();
    const headers = token === '' ? {} : bearer(token);
    const response = await fetch(`${server.url}/events/${topic}`, { headers, signal: abort.signal });
    abort.abort();
    return [response.status, response.headers.get('retry-after')];
  };
  return { clock, webhook, server, open };
}

function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

const valid = (clock: FakeClock, seconds = 3600) => ({
  valid: true,
  user_id: 'user123',
  expires_at: clock.now() / 1000 + seconds,
});
const invalid = { valid: false, user_id: null, expires_at: null };

async function health(server: SampleServer): Promise<Record<string, Record<string, unknown>>> {
  return (await fetch(`${server.url}/health`)).json();
}

describe("somebody else's webhook", () => {
  it('is asked with the token and the topic as 32 hex digits, once while the answer is cached', async () => {
    const bodies: unknown[] = [];
    const { clock, webhook, server, open } = await world(async (request, response) => {
      bodies.push(await json(request));
      sendJson(response, valid(clock));
    });
    expect(await open('opaque')).toEqual([200, null]);
    expect(await open('opaque')).toEqual([200, null]);
    expect(await open('opaque', hexOf('orders').toUpperCase())).toEqual([200, null]);
    expect(bodies).toEqual([{ jwt: 'opaque', topic: hexOf('orders') }]);
    expect(webhook.requests[0]).toMatchObject({ method: 'POST', url: '/verify' });
    expect((await health(server)).tokenCache).toEqual({ entries: 1, hits: 2, misses: 1 });

    await open('opaque', 'finite');
    await open('another');
    expect(bodies.slice(1)).toEqual([
      { jwt: 'opaque', topic: hexOf('finite') },
      { jwt: 'another', topic: hexOf('orders') },
    ]);
    clock.advance(300_000);
    await open('opaque');
    expect(bodies).toHaveLength(4);
    expect(server.counts).toMatchObject({ streams: 6, webhookCalls: 4, cacheHits: 2, cacheMisses: 4 });
  });

  it('refuses by 401, which is no failure and is not cached', async () => {
    const { server, webhook, open } = await world((_, response) => sendJson(response, invalid));
    for (let i = 0; i < 11; i += 1) expect(await open()).toEqual([401, null]);
    expect(webhook.requests).toHaveLength(11);
    const response = await fetch(`${server.url}/events/orders?token=x`);
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer realm="sample", error="invalid_token", error_description="The webhook does not take the token for this topic"',
    );
    expect((await health(server)).circuitBreaker).toMatchObject({ state: 'closed', failures: 0 });
    expect(server.counts.refused).toBe(12);
  });

  it('is not asked where no token was sent', async () => {
    const { webhook, open } = await world((_, response) => sendJson(response, invalid));
    expect(await open('')).toEqual([401, null]);
    expect(webhook.requests).toHaveLength(0);
  });

  it('says when the token expires: the stream ends then, and what has expired is refused', async () => {
    const { clock, server, open } = await world((_, response, count) =>
      sendJson(response, valid(clock, count === 1 ? 60 : -1)),
    );
    const url = `${server.url}/events/orders?token=x`;
    const stream = await readUntil(url, {}, (text) => {
      if (upTo(3)(text)) clock.advance(60_000);
      return text.endsWith(': the token has expired\n\n');
    });
    expect(stream).toContain('id: 3\n');
    expect(await open('x')).toEqual([401, null]);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['500', (response) => sendJson(response, {}, 500)],
    ['404', (response) => sendJson(response, invalid, 404)],
    ['a redirect', (response) => response.writeHead(307, { location: '/' }).end()],
    ['HTML', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Sign in</p>')],
    ['nothing', (response) => response.end()],
    ['a list', (response) => sendJson(response, [])],
    ['"valid" as a text', (response) => sendJson(response, { ...invalid, valid: 'true' })],
    ['no user', (response) => sendJson(response, { valid: true, expires_at: 4e9 })],
    ['no end', (response) => sendJson(response, { valid: true, user_id: 'a', expires_at: null })],
    ['a date', (response) => sendJson(response, { valid: true, user_id: 'a', expires_at: '2030' })],
    ['too much', (response) => response.end('x'.repeat(65 * 1024))],
    [
      'half',
      (response) => response.writeHead(200, { 'content-length': '9' }).write('{', () => response.destroy()),
    ],
    ['a closed connection', (response) => response.destroy()],
  ])('fails by answering %s: 503, and nobody is let in', async (_, answer) => {
    const { server, open } = await world((_request, response) => answer(response));
    expect(await open()).toEqual([503, null]);
    expect((await health(server)).circuitBreaker).toMatchObject({ state: 'closed', failures: 1 });
    expect(server.counts.unavailable).toBe(1);
  });

  it('fails by answering never, after 10 s', async () => {
    const { clock, webhook, open } = await world(() => {});
    const opened = open();
    await webhook.until(() => webhook.requests.length === 1);
    clock.advance(10_000);
    expect(await opened).toEqual([503, null]);
    await webhook.until(() => webhook.sockets.size === 0);
  });

  it('is spared by the breaker after ten failures; cached tokens are let in meanwhile; one probe closes it', async () => {
    let isDown = false;
    const { clock, server, webhook, open } = await world((_, response) =>
      isDown ? response.destroy() : sendJson(response, valid(clock)),
    );
    expect(await open('early')).toEqual([200, null]);
    isDown = true;
    for (let i = 0; i < 10; i += 1) expect(await open()).toEqual([503, null]);
    expect(await open()).toEqual([503, '60']);
    clock.advance(12_500);
    expect(await open()).toEqual([503, '48']);
    expect(await open('early')).toEqual([200, null]);
    expect((await health(server)).circuitBreaker).toEqual({
      state: 'open',
      failures: 10,
      retryAfterSeconds: 48,
    });
    expect(webhook.requests).toHaveLength(11);

    clock.advance(47_500);
    expect(await open()).toEqual([503, null]);
    expect(await open()).toEqual([503, '60']);
    isDown = false;
    clock.advance(60_000);
    expect(await open()).toEqual([200, null]);
    expect((await health(server)).circuitBreaker).toMatchObject({ state: 'closed', failures: 0 });
    expect(webhook.requests).toHaveLength(13);
  });

  it('is asked by the probe alone while that is under way', async () => {
    let held: ServerResponse | undefined;
    const { clock, webhook, server, open } = await world(
      (_, response, count) => {
        if (count === 1) response.destroy();
        else if (count === 2) held = response;
        else sendJson(response, valid(clock));
      },
      { breaker: { failures: 1 } },
    );
    expect(await open()).toEqual([503, null]);
    clock.advance(60_000);
    const probe = open();
    await webhook.until(() => held !== undefined);
    expect(await open('other')).toEqual([503, '1']);
    expect((await health(server)).circuitBreaker).toMatchObject({ state: 'halfOpen' });
    sendJson(held as unknown as ServerResponse, valid(clock));
    expect(await probe).toEqual([200, null]);
    expect(await open('other')).toEqual([200, null]);
  });

  it('is on this machine, unless that is allowed', async () => {
    const refused = (webhookUrl: string) => start({ webhookUrl });
    await expect(refused('https://issuer.example/verify')).rejects.toThrow(
      'The webhook is on another machine, issuer.example, and tokens would be sent there: allow it first.',
    );
    await expect(refused('ftp://localhost/')).rejects.toThrow('must be an http or https URL');
    await expect(refused('nonsense')).rejects.toThrow('must be an http or https URL');
    await expect(refused('http://a:b@localhost/')).rejects.toThrow('must hold no credentials');
    await start({ webhookUrl: 'https://issuer.example/verify', mayLeaveMachine: true });
  });
});

describe('the webhook that the sample server is', () => {
  const verify = async (server: SampleServer, body: unknown): Promise<[number, unknown]> => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${server.url}/verify`, { method: 'POST', body: text });
    return [response.status, await response.json()];
  };

  it('says of a token what it is good for', async () => {
    const clock = new FakeClock();
    const server = await start({ clock });
    const topic = hexOf('orders');
    const expiresAt = clock.now() / 1000 + 900;
    const yes = { valid: true, user_id: 'ada', expires_at: expiresAt };
    expect(await verify(server, { jwt: await server.mint({ sub: 'ada' }), topic })).toEqual([200, yes]);
    const some = await server.mint({ sub: 'ada', claims: { topics: ['orders', 'prices'] } });
    expect(await verify(server, { jwt: some, topic: hexOf('prices').toUpperCase() })).toEqual([200, yes]);
    expect(await verify(server, { jwt: some, topic: hexOf('finite') })).toEqual([200, invalid]);
    const expired = await server.mint({ ttlSeconds: -1 });
    expect(await verify(server, { jwt: expired, topic })).toEqual([200, invalid]);
    expect(await verify(server, { jwt: 'nonsense', topic })).toEqual([200, invalid]);
  });

  it.each([
    '',
    '[]',
    '{',
    '{"jwt":"a"}',
    '{"topic":"00000000000000000000000000000000"}',
    '{"jwt":1,"topic":"00000000000000000000000000000000"}',
    '{"jwt":"a","topic":"orders"}',
    '{"jwt":"a","topic":"0000000000000000000000000000000"}',
    '{"jwt":"a","topic":"0000000000000000000000000000000g"}',
  ])('answers 400 to %j', async (body) => {
    expect((await verify(await start(), body))[0]).toBe(400);
  });

  it('takes POST alone, and 16 KiB', async () => {
    const server = await start();
    expect((await fetch(`${server.url}/verify`)).status).toBe(405);
    expect((await verify(server, { jwt: 'x'.repeat(16 * 1024), topic: hexOf('orders') }))[0]).toBe(413);
  });

  it('serves another sample server', async () => {
    const issuer = await start();
    const server = await start({ webhookUrl: `${issuer.url}/verify` });
    const token = await issuer.mint({ claims: { topics: ['orders'] } });
    await readUntil(`${server.url}/events/orders`, { headers: bearer(token) }, upTo(2));
    expect((await fetch(`${server.url}/events/finite`, { headers: bearer(token) })).status).toBe(401);
    const own = await fetch(`${server.url}/events/orders`, { headers: bearer(await server.mint()) });
    expect(own.status).toBe(401);
    expect(server.counts.webhookCalls).toBe(3);
  });

  it('lets a token of certain topics into those alone, with the reason', async () => {
    const server = await start();
    const headers = bearer(await server.mint({ claims: { topics: ['finite'] } }));
    const response = await fetch(`${server.url}/events/orders`, { headers });
    expect([response.status, (await response.json()).error_description]).toEqual([
      401,
      'The token is not for this topic',
    ]);
    expect((await fetch(`${server.url}/events/finite`, { headers })).status).toBe(200);
  });
});
