import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../../src/auth/challenge.ts';
import type { Clock } from '../../../src/base/clock.ts';
import { systemClock } from '../../../src/node/systemClock.ts';
import { type SampleServer, startSampleServer } from '../../../src/servers/sampleServer.ts';
import { bearer, ids, readUntil, upTo, useSampleServers } from '../../support/sampleServers.ts';

const start = useSampleServers();

function clockAt(now: () => number): Clock {
  return { ...systemClock, now };
}

describe('the sample server: streams', () => {
  it('streams orders of several types, with ids that count up, comments, retry and odd data', async () => {
    const server = await start();
    const stream = await readUntil(
      `${server.url}/events/orders`,
      { headers: bearer(await server.mint()) },
      upTo(24),
    );
    expect(stream).toMatch(/^retry: \d+\n\n/);
    expect(ids(stream).slice(0, 24)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
    expect(new Set([...stream.matchAll(/^event: (.+)$/gm)].map((match) => match[1]))).toEqual(
      new Set(['order.created', 'order.paid', 'price']),
    );
    expect(stream).toContain('\n: keep-alive\n');
    expect(stream).toMatch(/\ndata: .*\ndata: /);
    const data = stream
      .split('\n\n')
      .map((block) => [...block.matchAll(/^data: (.*)$/gm)].map((m) => m[1]).join('\n'));
    const isJson = (value: string): boolean => {
      try {
        return typeof JSON.parse(value) === 'object';
      } catch {
        return false;
      }
    };
    const bodies = data.filter((value) => value !== '').slice(0, 24);
    expect(bodies.filter((value) => !isJson(value)).length).toBe(2);
  });

  it('resumes after Last-Event-ID without a gap, with the same events, also after a restart', async () => {
    const secret = new Uint8Array(32).fill(1);
    const first = await start({ secret });
    const token = await first.mint();
    const whole = await readUntil(`${first.url}/events/orders`, { headers: bearer(token) }, upTo(9));
    await first.dispose();

    const second = await start({ secret, port: first.port });
    expect(second.url).toBe(first.url);
    const url = `${second.url}/events/orders`;
    const headers = { ...bearer(token), 'last-event-id': '5' };
    const rest = await readUntil(url, { headers }, upTo(9));
    expect(ids(rest)[0]).toBe(6);
    const from = (stream: string): string => /^id: 6\n[\s\S]*?(?=^id: 9\n)/m.exec(stream)?.[0] ?? 'none';
    expect(from(rest)).toBe(from(whole));
    const byQuery = await readUntil(`${url}?lastEventId=5`, { headers: bearer(token) }, upTo(6));
    expect(ids(byQuery)[0]).toBe(6);
  });

  it.each(['', 'abc', '-1', '1.5', '99999999999999999999'])(
    'begins at 1 for Last-Event-ID %j',
    async (id) => {
      const server = await start();
      const headers = { ...bearer(await server.mint()), 'last-event-id': id };
      expect(ids(await readUntil(`${server.url}/events/orders`, { headers }, upTo(1)))[0]).toBe(1);
    },
  );

  it('ends finite after ten events and then answers 204 to whoever comes back', async () => {
    const server = await start();
    const headers = bearer(await server.mint());
    const stream = await (await fetch(`${server.url}/events/finite`, { headers })).text();
    expect(ids(stream)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const again = await fetch(`${server.url}/events/finite`, {
      headers: { ...headers, 'last-event-id': '10' },
    });
    expect(again.status).toBe(204);
  });

  it('streams deltas that make a text, then [DONE], then ends; by POST too', async () => {
    const server = await start();
    const response = await fetch(`${server.url}/events/llm`, {
      method: 'POST',
      headers: { ...bearer(await server.mint()), 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [] }),
    });
    const data = [...(await response.text()).matchAll(/^data: (.*)$/gm)].map((match) => match[1] ?? '');
    expect(data.pop()).toBe('[DONE]');
    const choices = data.map((entry) => JSON.parse(entry).choices[0]);
    expect(choices[0].delta.role).toBe('assistant');
    expect(choices.at(-1).finish_reason).toBe('stop');
    expect(choices.map(({ delta }) => delta.content ?? '').join('')).toMatch(/^A server keeps .* ☕$/);
  });

  it('sends comments between rare events on heartbeat', async () => {
    const server = await start({ intervalMs: 1 });
    const stream = await readUntil(
      `${server.url}/events/heartbeat`,
      { headers: bearer(await server.mint()) },
      upTo(20),
    );
    expect(stream.split('\n').filter((line) => line.startsWith(':')).length).toBeGreaterThanOrEqual(19);
    expect(ids(stream)[0]).toBe(20);
  });

  it('names its topics where one is unknown, token or not', async () => {
    const server = await start();
    const response = await fetch(`${server.url}/events/nope`);
    expect(response.status).toBe(404);
    expect((await response.json()).topics).toEqual(['orders', 'heartbeat', 'llm', 'finite']);
  });
});

describe('the sample server: tokens', () => {
  it('takes a token by header, query and cookie', async () => {
    const server = await start();
    const token = await server.mint({ sub: 'ada' });
    const url = `${server.url}/events/orders`;
    await readUntil(url, { headers: bearer(token) }, upTo(1));
    await readUntil(url, { headers: { authorization: `bearer ${token}` } }, upTo(1));
    await readUntil(`${url}?token=${token}`, {}, upTo(1));
    // fetch has no cookies of its own.
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(url, { headers: { cookie: `a=b; access_token=${token}` } }, (response) => {
        resolve(response.statusCode);
        sent.destroy();
      });
      sent.once('error', reject).end();
    });
    expect(status).toBe(200);
  });

  it('says by RFC 6750 what is wrong with a token, and echoes none of it', async () => {
    const server = await start();
    const other = await start();
    const good = await server.mint();
    const [header, payload, signature] = good.split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    const now = Math.floor(Date.now() / 1000);
    const cases: [string, RegExp][] = [
      [await server.mint({ ttlSeconds: -3 }), /^The token expired at \d{4}-\d\d-\d\dT/],
      [await server.mint({ claims: { nbf: now + 100 } }), /^The token is not valid before \d{4}-/],
      [await server.mint({ claims: { aud: 'other' } }), /^The audience must be sample$/],
      [await server.mint({ claims: { iss: 'other' } }), /^The issuer must be sse-debugger-sample$/],
      [await server.mint({ claims: { exp: undefined } }), /^The claim exp is missing$/],
      [await server.mint({ claims: { sub: undefined } }), /^The claim sub is missing$/],
      [await other.mint(), /^The signature does not match$/],
      [
        `${header}.${payload}.${signature?.startsWith('A') ? 'B' : 'A'}${signature?.slice(1)}`,
        /^The signature does not match$/,
      ],
      [none, /^The token must be signed with HS256$/],
      ['nonsense', /^The token is malformed$/],
      ['a.b.c', /^The token is malformed$/],
    ];
    for (const [token, description] of cases) {
      const response = await fetch(`${server.url}/events/orders`, { headers: bearer(token) });
      const body = await response.text();
      expect(response.status).toBe(401);
      const [challenge] = parseChallenges([response.headers.get('www-authenticate') ?? '']);
      expect(challenge?.scheme).toBe('Bearer');
      expect(challenge?.params.get('realm')).toBe('sample');
      expect(challenge?.params.get('error')).toBe('invalid_token');
      expect(challenge?.params.get('error_description')).toMatch(description);
      expect(JSON.parse(body).error_description).toMatch(description);
      expect(body).not.toContain(token);
    }
  });

  it('names no error where no token was sent', async () => {
    const server = await start();
    for (const headers of [{}, { authorization: 'Basic YTpi' }]) {
      const response = await fetch(`${server.url}/events/orders`, { headers });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="sample"');
      expect((await response.json()).error_description).toContain('No token was sent');
    }
  });

  it('ends a stream when its token expires, so that the next attempt is refused', async () => {
    const server = await start();
    const token = await server.mint({ ttlSeconds: 1 });
    const stream = await (await fetch(`${server.url}/events/orders?token=${token}`)).text();
    expect(stream).toMatch(/: the token has expired\n\n$/);
    expect((await fetch(`${server.url}/events/orders?token=${token}`)).status).toBe(401);
  });

  it('measures the end of a token by its own clock, and leaves streams alone where told to', async () => {
    let now = 1_700_000_000_000;
    const closing = await start({ clock: clockAt(() => now) });
    const keeping = await start({ clock: clockAt(() => now), closeAtExpiry: false });
    const reading = fetch(`${closing.url}/events/orders?token=${await closing.mint()}`).then((response) =>
      response.text(),
    );
    const kept = readUntil(`${keeping.url}/events/orders?token=${await keeping.mint()}`, {}, (stream) => {
      if (upTo(3)(stream)) now += 16 * 60_000;
      return upTo(40)(stream);
    });
    expect(await reading).toMatch(/: the token has expired\n\n$/);
    expect(await kept).not.toContain('expired');
  });

  it('mints at the token endpoint: lifetimes, subjects and claims as asked', async () => {
    const server = await start({ clock: clockAt(() => 1_700_000_000_400) });
    const mint = async (body?: unknown): Promise<Record<string, unknown>> => {
      const init = { method: 'POST', ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      const response = await fetch(server.tokenUrl, init);
      expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
      return response.json();
    };
    const plain = await mint();
    expect(plain).toMatchObject({ tokenType: 'Bearer', expiresAt: 1_700_000_300, expiresIn: 300 });
    await readUntil(`${server.url}/events/orders?token=${plain.token}`, {}, upTo(1));
    const asked = await mint({ sub: 'ada', ttlSeconds: 60, claims: { roles: ['admin'] } });
    const payload = JSON.parse(Buffer.from(String(asked.token).split('.')[1] ?? '', 'base64url').toString());
    expect(payload).toEqual({
      iss: 'sse-debugger-sample',
      aud: 'sample',
      sub: 'ada',
      iat: 1_700_000_000,
      exp: 1_700_000_060,
      jti: expect.any(String),
      roles: ['admin'],
    });
  });

  it.each([
    '[]',
    '"x"',
    '{',
    '{"ttlSeconds":0}',
    '{"ttlSeconds":86401}',
    '{"ttlSeconds":1.5}',
    '{"ttlSeconds":"60"}',
    '{"sub":1}',
    '{"claims":[]}',
    '{"claims":{"exp":"soon"}}',
  ])('answers 400 to the token request %j', async (body) => {
    const server = await start();
    expect((await fetch(server.tokenUrl, { method: 'POST', body })).status).toBe(400);
  });

  it('hides the token endpoint from whoever lacks the path secret', async () => {
    const server = await start({ pathSecret: 'correct-secret' });
    expect(server.tokenUrl).toBe(`${server.url}/correct-secret/token`);
    for (const guess of ['', 'correct-secre', 'correct-secret1', 'Correct-secret', 'wrong']) {
      const response = await fetch(`${server.url}/${guess}/token`, { method: 'POST' });
      expect(response.status).toBe(404);
      expect(await response.text()).not.toContain('correct-secret');
    }
    expect((await fetch(server.tokenUrl)).status).toBe(405);
  });

  it('draws its secrets anew for every server', async () => {
    const [one, two] = [await start(), await start()];
    const secretOf = (server: SampleServer): string => new URL(server.tokenUrl).pathname.split('/')[1] ?? '';
    expect(secretOf(one)).toMatch(/^[\w-]{22}$/);
    expect(secretOf(one)).not.toBe(secretOf(two));
  });
});

