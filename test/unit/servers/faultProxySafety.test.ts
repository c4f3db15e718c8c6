import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FaultProxyOptions } from '../../../src/servers/faultProxy.ts';
import { type Proxied, startProxied, stepsOf, until } from '../../support/proxied.ts';

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const page = 'https://app.example.com';
let asked: string[];
let proxied: Proxied;
/** Path and query that lead to the upstream. */
let target: string;

async function start(options: Partial<FaultProxyOptions> = {}): Promise<void> {
  asked = [];
  proxied = await startProxied(
    cleanups,
    (request, response) => {
      if (request.url === '/away')
        response.writeHead(302, { location: 'https://elsewhere.example/in?token=abcdef' });
      else if (request.url === '/events') {
        response.writeHead(200, { 'content-type': 'text/event-stream', 'access-control-allow-origin': '*' });
        response.write('data: 1\n\n');
        return;
      }
      response.end('here');
    },
    {
      allowOrigin: (origin) => {
        asked.push(origin);
        return true;
      },
      ...options,
    },
  );
  target = new URL(proxied.proxy.url).pathname;
}

function socketTo(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  cleanups.push(() => void socket.destroy());
  return socket;
}

/** What is answered to these very lines, up to the end of the connection; Host is right where none is given. */
async function say(...lines: string[]): Promise<string> {
  const { port } = proxied.proxy;
  const host = lines.some((line) => /^host:/i.test(line)) ? [] : [`Host: 127.0.0.1:${port}`];
  const [first = '', ...rest] = lines;
  const socket = socketTo(port);
  socket.write([first, ...host, ...rest, 'Connection: close', '', ''].join('\r\n'));
  return textOf(socket).catch(() => '');
}

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.resume().once('close', () => resolve()));

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
const other = (): string => target.replace('/events', '/other');

beforeEach(() => start());

describe('who is let in', () => {
  it.each([
    ['another Host', 421, () => [`GET ${target} HTTP/1.1`, 'Host: evil.example']],
    ['a rebound name', 421, () => [`GET ${target} HTTP/1.1`, `Host: evil.example:${proxied.proxy.port}`]],
    ['another port', 421, () => [`GET ${target} HTTP/1.1`, 'Host: 127.0.0.1:1']],
    [
      'two Hosts',
      421,
      () => [`GET ${target} HTTP/1.1`, 'Host: localhost', `Host: 127.0.0.1:${proxied.proxy.port}`],
    ],
    ['the absolute form', 421, () => [`GET http://127.0.0.1:${proxied.upstream.port}/events HTTP/1.1`]],
    ['no secret', 404, () => ['GET /events HTTP/1.1']],
    ['a wrong secret', 404, () => [`GET ${target.replace(/^\/./, '/~')} HTTP/1.1`]],
    [
      'a part of the secret',
      404,
      () => [`GET ${target.replace('/events', '').slice(0, -1)}/events HTTP/1.1`],
    ],
    ['CONNECT', 0, () => [`CONNECT 127.0.0.1:${proxied.upstream.port} HTTP/1.1`]],
    ['CONNECT with the secret', 0, () => [`CONNECT ${target} HTTP/1.1`]],
    ['a page without a name', 403, () => [`GET ${target} HTTP/1.1`, 'Origin: null']],
    ['an origin that is none', 403, () => [`GET ${target} HTTP/1.1`, `Origin: ${page}/path`]],
    [
      'a foreign site that says no origin',
      403,
      () => [`GET ${target} HTTP/1.1`, 'Sec-Fetch-Site: cross-site'],
    ],
    ['garbage', 400, () => ['\u0016\u0003\u0001 no HTTP']],
  ])('turns away %s, opens no socket to the upstream and asks nobody', async (_what, status, lines) => {
    expect(statusOf(await say(...lines()))).toBe(status);
    expect([proxied.upstream.accepted, asked, proxied.proxy.clients.length]).toEqual([0, [], 0]);
  });

  it('asks about an origin once, lets the page wait meanwhile, and holds to a no', async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    await start({
      allowOrigin: (origin) => {
        asked.push(origin);
        return promise;
      },
    });
    const requests = [1, 2].map(() =>
      say(`GET ${other()} HTTP/1.1`, `Origin: ${page}`, 'Sec-Fetch-Site: cross-site'),
    );
    resolve(false);
    const answers = [
      ...(await Promise.all(requests)),
      await say(`GET ${other()} HTTP/1.1`, `Origin: ${page}`),
    ];
    expect(answers.map(statusOf)).toEqual([403, 403, 403]);
    expect(answers.join()).not.toMatch(/access-control/i);
    expect(asked).toEqual([page]);
    expect(proxied.upstream.accepted).toBe(0);
  });

  it('asks about no more than eight origins at a time', async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    await start({
      allowOrigin: (origin) => {
        asked.push(origin);
        return promise;
      },
    });
    let refused = 0;
    const { promise: fourRefused, resolve: refuse } = Promise.withResolvers<void>();
    const answers = Array.from({ length: 12 }, async (_, i) => {
      const status = statusOf(await say(`GET ${other()} HTTP/1.1`, `Origin: https://${i}.example`));
      if (status === 403 && ++refused === 4) refuse();
      return status;
    });
    await fourRefused;
    resolve(true);
    expect((await Promise.all(answers)).filter((status) => status === 200)).toHaveLength(8);
    expect(asked).toHaveLength(8);
  });

  it('takes a question that fails for a no', async () => {
    await start({ allowOrigin: () => Promise.reject(new Error('no window')) });
    expect(statusOf(await say(`GET ${target} HTTP/1.1`, `Origin: ${page}`))).toBe(403);
  });
});

