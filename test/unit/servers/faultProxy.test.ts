import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { faultOf } from '../../../src/lab/faultForms.ts';
import { type Proxied, recordsOf, startProxied, stepsOf, until } from '../../support/proxied.ts';

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const start = (
  answer: Parameters<typeof startProxied>[1],
  options?: Parameters<typeof startProxied>[2],
): Promise<Proxied> => startProxied(cleanups, answer, options);

/** An event stream that ends by itself. */
const stream =
  (...texts: string[]) =>
  (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const text of texts) response.write(text);
    response.end();
  };

/** A stream that stays open. */
const open =
  (text: string) =>
  (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text);
  };

/** A client whose answer is read as it comes. */
function connectTo(url: string, headers: Record<string, string> = {}) {
  const { promise: head, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = httpRequest(url, { headers }, resolve);
  request.on('error', reject);
  request.end();
  cleanups.push(() => void request.destroy());
  return { head, close: () => request.destroy() };
}

describe('what passes', () => {
  it('passes head, bytes and end as they are, and records them as a connection', async () => {
    const body = 'id: 1\ndata: a\n\n: beat\n\nevent: x\ndata: b\n\n';
    const { proxy } = await start(stream(body));
    const answer = await fetch(proxy.url, { headers: { 'Last-Event-ID': '0', 'User-Agent': 'mine/1' } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect(await answer.text()).toBe(body);
    const [client] = proxy.clients;
    await until(proxy, () => client?.state.kind === 'closed');
    expect(client).toMatchObject({
      name: 'orders: client 1',
      attempts: 1,
      lastEventId: '1',
      request: { userAgent: 'mine/1', lastEventId: '0', placement: 'none', origin: '' },
      state: { kind: 'closed', reason: { kind: 'ended', end: { kind: 'end' }, wasOpen: true } },
    });
    expect(recordsOf(client as never).map((one) => (one.kind === 'step' ? one.step.step : one.kind))).toEqual(
      ['open', 'event', 'comment', 'event', 'ended'],
    );
  });

  it('sends the path, the query, the method and the fields, without those of one hop', async () => {
    const { proxy, upstream } = await start(stream());
    const url = new URL(proxy.url);
    url.pathname = url.pathname.replace('/events', '/a%2Fb/c');
    url.search = '?x=1&x=2';
    await fetch(url, {
      method: 'DELETE',
      headers: { 'X-Mine': 'yes', 'Accept-Encoding': 'gzip', TE: 'trailers' },
    });
    const [{ method, url: path, headers } = {} as IncomingMessage] = upstream.requests;
    expect([method, path]).toEqual(['DELETE', '/a%2Fb/c?x=1&x=2']);
    expect(headers).toMatchObject({
      host: `127.0.0.1:${upstream.port}`,
      'x-mine': 'yes',
      'accept-encoding': 'identity',
    });
    expect(headers).not.toHaveProperty('te');
  });

  it.each(['length', 'chunked'])('streams a POST body through (%s)', async (kind) => {
    const { proxy, upstream } = await start((request, response) => {
      request.pipe(response);
    });
    const body = Buffer.alloc(300_000, 'äx');
    const answer = await fetch(proxy.url, {
      method: 'POST',
      body: kind === 'length' ? body : new Blob([body]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
    const { headers } = upstream.requests[0] as IncomingMessage;
    expect(headers[kind === 'length' ? 'content-length' : 'transfer-encoding']).toBe(
      kind === 'length' ? '300000' : 'chunked',
    );
  });

  it('lets several requests go over one connection of a client', async () => {
    const { proxy } = await start((_request, response, count) => response.end(String(count)));
    const { pathname } = new URL(proxy.url);
    const socket = connect(proxy.port, '127.0.0.1');
    cleanups.push(() => void socket.destroy());
    const get = `GET ${pathname} HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\n`;
    socket.write(`${get}\r\n${get}Connection: close\r\n\r\n`);
    const said = await textOf(socket);
    expect(said.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
    expect(said).toMatch(/\r\n\r\n1HTTP[\s\S]*\r\n\r\n2$/);
  });

  it('passes trailers on', async () => {
    const { proxy } = await start((_request, response) => {
      response.writeHead(200, { trailer: 'X-Sum' });
      response.write('a');
      response.addTrailers({ 'X-Sum': '7' });
      response.end();
    });
    const answer = await connectTo(proxy.url).head;
    await textOf(answer);
    expect(answer.trailers).toEqual({ 'x-sum': '7' });
  });

  it('undoes an encoding that nobody asked for', async () => {
    const { proxy } = await start((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      response.end(gzipSync('data: 1\n\n'));
    });
    const answer = await connectTo(proxy.url).head;
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(await textOf(answer)).toBe('data: 1\n\n');
    expect(proxy.clients[0]?.capture.events).toBe(1);
  });

  it('makes the upstream wait for a slow client', async () => {
    const { answer: endless, written } = fullStream();
    const { proxy, upstream } = await start(endless);
    const answer = await connectTo(proxy.url).head;
    answer.pause();
    await upstream.until(() => upstream.requests.length === 1);
    // Both sides' buffers fill up; nothing is to be waited for after that but the next second.
    const before = await settled(written);
    expect(before).toBeLessThan(400);
    answer.resume();
    expect(await settled(written)).toBeGreaterThan(before);
  });

  it('passes an answer that is no stream, and keeps the start of it', async () => {
    const { proxy } = await start((_request, response) => {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<p>no');
    });
    expect(await (await fetch(proxy.url)).text()).toBe('<p>no');
    await until(proxy, () => proxy.clients[0]?.state.kind === 'closed');
    expect(stepsOf(proxy.clients[0] as never)).toMatchObject([
      { step: 'answer', head: { status: 404 }, body: '<p>no', browser: { do: 'stop' } },
    ]);
  });

  it('answers 502 in a sentence where there is no upstream', async () => {
    const { proxy, upstream } = await start(stream());
    await upstream.close();
    const answer = await fetch(proxy.url);
    expect(answer.status).toBe(502);
    expect(await answer.json()).toEqual({
      error: 'The upstream gave no answer: nothing listens at that address (ECONNREFUSED).',
    });
    expect(stepsOf(proxy.clients[0] as never)).toMatchObject([
      { step: 'answer', head: { status: 502, injected: true } },
    ]);
  });

  it('breaks off for the client what breaks off at the upstream, and the other way round', async () => {
    const { proxy, upstream } = await start(open('data: 1\n\n'));
    const first = await connectTo(proxy.url).head;
    first.once('data', () => {
      for (const socket of upstream.sockets) socket.destroy();
    });
    await expect(textOf(first)).rejects.toThrow();
    const second = connectTo(proxy.url);
    await second.head;
    second.close();
    await upstream.until(() => upstream.sockets.size === 0);
    await until(proxy, () => proxy.clients[0]?.isBusy === false);
    expect(stepsOf(proxy.clients[0] as never)).toMatchObject([
      { step: 'open' },
      { step: 'ended', end: { kind: 'error', error: 'truncated' } },
      { step: 'open', cause: 'retry' },
      { step: 'closed', reason: { kind: 'disconnected' } },
    ]);
  });
});

/** A stream of 32 MiB, as fast as it is taken; how much of it was written, in chunks of 64 KiB. */
function fullStream() {
  let count = 0;
  const chunk = Buffer.from(`data: ${'x'.repeat(65_536)}\n\n`);
  return {
    written: () => count,
    answer(_request: IncomingMessage, response: ServerResponse): void {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const fill = (): void => {
        while (count++ < 500) if (!response.write(chunk)) return void response.once('drain', fill);
      };
      fill();
    },
  };
}

/** The value once it has stayed the same for a while: for what can only be seen not to go on. */
async function settled(value: () => number): Promise<number> {
  for (let last = value(); ; last = value()) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    if (value() === last) return last;
  }
}

describe('heads that no server may send', () => {
  /** An upstream that writes these bytes for its head. */
  const raw = (head: string): Promise<Proxied> =>
    start(
      (request) => void request.socket.end(Buffer.from(`${head}\r\nContent-Length: 2\r\n\r\nhi`, 'latin1')),
    );

  it.each(['HTTP/1.1 200 O\x01K', 'HTTP/1.1 200 O\x7fK'])('passes %j without its reason', async (head) => {
    const { proxy } = await raw(head);
    const answer = await fetch(proxy.url);
    expect([answer.status, answer.statusText, await answer.text()]).toEqual([200, '', 'hi']);
  });

  it('says that a status is none, and goes on', async () => {
    const { proxy } = await raw('HTTP/1.1 099 Odd');
    for (let i = 0; i < 2; i++) {
      const answer = await fetch(proxy.url);
      expect(answer.status).toBe(502);
      expect(await answer.json()).toEqual({ error: expect.stringContaining('99') });
    }
  });
});

describe('answers in between', () => {
  it.each([
    ['HTTP/1.1 103 Early Hints\r\nLink: </app.css>; rel=preload\r\n\r\n', 'one'],
    ['HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n', 'two'],
  ])('drops %j, and what follows passes as it is', async (between) => {
    const data = (port: number): string =>
      `id: 1\ndata: {"next":"http://127.0.0.1:${port}/events?page=2","hint":"HTTP/1.1 103 Early Hints"}\n\n`;
    const { proxy, upstream } = await start(({ socket }) => {
      const body = data(socket.localPort ?? 0);
      socket.end(
        `${between}HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    });
    const socket = connect(proxy.port, '127.0.0.1');
    cleanups.push(() => void socket.destroy());
    const { pathname } = new URL(proxy.url);
    socket.write(`GET ${pathname} HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\nConnection: close\r\n\r\n`);
    const said = await textOf(socket);
    const [head = '', ...rest] = said.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(head).not.toMatch(/link|10[23]/i);
    // URLs of the upstream in it are the server's data, and stay.
    expect(rest.join('\r\n\r\n')).toBe(data(upstream.port));
    const [client] = proxy.clients;
    await until(proxy, () => client?.state.kind === 'closed');
    expect(client && recordsOf(client).map(({ kind }) => kind)).toEqual(['step', 'event', 'step']);
  });

  it('is no answer where nothing follows', async () => {
    const { proxy } = await start(({ socket }) => void socket.end('HTTP/1.1 103 Early Hints\r\n\r\n'));
    expect((await fetch(proxy.url)).status).toBe(502);
  });
});

describe('clients', () => {
  it('counts the requests of one as its attempts, and a second open stream as another one', async () => {
    const { proxy } = await start(open('id: 1\ndata\n\n'));
    const a = connectTo(proxy.url);
    await a.head;
    const b = connectTo(proxy.url);
    await b.head;
    expect(proxy.clients).toHaveLength(2);
    a.close();
    await until(proxy, () => proxy.clients[0]?.isBusy === false);
    await connectTo(proxy.url, { 'Last-Event-ID': '1' }).head;
    expect(proxy.clients.map(({ attempts }) => attempts)).toEqual([2, 1]);
    await connectTo(proxy.url, { Authorization: 'Bearer abc' }).head;
    expect(proxy.clients).toHaveLength(3);
  });

  it('takes the request that a redirect leads to for the next attempt', async () => {
    const { proxy } = await start((request, response) => {
      if (request.url === '/events') response.writeHead(302, { location: '/other?x=1' }).end();
      else stream('data\n\n')(request, response);
    });
    await (await fetch(proxy.url)).text();
    await until(proxy, () => proxy.clients[0]?.attempts === 2 && !proxy.clients[0].isBusy);
    expect(stepsOf(proxy.clients[0] as never).map(({ step }) => step)).toEqual(['redirect', 'open', 'ended']);
    await (await fetch(proxy.url)).text();
    expect(proxy.clients).toHaveLength(1);
  });

  it('keeps 64, the last ones and those that had a stream', async () => {
    const { proxy } = await start((request, response) => {
      if (request.url === '/events') stream('data\n\n')(request, response);
      else response.end();
    });
    await (await fetch(proxy.url)).text();
    const base = proxy.url.replace('/events', '');
    for (let i = 0; i < 70; i++) await (await fetch(`${base}/${i}`)).text();
    expect(proxy.clients).toHaveLength(64);
    expect(proxy.clients[0]?.number).toBe(1);
    expect(proxy.clients[1]?.number).toBe(9);
  });

  it.each([
    ['header', { Authorization: 'Bearer s3cret-token' }, ''],
    ['query', {}, '?access_token=s3cret-token'],
    ['cookie', { Cookie: 'access_token=s3cret-token' }, ''],
  ])('masks a token in the %s, also where the server echoes it', async (placement, headers, query) => {
    const { proxy, redactor } = await start((_request, response) => {
      response.writeHead(401, { 'x-echo': 's3cret-token' }).end('no s3cret-token here');
    });
    await (await fetch(`${proxy.url}${query}`, { headers })).text();
    await until(proxy, () => proxy.clients[0]?.isBusy === false);
    const client = proxy.clients[0];
    expect(client?.request.placement).toBe(placement);
    expect(JSON.stringify([stepsOf(client as never), client?.request, client?.settings])).not.toContain(
      's3cret',
    );
    expect(redactor.text(proxy.url)).not.toBe(proxy.url);
  });
});

describe('faults', () => {
  it('answers in the place of the upstream, as often as it was told to', async () => {
    const { proxy, injector, upstream } = await start(stream('data\n\n'));
    injector.arm([faultOf('status', { status: 503, headers: [['Retry-After', '5']], body: 'later' })], 2);
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await fetch(proxy.url));
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 200]);
    expect(answers[0]?.headers.get('retry-after')).toBe('5');
    expect(await answers[0]?.text()).toBe('later');
    expect(upstream.requests).toHaveLength(1);
    expect(stepsOf(proxy.clients[0] as never).slice(0, 1)).toMatchObject([
      { step: 'answer', head: { status: 503, injected: true }, body: 'later' },
    ]);
  });

  it.each([
    ['midEvent', 'data: 1\n\ndata:'],
    ['reset', 'data: 1\n\n'],
  ])('breaks the connection (%s) behind what it let through', async (how, came) => {
    const { proxy, injector } = await start(open('data: 1\n\ndata: 2\n\n'));
    injector.arm([faultOf('cut', { afterEvents: 1, how })], 1);
    const answer = await connectTo(proxy.url).head;
    let text = '';
    answer.on('data', (bytes) => {
      text += bytes;
    });
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => answer.on('error', resolve));
    expect([text, error.code]).toEqual([came, 'ECONNRESET']);
    expect(stepsOf(proxy.clients[0] as never).at(-1)).toMatchObject({
      step: 'ended',
      end: { error: 'reset', injected: true },
    });
  });

  it('ends a stream cleanly and lets go of the upstream', async () => {
    const { proxy, injector, upstream } = await start(open('data: 1\n\n'));
    const answer = await connectTo(proxy.url).head;
    answer.once('data', () => injector.injectNow(faultOf('cut', { afterEvents: 0, how: 'end' })));
    expect(await textOf(answer)).toBe('data: 1\n\n');
    await upstream.until(() => upstream.sockets.size === 0);
    expect(injector.open).toBe(0);
  });

  it('sends the halves of a character apart', async () => {
    const { proxy, injector } = await start(open('data: €\n\n'));
    injector.arm([faultOf('splitCharacter', { ms: 50 })], 1);
    const answer = await connectTo(proxy.url).head;
    const chunks: Buffer[] = [];
    await new Promise<void>((resolve) =>
      answer.on('data', (chunk) => {
        if (chunks.push(chunk) === 2) resolve();
      }),
    );
    expect(chunks.map(({ length }) => length)).toEqual([7, 4]);
  });

  it('makes the upstream wait while it holds as much as it may', async () => {
    const { answer: endless, written } = fullStream();
    const { proxy, injector } = await start(endless);
    injector.arm([faultOf('burst', { ms: 3_600_000 })], 1);
    await connectTo(proxy.url).head;
    expect(await settled(written)).toBeLessThan(400);
    expect(JSON.stringify(stepsOf(proxy.clients[0] as never))).not.toContain('1 MiB');
  });
});
