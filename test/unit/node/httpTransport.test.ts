import http from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpRequest, StreamEnd } from '../../../src/sse/transport.ts';
import { exchange as open, rawServer as serve } from '../../support/exchange.ts';
import { HttpServer } from '../../support/httpServer.ts';

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const exchange = (request: Partial<HttpRequest> & { url: string }, headTimeoutMs?: number) =>
  open(cleanups, request, headTimeoutMs);
const rawServer = (answer: string, then?: (socket: Socket) => void, host?: string) =>
  serve(cleanups, answer, then, host);
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('HttpTransport', () => {
  it('shows the head as it came: order, case and repetition of fields', async () => {
    const url = await rawServer(
      'HTTP/1.1 299 A Text\r\nX-b: 1\r\nX-A: 2\r\nx-b: 3\r\nContent-Length: 2\r\n\r\nhi',
    );
    const { ended, heads, text } = exchange({ url });
    expect(await ended).toEqual({ kind: 'end' });
    expect(heads).toMatchObject([
      {
        status: 299,
        statusText: 'A Text',
        httpVersion: '1.1',
        headers: [
          ['X-b', '1'],
          ['X-A', '2'],
          ['x-b', '3'],
          ['Content-Length', '2'],
        ],
      },
    ]);
    expect(text()).toBe('hi');
  });

  it.each([
    ['a chunked body that stops', `${chunked}5\r\nhel`, 'end', 'truncated'],
    ['a chunked body without its last chunk', `${chunked}2\r\nhi\r\n`, 'end', 'truncated'],
    ['a body shorter than announced', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi', 'end', 'short'],
    ['a broken chunk size', `${chunked}zz\r\nhi\r\n`, 'stay', 'protocol'],
    ['no HTTP at all', '220 mail.example ESMTP\r\n', 'stay', 'protocol'],
    [
      'a head that is too large',
      `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`,
      'stay',
      'headTooLarge',
    ],
    ['a field with a character HTTP forbids', 'HTTP/1.1 200 OK\r\nX y: 1\r\n\r\n', 'stay', 'invalidHeader'],
    ['a value with a control character', 'HTTP/1.1 200 OK\r\nX: a\u0000b\r\n\r\n', 'stay', 'invalidHeader'],
    [
      'two lengths',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      'stay',
      'invalidHeader',
    ],
    [
      'an upgrade nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
      'stay',
      'protocol',
    ],
    ['an end without an answer', '', 'end', 'noAnswer'],
    ['an end inside the head', 'HTTP/1.1 200 OK\r\nX: 1', 'end', 'noAnswer'],
  ])('names %s', async (_, answer, then, error) => {
    const url = await rawServer(answer, (socket) => {
      if (then === 'end') socket.end();
    });
    const { ended, ends } = exchange({ url });
    expect(await ended).toMatchObject({ kind: 'error', error });
    await new Promise((resolve) => setImmediate(resolve));
    expect(ends).toHaveLength(1);
  });

  it('names a reset, before the answer and in the middle of the body', async () => {
    const sockets: Socket[] = [];
    const url = await rawServer(`${chunked}2\r\nhi\r\n`, (socket) => void sockets.push(socket));
    const opened = exchange({ url });
    await opened.came('hi');
    sockets[0]?.resetAndDestroy();
    expect(await opened.ended).toMatchObject({ error: 'reset', code: 'ECONNRESET' });
    const early = await rawServer('', (socket) => void socket.resetAndDestroy());
    expect(await exchange({ url: early }).ended).toMatchObject({ error: 'reset', code: 'ECONNRESET' });
  });

  it('names a port where nothing listens, and a host that nobody knows', async () => {
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise<void>((resolve) => server.close(() => resolve()));
    expect(await exchange({ url: `http://127.0.0.1:${port}/` }).ended).toMatchObject({
      error: 'refused',
      code: 'ECONNREFUSED',
    });
    expect(await exchange({ url: 'http://nobody.invalid/' }).ended).toMatchObject({ error: 'dns' });
  });

  it('hands out chunks as the server sent them, also those that came together', async () => {
    const url = await rawServer(`${chunked}1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n`);
    const { ended, chunks } = exchange({ url });
    expect(await ended).toEqual({ kind: 'end' });
    expect(chunks.map((bytes) => Buffer.from(bytes).toString())).toEqual(['a', 'bc', 'def']);
  });

  it('shows more than 2,000 fields', async () => {
    const fields = Array.from({ length: 2_500 }, (_, i) => `X-${i}: ${i}`);
    const url = await rawServer(['HTTP/1.1 204 No Content', ...fields, '', ''].join('\r\n'));
    const { headers } = await exchange({ url }).headCame;
    expect(headers.at(-1)).toEqual(['X-2499', '2499']);
  });

  it('tells how long the steps took, and the other end', async () => {
    const server = await HttpServer.start((_, response) => response.end());
    cleanups.push(() => server.close());
    const named = await exchange({ url: server.url.replace('127.0.0.1', 'localhost') }).headCame;
    const { dnsMs = Number.NaN, connectMs = Number.NaN, firstByteMs = Number.NaN } = named.timing ?? {};
    for (const ms of [dnsMs, connectMs, firstByteMs]) expect(ms).toBeGreaterThanOrEqual(0);
    expect(dnsMs + connectMs).toBeLessThanOrEqual(firstByteMs);
    expect(named.timing).not.toHaveProperty('tlsMs');
    expect(named.connection).toEqual({ remote: `127.0.0.1:${server.port}` });
    const numbered = await exchange({ url: server.url }).headCame;
    expect(numbered.timing).not.toHaveProperty('dnsMs');
    expect(numbered.timing?.connectMs).toBeGreaterThanOrEqual(0);
  });

  it('makes up no times for a socket that was connected long ago, and leaves none behind', async () => {
    const server = await HttpServer.start((_, response) => response.end());
    cleanups.push(() => server.close());
    const { promise: pooled, resolve } = Promise.withResolvers<void>();
    http.get(server.url, (response) => response.resume().on('close', resolve));
    await pooled;
    // node puts a socket into its pool a tick after the response's end.
    await new Promise((done) => setImmediate(done));
    const headers: [string, string][] = [['Connection', 'keep-alive']];
    const { headCame, ended } = exchange({ url: server.url, headers });
    const { timing } = await headCame;
    await ended;
    expect(server.requests[1]?.socket).toBe(server.requests[0]?.socket);
    expect(Object.keys(timing ?? {})).toEqual(['firstByteMs']);
    await server.until(() => server.sockets.size === 0);
  });

  it('reaches a server by IPv6', async ({ skip }) => {
    const url = await rawServer('HTTP/1.1 204 No Content\r\n\r\n', undefined, '::1').catch((error) =>
      skip(`No IPv6 here: ${error.message}`),
    );
    const { connection } = await exchange({ url }).headCame;
    expect(connection?.remote).toBe(new URL(url).host);
  });

  it('aborts what is in flight when it is disposed', async () => {
    const server = await HttpServer.start((_, response) => void response.write('data'));
    cleanups.push(() => server.close());
    const opened = exchange({ url: server.url });
    await opened.headCame;
    await cleanups.pop()?.();
    await server.until(() => server.sockets.size === 0);
    expect(opened.ends).toEqual([] satisfies StreamEnd[]);
  });

  it('ends cleanly where the connection is the body', async () => {
    const url = await rawServer('HTTP/1.0 200 OK\r\n\r\nhi', (socket) => void socket.end());
    const { ended, text, heads } = exchange({ url });
    expect(await ended).toEqual({ kind: 'end' });
    expect(text()).toBe('hi');
    expect(heads[0]?.httpVersion).toBe('1.0');
  });

  it('sends bytes, not characters: a body in UTF-8, header values one byte a character', async () => {
    const { promise: body, resolve } = Promise.withResolvers<string>();
    const server = await HttpServer.start((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      request.on('end', () => {
        resolve(text);
        response.end();
      });
    });
    cleanups.push(() => server.close());
    const { ended } = exchange({
      url: server.url,
      method: 'REPORT',
      headers: [
        ['X', 'Ã©'],
        ['X', '2'],
      ],
      body: 'é✓',
    });
    await ended;
    expect(await body).toBe('é✓');
    expect(server.requests[0]?.method).toBe('REPORT');
    expect(server.requests[0]?.headers).toMatchObject({ 'content-length': '5', x: 'Ã©, 2' });
  });

  it('throws where the request is impossible', () => {
    expect(() => exchange({ url: 'http://127.0.0.1:1/', headers: [['X', 'a\nb']] })).toThrow();
    expect(() => exchange({ url: 'http://127.0.0.1:1/', headers: [['a b', '']] })).toThrow();
    expect(() => exchange({ url: 'nope' })).toThrow();
  });

  it('says nothing once disposed: before the head, after it, and at once', async () => {
    const server = await HttpServer.start((_, response) => void response.write('data'));
    cleanups.push(() => server.close());
    const atOnce = exchange({ url: server.url });
    atOnce.abort();
    const opened = exchange({ url: server.url });
    await opened.headCame;
    opened.abort();
    await server.until(() => server.sockets.size === 0);
    expect([...atOnce.ends, ...atOnce.heads, ...opened.ends]).toEqual([]);
  });

  it('waits for a head as long as it is told, and for a body for ever', async () => {
    const silent = await rawServer('');
    expect(await exchange({ url: silent }, 20).ended).toMatchObject({ kind: 'error', error: 'headTimeout' });
    const server = await HttpServer.start((_, response) => {
      response.write('a');
      setTimeout(() => response.end('b'), 60);
    });
    cleanups.push(() => server.close());
    const slow = exchange({ url: server.url }, 20);
    // The head may come late on a busy machine; what is asked is that nothing after it is timed.
    const end = await slow.ended;
    if (slow.heads.length === 1) expect([end, slow.text()]).toEqual([{ kind: 'end' }, 'ab']);
  });
});