describe('pages that were allowed', () => {
  it('answers their preflights by itself', async () => {
    const answer = await say(
      `OPTIONS ${target} HTTP/1.1`,
      `Origin: ${page}`,
      'Access-Control-Request-Method: PUT',
      'Access-Control-Request-Headers: authorization,last-event-id',
      'Access-Control-Request-Private-Network: true',
    );
    expect(statusOf(answer)).toBe(204);
    for (const line of [
      `Access-Control-Allow-Origin: ${page}`,
      'Access-Control-Allow-Credentials: true',
      'Access-Control-Allow-Methods: PUT',
      'Access-Control-Allow-Headers: authorization,last-event-id',
      'Access-Control-Allow-Private-Network: true',
    ])
      expect(answer).toContain(`\r\n${line}\r\n`);
    expect(proxied.upstream.accepted).toBe(0);
  });

  it('lets them read every answer, whatever the upstream says of that', async () => {
    const answer = await fetch(proxied.proxy.url, {
      headers: { Origin: page, 'Sec-Fetch-Site': 'cross-site' },
    });
    expect(answer.headers.get('access-control-allow-origin')).toBe(page);
    expect(answer.headers.get('access-control-expose-headers')).toContain('content-type');
    expect(proxied.upstream.requests[0]?.headers.origin).toBe(page);
    await answer.body?.cancel();
  });

  it('takes a page that came through the proxy for one of the upstream', async () => {
    const { origin } = new URL(proxied.proxy.url);
    const referer = proxied.proxy.url.replace('/events', '/page');
    await (
      await fetch(proxied.proxy.url.replace('/events', '/other'), {
        headers: { Origin: origin, Referer: referer },
      })
    ).text();
    expect(asked).toEqual([]);
    expect(proxied.upstream.requests[0]?.headers).toMatchObject({
      origin: `http://127.0.0.1:${proxied.upstream.port}`,
      referer: `http://127.0.0.1:${proxied.upstream.port}/page`,
    });
  });
});