describe('the sample server: everything else', () => {
  it('tells at / what there is, without the secret', async () => {
    const server = await start({ pathSecret: 'correct-secret' });
    const body = await (await fetch(server.url)).text();
    expect(Object.keys(JSON.parse(body).topics)).toContain('/events/orders');
    expect(body).not.toContain('correct-secret');
  });

  it('plays the answers a client must survive', async () => {
    const server = await start();
    const unavailable = await fetch(`${server.url}/status/503?retry-after=12`);
    expect([unavailable.status, unavailable.headers.get('retry-after')]).toEqual([503, '12']);
    expect((await fetch(`${server.url}/status/204`)).status).toBe(204);
    const unauthorized = await fetch(`${server.url}/status/401`);
    expect(unauthorized.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect((await fetch(`${server.url}/html`)).headers.get('content-type')).toMatch(/^text\/html/);
    expect((await fetch(`${server.url}/json`)).headers.get('content-type')).toMatch(/^application\/json/);
  });

  it.each([
    '/status/99',
    '/status/600',
    '/status/abc',
    '/status/',
    '/status/503x',
    '/events',
    '/events/orders/more',
    '/x',
    '//x',
    '/%zz',
  ])('answers 404 at %s', async (path) => {
    const server = await start();
    expect((await fetch(server.url + path)).status).toBe(404);
  });

  it('sends no header that a query tries to smuggle in', async () => {
    const server = await start();
    const response = await fetch(`${server.url}/status/503?retry-after=1%0d%0aSet-Cookie:%20a=b`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, null]);
  });

  it('answers 405 with Allow to other methods, and 413 to a body over 16 KiB', async () => {
    const server = await start();
    const put = await fetch(`${server.url}/events/orders`, { method: 'PUT' });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, POST']);
    const body = 'x'.repeat(16 * 1024 + 1);
    expect((await fetch(server.tokenUrl, { method: 'POST', body })).status).toBe(413);
  });

  it('lets pages of this machine use it, preflight included, and no other', async () => {
    const server = await start();
    const headers = { origin: 'http://localhost:5173', 'access-control-request-method': 'GET' };
    const preflight = await fetch(`${server.url}/events/orders`, { method: 'OPTIONS', headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/authorization.*last-event-id/i);
    const refused = await fetch(`${server.url}/events/orders`, {
      headers: { origin: 'https://evil.example' },
    });
    expect(refused.status).toBe(403);
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('is behind the loopback guard', async () => {
    const server = await start();
    const socket = connect(server.port, '127.0.0.1');
    socket.end('GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 421 /);
  });
});

describe('the sample server: its end', () => {
  it('rejects with EADDRINUSE when its port is taken', async () => {
    const server = await start();
    await expect(startSampleServer({ port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('lets go of streams, idle sockets and timers: a process that disposed of it ends by itself', async () => {
    const script = `
      import { connect } from 'node:net';
      import { startSampleServer } from ${JSON.stringify(new URL('../../../src/servers/sampleServer.ts', import.meta.url).href)};
      const server = await startSampleServer({ intervalMs: 5 });
      const token = await server.mint();
      const open = () => connect(server.port, '127.0.0.1').on('error', () => {});
      const sockets = [open(), open(), open()];
      sockets[0].write('GET / HTTP/1.1\\r\\nHost: localhost:' + server.port + '\\r\\n\\r\\n');
      sockets[1].write('GET /events/orders?token=' + token + ' HTTP/1.1\\r\\nHost: localhost:' + server.port + '\\r\\n\\r\\n');
      await Promise.all(sockets.slice(0, 2).map((socket) => new Promise((resolve) => socket.once('data', resolve))));
      await server.dispose();
      process.stdout.write('disposed');`;
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
      timeout: 15_000,
    });
    expect(stdout).toBe('disposed');
  });

  it('frees its port on both addresses, at once', async () => {
    const server = await start();
    await readUntil(`${server.url}/events/orders`, { headers: bearer(await server.mint()) }, upTo(2));
    for (let i = 0; i < 5; i += 1) {
      await server.dispose();
      await (await start({ port: server.port })).dispose();
    }
  });
});
