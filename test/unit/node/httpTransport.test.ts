import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpTransport } from '../../../src/node/httpTransport.ts';
import type { HttpRequest, ResponseHead, StreamEnd } from '../../../src/sse/transport.ts';
import { HttpServer } from '../../support/httpServer.ts';

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Opens and collects until the end. */
function exchange(request: Partial<HttpRequest> & { url: string }, headTimeoutMs = 5_000) {
  const transport = new HttpTransport({ headTimeoutMs });
  cleanups.push(() => transport.dispose());
  const heads: ResponseHead[] = [];
  const ends: StreamEnd[] = [];
  let text = '';
  const { promise: ended, resolve } = Promise.withResolvers<StreamEnd>();
  const { promise: headCame, resolve: onHead } = Promise.withResolvers<ResponseHead>();
  const disposable = transport.open(
    { method: 'GET', headers: [], ...request },
    {
      head: (head) => {
        heads.push(head);
        onHead(head);
      },
      chunk: (bytes) => {
        text += Buffer.from(bytes).toString('latin1');
      },
      end: (end) => {
        ends.push(end);
        resolve(end);
      },
    },
  );
  return { disposable, ended, headCame, heads, ends, text: () => text };
}

/** Answers every connection with raw bytes, and then does what it is told. */
async function rawServer(answer: string, then: (socket: Socket) => void = () => {}): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => socket.write(answer, 'latin1', () => then(socket)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('HttpTransport', () => {
  it('shows the head as it came: order, case and repetition of fields', async () => {
    const url = await rawServer(
      'HTTP/1.1 299 A Text\r\nX-b: 1\r\nX-A: 2\r\nx-b: 3\r\nContent-Length: 2\r\n\r\nhi',
    );
    const { ended, heads, text } = exchange({ url });
    expect(await ended).toEqual({ kind: 'end' });
    expect(heads).toEqual([
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
    ['a body shorter than announced', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi', 'end', 'truncated'],
    ['a reset', `${chunked}2\r\nhi\r\n`, 'reset', 'reset'],
    ['a broken chunk size', `${chunked}zz\r\nhi\r\n`, 'stay', 'protocol'],
    ['no HTTP at all', '220 mail.example ESMTP\r\n', 'stay', 'protocol'],
    ['a head that is too large', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, 'stay', 'protocol'],
    [
      'an upgrade nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
      'stay',
      'protocol',
    ],
    ['an end without an answer', '', 'end', 'reset'],
  ])('names %s', async (_, answer, then, error) => {
    const url = await rawServer(answer, (socket) => {
      if (then === 'end') socket.end();
      // A moment for the bytes to be read: a reset overtakes what is still in the buffers.
      if (then === 'reset') setImmediate(() => setImmediate(() => socket.resetAndDestroy()));
    });
    const { ended, ends } = exchange({ url });
    const end = await ended;
    expect(
      then === 'reset' && end.kind === 'error'
        ? ['reset', 'truncated'].includes(end.error) && error
        : end.kind === 'error' && end.error,
    ).toBe(error);
    await new Promise((resolve) => setImmediate(resolve));
    expect(ends).toHaveLength(1);
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
    atOnce.disposable.dispose();
    const open = exchange({ url: server.url });
    await open.headCame;
    open.disposable.dispose();
    await server.until(() => server.sockets.size === 0);
    expect([...atOnce.ends, ...atOnce.heads, ...open.ends]).toEqual([]);
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