describe('what it does not do', () => {
  it('switches no protocol', async () => {
    const answer = await say(
      `GET ${other()} HTTP/1.1`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: x',
    );
    expect(statusOf(answer)).toBe(200);
    expect(proxied.upstream.requests[0]?.headers).not.toHaveProperty('upgrade');
  });

  it('adds no credential, unless it was told to, and never shows it', async () => {
    await (await fetch(proxied.proxy.url.replace('/events', '/other'))).text();
    expect(proxied.upstream.requests[0]?.headers.authorization).toBeUndefined();
    await start({
      authorize: async (request) => ({
        ...request,
        headers: [...request.headers, ['Authorization', 'Bearer of-the-user']],
      }),
    });
    await (await fetch(proxied.proxy.url.replace('/events', '/other'))).text();
    expect(proxied.upstream.requests[0]?.headers.authorization).toBe('Bearer of-the-user');
    const { request } = proxied.proxy.clients[0] ?? {};
    expect([JSON.stringify(request), request?.placement]).toEqual([
      expect.not.stringContaining('of-the-user'),
      'none',
    ]);
  });

  it('says why, where the credential can not be had', async () => {
    await start({ authorize: () => Promise.reject(new Error('No token is stored')) });
    const answer = await fetch(proxied.proxy.url);
    expect([answer.status, await answer.json()]).toEqual([
      502,
      { error: expect.stringContaining('No token is stored') },
    ]);
    expect(proxied.upstream.accepted).toBe(0);
  });

  it('tells of a redirect that leads a client away', async () => {
    const answer = await fetch(proxied.proxy.url.replace('/events', '/away'), { redirect: 'manual' });
    expect(answer.headers.get('location')).toBe('https://elsewhere.example/in?token=abcdef');
    await answer.text();
    await until(proxied.proxy, () => proxied.proxy.clients[0]?.isBusy === false);
    expect(stepsOf(proxied.proxy.clients[0] as never)).toMatchObject([
      { step: 'escaped', to: 'https://elsewhere.example/in?token=•••' },
      { step: 'redirect', browser: { do: 'follow' } },
    ]);
  });

  it.each(['ftp://x.example/', 'http://me:pw@x.example/'])('stands before no %s', async (url) => {
    await expect(start({ upstream: new URL(url) })).rejects.toMatchObject({ name: 'AppError' });
  });

  it('does not stand before itself', async () => {
    const { port } = proxied.proxy;
    await expect(start({ upstream: new URL(`http://localhost:${port}/`), port })).rejects.toMatchObject({
      code: 'proxy.loop',
    });
  });
});

describe('bad clients', () => {
  it('bounds heads, and lets nobody else notice', async () => {
    const stream = await fetch(proxied.proxy.url);
    const reader = stream.body?.getReader();
    await reader?.read();
    const half = socketTo(proxied.proxy.port);
    half.write(`GET ${target} HTTP/1.1\r\nHo`);
    const flood = socketTo(proxied.proxy.port);
    flood.write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${proxied.proxy.port}\r\n`);
    const line = `X-Much: ${'x'.repeat(1_000)}\r\n`.repeat(1_000);
    for (let i = 0; i < 10; i++) flood.write(line);
    await closed(flood);
    expect(proxied.upstream.accepted).toBe(1);
    const next = reader?.read();
    proxied.injector.injectNow({ kind: 'cut', afterEvents: 0, how: 'end' });
    expect(await next).toMatchObject({ done: true });
  });

  it('takes 1,000 connections without harm to who is there', async () => {
    const stream = await fetch(proxied.proxy.url);
    const reader = stream.body?.getReader();
    await reader?.read();
    const sockets = Array.from({ length: 1_000 }, () => socketTo(proxied.proxy.port));
    const ends = sockets.map(closed);
    let gone = 0;
    await new Promise<void>((resolve) => {
      for (const one of ends) void one.then(() => ++gone === 745 && resolve());
    });
    for (const socket of sockets) socket.destroy();
    await Promise.all(ends);
    proxied.injector.injectNow({ kind: 'cut', afterEvents: 0, how: 'end' });
    expect(await reader?.read()).toMatchObject({ done: true });
    expect(proxied.upstream.accepted).toBe(1);
    expect((await fetch(proxied.proxy.url.replace('/events', '/other'))).status).toBe(200);
  });
});

describe('its end', () => {
  it('closes everything and leaves the port free, on both addresses', async () => {
    const { proxy, upstream } = proxied;
    const stream = await fetch(proxy.url);
    await proxy.dispose();
    await expect(stream.text()).rejects.toThrow();
    await upstream.until(() => upstream.sockets.size === 0);
    expect(proxy.clients).toEqual([]);
    const server = createServer();
    cleanups.push(() => void server.close());
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(proxy.port, '::', resolve);
    });
  });

  it('leaves nothing behind where the port is taken', async () => {
    await expect(start({ port: proxied.proxy.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('is that of its process, however that ends', async () => {
    const program = fork(join(import.meta.dirname, '../../support/faultProxyProcess.ts'));
    const [port] = (await once(program, 'message')) as [number];
    cleanups.push(() => void program.kill('SIGKILL'));
    const socket = socketTo(port);
    await once(socket, 'connect');
    const gone = once(program, 'exit');
    program.kill('SIGKILL');
    await closed(socket);
    // The system closes the sockets of a process one by one: the stream's may go before the one that listens.
    await gone;
    const [error] = await once(connect(port, '127.0.0.1'), 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });
});
