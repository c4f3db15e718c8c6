import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpTransport } from '../../../src/node/httpTransport.ts';
import { maxAnswerBytes } from '../../../src/sse/answerBody.ts';
import { Connection, type ConnectionOptions, NoTokenError } from '../../../src/sse/connection.ts';
import { lastEventIdHeader } from '../../../src/sse/lastEventId.ts';
import type { Step } from '../../../src/sse/steps.ts';
import type { HttpRequest, Transport } from '../../../src/sse/transport.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { FakeTransport } from '../../support/fakeTransport.ts';
import { eventStream, HttpServer } from '../../support/httpServer.ts';
import { RecordingSink } from '../../support/recordingSink.ts';

const resilient: ConnectionOptions = {
  policy: 'resilient',
  reconnect: { initialMs: 1_000, maxMs: 30_000, jitter: 0, maxAttempts: 0 },
  lastEventId: '',
};

interface Made {
  connection: Connection;
  sink: RecordingSink;
  clock: FakeClock;
}

function make(
  transport: Transport,
  {
    url = 'http://test.invalid/',
    options = resilient,
    sink = new RecordingSink(),
    authorize = undefined as undefined | (() => void | Promise<void>),
  } = {},
): Made {
  const clock = new FakeClock();
  const connection = new Connection(
    {
      clock,
      random: () => 0,
      transport,
      options: () => options,
      async authorize({ lastEventId, url: redirected }): Promise<HttpRequest> {
        await authorize?.();
        const id = lastEventIdHeader(lastEventId);
        return {
          url: redirected ?? url,
          method: 'GET',
          headers: id === undefined ? [] : [['Last-Event-ID', id]],
        };
      },
      explainUnauthorized: () => 'The token expired.',
      redact: {
        headers: (headers) => headers.map(([name, value]) => [name, value.replaceAll('hunter22', '•••')]),
        text: (text) => text.replaceAll('hunter22', '•••'),
        cutText: (text) => text.replaceAll('hunter22', '•••'),
        url: (text) => text.replaceAll('hunter22', '•••'),
      },
    },
    sink,
  );
  return { connection, sink, clock };
}

/** Lets what was promised happen: the request of an attempt is made after `authorize`. */
async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

function stepNames(sink: RecordingSink): string[] {
  return sink.steps.map(({ step }) => step);
}

function stepOf<K extends Step['step']>(sink: RecordingSink, kind: K): Step & { step: K } {
  const found = sink.steps.findLast((step) => step.step === kind);
  if (!found) throw new Error(`There is no step ${kind} in ${stepNames(sink)}.`);
  return found as Step & { step: K };
}

describe('a connection', () => {
  let transport: FakeTransport;
  beforeEach(() => {
    transport = new FakeTransport();
  });

  async function opened(more: Parameters<typeof make>[1] = {}): Promise<Made> {
    const made = make(transport, more);
    made.connection.connect();
    await settled();
    transport.last.open();
    return made;
  }

  it('resumes with the last event id after a cut, and with the one it was given before any', async () => {
    const { connection, sink, clock } = await opened({ options: { ...resilient, lastEventId: 'é1' } });
    expect(transport.last.request.headers).toEqual([['Last-Event-ID', 'Ã©1']]);
    transport.last.text('id: 7\ndata: a\n\nid: 8\n\nid: 9\ndata: cut');
    transport.last.end({ kind: 'error', error: 'reset', code: 'ECONNRESET', message: 'read ECONNRESET' });
    expect(connection.state.kind).toBe('waiting');
    clock.advance(1_000);
    await settled();
    expect(transport.last.request.headers).toEqual([['Last-Event-ID', '8']]);
    transport.last.open();
    expect(stepOf(sink, 'open')).toMatchObject({ lastEventId: '8', cause: 'retry' });
    connection.dispose();
  });

  it('begins anew with the configured id when told to connect after a disconnect', async () => {
    const { connection } = await opened({ options: { ...resilient, lastEventId: '1' } });
    transport.last.text('id: 7\ndata: a\n\n');
    connection.disconnect();
    connection.connect();
    await settled();
    expect(transport.last.request.headers).toEqual([['Last-Event-ID', '1']]);
    connection.dispose();
  });

  it('sends the configured id also where the first thing is a forced reconnect', async () => {
    const { connection } = make(transport, { options: { ...resilient, lastEventId: '1' } });
    connection.forceReconnect();
    await settled();
    expect(transport.last.request.headers).toEqual([['Last-Event-ID', '1']]);
    connection.dispose();
  });

  it('waits what `retry:` said, also where the end cut it off from its blank line', async () => {
    const { connection, clock } = await opened();
    transport.last.text('data: a\n\nretry: 4000\n');
    transport.last.end();
    expect(clock.nextIn).toBe(4_000);
    connection.dispose();
  });

  it('waits Retry-After, then opens', async () => {
    const { connection, sink, clock } = make(transport);
    connection.connect();
    await settled();
    transport.last.head(503, { 'Retry-After': '5' }, 'Service Unavailable');
    transport.last.text('try later');
    transport.last.end();
    expect(connection.state).toMatchObject({ kind: 'waiting', cause: { kind: 'retryAfter', value: '5' } });
    expect(stepOf(sink, 'answer')).toMatchObject({
      body: 'try later',
      head: { status: 503 },
      browser: { do: 'stop' },
    });
    clock.advance(4_999);
    expect(transport.exchanges).toHaveLength(1);
    clock.advance(1);
    await settled();
    transport.last.open();
    expect(connection.state.kind).toBe('open');
    expect(connection.attempts).toBe(2);
    connection.dispose();
  });

  it('asks for a token after 401 and where there is none, and goes on when one is given', async () => {
    let token = false;
    const authorize = (): void => {
      if (!token) throw new NoTokenError();
    };
    const { connection, sink } = make(transport, { authorize });
    connection.connect();
    await settled();
    expect(connection.state).toMatchObject({ kind: 'needsToken', explanation: '' });
    expect(transport.exchanges).toHaveLength(0);
    token = true;
    connection.tokenSet();
    await settled();
    transport.last.head(401);
    transport.last.end();
    expect(connection.state).toMatchObject({ kind: 'needsToken', explanation: 'The token expired.' });
    connection.tokenSet();
    await settled();
    transport.last.open();
    expect(stepNames(sink)).toEqual(['needsToken', 'answer', 'needsToken', 'open']);
    connection.dispose();
  });

  it('says why a request is impossible, without the credential in it', async () => {
    const impossible = (): never => {
      throw new Error('Invalid value "hunter22"');
    };
    for (const how of ['authorize', 'open']) {
      if (how === 'open') transport.refuse = new Error('Invalid value "hunter22"');
      const { connection } = make(transport, how === 'authorize' ? { authorize: impossible } : {});
      connection.connect();
      await settled();
      expect(connection.state).toMatchObject({
        kind: 'closed',
        reason: { kind: 'request', message: 'Invalid value "•••"' },
      });
      connection.dispose();
    }
  });

  it('keeps 64 KiB of a failed answer and reads no more of it', async () => {
    const { connection, sink, clock } = make(transport);
    connection.connect();
    await settled();
    transport.last.head(404);
    for (let i = 0; i < 100; i++) transport.last.text('x'.repeat(1_000));
    expect(connection.state).toMatchObject({ kind: 'closed', reason: { kind: 'status', status: 404 } });
    expect(stepOf(sink, 'answer').body.length).toBe(maxAnswerBytes);
    expect(transport.inFlight).toBe(0);
    expect(clock.pending).toBe(0);
    connection.dispose();
  });

  it('goes on after two seconds where the body of a failed answer never ends', async () => {
    const { connection, sink, clock } = make(transport);
    connection.connect();
    await settled();
    transport.last.head(503);
    transport.last.text('half');
    clock.advance(1_999);
    expect(connection.state.kind).toBe('connecting');
    clock.advance(1);
    expect(connection.state.kind).toBe('waiting');
    expect(stepOf(sink, 'answer').body).toBe('half');
    expect(transport.inFlight).toBe(0);
    expect(clock.pending).toBe(1);
    connection.dispose();
  });

  it('masks what a server echoes, in head, body and error', async () => {
    const { connection, sink } = make(transport);
    connection.connect();
    await settled();
    transport.last.head(500, { 'X-Echo': 'a hunter22 b' }, 'No hunter22');
    transport.last.text('hunter22 again');
    transport.last.end();
    connection.forceReconnect();
    await settled();
    transport.last.end({ kind: 'error', error: 'tls', code: '', message: 'hunter22' });
    expect(JSON.stringify(sink.steps)).not.toContain('hunter22');
    expect(JSON.stringify(sink.states)).not.toContain('hunter22');
    connection.dispose();
  });

  it('makes a new attempt at once when forced, open or waiting, and is deaf to the one before', async () => {
    const { connection, sink, clock } = await opened();
    const first = transport.last;
    connection.forceReconnect();
    await settled();
    expect(first.isOpen).toBe(false);
    expect(transport.inFlight).toBe(1);
    transport.last.end();
    expect(connection.state.kind).toBe('waiting');
    connection.forceReconnect();
    await settled();
    expect(clock.pending).toBe(0);
    expect(transport.inFlight).toBe(1);
    expect(connection.attempts).toBe(3);
    expect(stepNames(sink)).toEqual(['open', 'forced', 'ended', 'waiting', 'forced']);
    connection.dispose();
  });

  it('goes on from the id the user chose, whatever came since, and says so', async () => {
    const { connection, sink } = await opened();
    transport.last.text('id: 1\ndata: a\n\nid: 2\ndata: b\n\n');
    connection.reconnectFrom('1');
    await settled();
    expect(transport.last.request.headers).toEqual([['Last-Event-ID', '1']]);
    expect(sink.steps.at(-1)).toEqual({ step: 'forced', from: '1' });
    // From there on it counts as ever.
    transport.last.open();
    transport.last.text('data: a\n\nid: 3\ndata: c\n\n');
    expect(connection.lastEventId).toBe('3');
    connection.dispose();
  });

  it('goes on from a chosen id also where it has been closed', async () => {
    const { connection } = await opened();
    connection.disconnect();
    connection.reconnectFrom('9');
    await settled();
    expect(transport.last.request.headers).toEqual([['Last-Event-ID', '9']]);
    connection.dispose();
  });

  const sent = async ({ connection }: Made): Promise<void> => {
    connection.connect();
    await settled();
  };
  const ways: [string, (made: Made) => Promise<void>][] = [
    ['idle', async () => {}],
    ['authorizing', async ({ connection }) => connection.connect()],
    ['connecting', sent],
    ['reading an answer', (made) => sent(made).then(() => transport.last.head(500))],
    ['open', (made) => sent(made).then(() => transport.last.open())],
    ['waiting', (made) => sent(made).then(() => transport.last.end())],
  ];

  it.each(ways)('is disconnected without a rest when %s', async (_, go) => {
    const made = make(transport);
    await go(made);
    made.connection.disconnect();
    await settled();
    expect(made.connection.isActive).toBe(false);
    expect({ timers: made.clock.pending, requests: transport.inFlight }).toEqual({ timers: 0, requests: 0 });
    made.connection.connect();
    await settled();
    expect(transport.inFlight).toBe(1);
    made.connection.dispose();
  });

  it.each(ways)('says nothing and holds nothing once it is disposed when %s', async (_, go) => {
    const made = make(transport);
    await go(made);
    const { calls } = made.sink;
    made.connection.dispose();
    await settled();
    expect({ timers: made.clock.pending, requests: transport.inFlight }).toEqual({ timers: 0, requests: 0 });
    for (const act of ['connect', 'disconnect', 'forceReconnect', 'tokenSet'] as const)
      made.connection[act]();
    made.clock.advance(100_000);
    await settled();
    expect(made.sink.calls).toBe(calls);
    expect(transport.inFlight).toBe(0);
  });

  it('stops behind a batch of events, in the middle of a chunk, when a listener disposes or disconnects it', async () => {
    for (const act of ['dispose', 'disconnect'] as const) {
      class Stopping extends RecordingSink {
        override batch(...batch: Parameters<RecordingSink['batch']>): void {
          super.batch(...batch);
          made.connection[act]();
        }
      }
      const made: Made = await opened({ sink: new Stopping() });
      transport.last.text('id: 1\ndata: a\n\nid: 2\ndata: b\n\n: c\nretry: 1\n\nid: 3\ndata: d\n\nid: 4\n\n');
      expect(made.sink.events.map(({ data }) => data)).toEqual(['a', 'b']);
      expect(made.sink.comments).toEqual([]);
      expect(made.connection.lastEventId).toBe('2');
      expect(made.clock.pending).toBe(0);
      made.connection.dispose();
    }
  });

  it('is not put out of step by a listener that acts in the middle of a transition', async () => {
    for (const act of ['dispose', 'disconnect', 'forceReconnect'] as const) {
      class Acting extends RecordingSink {
        override step(...step: Parameters<RecordingSink['step']>): void {
          super.step(...step);
          if (step[2].step === 'ended') made.connection[act]();
        }
      }
      const made: Made = await opened({ sink: new Acting() });
      transport.last.end();
      await settled();
      const kinds = { dispose: 'waiting', disconnect: 'closed', forceReconnect: 'connecting' };
      expect(made.connection.state.kind).toBe(kinds[act]);
      expect(made.clock.pending).toBe(0);
      expect(transport.inFlight).toBe(act === 'forceReconnect' ? 1 : 0);
      made.connection.dispose();
    }
  });

  it('tells of a block past the bounds', async () => {
    const { connection, sink } = await opened();
    transport.last.text(`data: ${'x'.repeat(17 * 1024 * 1024)}\n\ndata: b\n\n`);
    expect(sink.drops).toEqual([{ bytes: 17 * 1024 * 1024 + 8, bound: 'bytes' }]);
    expect(sink.events.map(({ data }) => data)).toEqual(['b']);
    connection.dispose();
  });
});

describe('a connection to a real server', () => {
  const owned: { dispose(): void }[] = [];
  const servers: HttpServer[] = [];

  afterEach(async () => {
    for (const item of owned.splice(0)) item.dispose();
    for (const server of servers.splice(0)) {
      await server.until(() => server.sockets.size === 0);
      await server.close();
    }
  });

  async function serve(...args: Parameters<typeof HttpServer.start>): Promise<HttpServer> {
    const server = await HttpServer.start(...args);
    servers.push(server);
    return server;
  }

  function connect(url: string, options = resilient, headTimeoutMs = 10_000): Made {
    const transport = new HttpTransport({ headTimeoutMs });
    const made = make(transport, { url, options });
    owned.push(transport, made.connection);
    made.connection.connect();
    return made;
  }

  async function closedBy(answer: Parameters<typeof HttpServer.start>[0]) {
    const { sink } = connect((await serve(answer)).url);
    await sink.untilState('closed');
    const { state } = sink;
    return state?.kind === 'closed' ? state.reason : undefined;
  }

  it('resumes with the last event id after a cut body', async () => {
    const server = await serve((_, response, count) => {
      response.writeHead(200, eventStream);
      response.write(`id: ${count}\ndata: from ${count}\n\n`, () => {
        if (count === 1) response.destroy();
      });
    });
    const { sink, clock } = connect(server.url);
    await sink.untilState('waiting');
    expect(stepOf(sink, 'ended')).toMatchObject({
      wasOpen: true,
      end: { error: 'truncated' },
      browser: { do: 'reconnect', ms: 3_000 },
    });
    clock.advance(1_000);
    await sink.until(() => sink.events.length === 2);
    expect(server.requests[1]?.headers['last-event-id']).toBe('1');
    expect(server.requests[0]?.headers['last-event-id']).toBeUndefined();
  });

  it('waits what `retry:` says after a clean end', async () => {
    const server = await serve((_, response) =>
      response.writeHead(200, eventStream).end('retry: 2500\ndata: a\n\n'),
    );
    const { sink, clock } = connect(server.url);
    await sink.untilState('waiting');
    expect(clock.nextIn).toBe(2_500);
    expect(stepOf(sink, 'ended').end).toEqual({ kind: 'end' });
  });

  it('comes back when Retry-After is over', async () => {
    const server = await serve((_, response, count) => {
      if (count === 1) response.writeHead(503, { 'Retry-After': '9' }).end('busy');
      else response.writeHead(200, eventStream).write(': up\n');
    });
    const { sink, clock } = connect(server.url);
    await sink.untilState('waiting');
    expect(clock.nextIn).toBe(9_000);
    clock.advance(9_000);
    await sink.until(() => sink.comments.length === 1);
    expect(sink.state?.kind).toBe('open');
  });

  it('is told to stop by 204', async () => {
    expect(await closedBy((_, response) => response.writeHead(204).end())).toEqual({ kind: 'noContent' });
  });

  it.each([
    ['text/html', '<!doctype html><title>Log in</title>', 'html'],
    ['application/json', '{"error":"no"}', 'json'],
    ['application/json', '', 'empty'],
    ['text/plain', 'data: a\n\n', 'eventStream'],
  ])('names an answer of type %s with the body %j', async (contentType, text, body) => {
    const reason = await closedBy((_, response) =>
      response.writeHead(200, { 'Content-Type': contentType }).end(text),
    );
    expect(reason).toEqual({ kind: 'contentType', contentType, body });
  });

  it('handles a failed answer whose body never ends, and closes its socket', async () => {
    const server = await serve((_, response) => response.writeHead(500).write('half'));
    const { sink, clock } = connect(server.url);
    await server.until(() => server.requests.length === 1);
    // The two seconds begin with the head: nothing is due before it.
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(2_000);
    expect(sink.state?.kind).toBe('waiting');
    await server.until(() => server.sockets.size === 0);
  });

  it('names an address where nothing listens, and a host that does not exist', async () => {
    const server = await HttpServer.start(() => {});
    const { url } = server;
    await server.close();
    const refused = connect(url);
    await refused.sink.untilState('waiting');
    expect(stepOf(refused.sink, 'ended')).toMatchObject({
      wasOpen: false,
      end: { error: 'refused', code: 'ECONNREFUSED' },
    });
    const lost = connect('http://nothing.invalid/');
    await lost.sink.untilState('waiting');
    expect(stepOf(lost.sink, 'ended')).toMatchObject({ wasOpen: false, end: { error: 'dns' } });
  });

  it('gives up on a server that sends no head in time', async () => {
    const server = await serve(() => {});
    const { sink } = connect(server.url, resilient, 30);
    await sink.untilState('waiting');
    expect(stepOf(sink, 'ended').end).toMatchObject({ error: 'headTimeout' });
    await server.until(() => server.sockets.size === 0);
  });

  it('names a server that speaks something else', async () => {
    const tcp = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.resume();
      socket.end('SSH-2.0-OpenSSH_9.2\r\n');
    });
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const { sink } = connect(`http://127.0.0.1:${(tcp.address() as AddressInfo).port}/`);
    await sink.untilState('waiting');
    expect(stepOf(sink, 'ended').end).toMatchObject({ error: 'protocol' });
    await new Promise<void>((resolve) => tcp.close(() => resolve()));
  });

  it('names a server that closes at once', async () => {
    const server = await serve((request) => request.socket.destroy());
    const { sink } = connect(server.url);
    await sink.untilState('waiting');
    expect(stepOf(sink, 'ended')).toMatchObject({ wasOpen: false, end: { error: 'noAnswer' } });
  });

  it.each(['disconnect', 'dispose'] as const)('leaves no socket after %s', async (act) => {
    const server = await serve((_, response) => response.writeHead(200, eventStream).write('data: a\n\n'));
    const { connection, sink, clock } = connect(server.url);
    await sink.until(() => sink.events.length === 1);
    expect(server.sockets.size).toBe(1);
    connection[act]();
    await server.until(() => server.sockets.size === 0);
    expect(clock.pending).toBe(0);
  });

  it('closes the socket of the attempt that a forced one takes the place of', async () => {
    const server = await serve((_, response) => response.writeHead(200, eventStream).write('data: a\n\n'));
    const { connection, sink } = connect(server.url);
    await sink.until(() => sink.events.length === 1);
    connection.forceReconnect();
    await sink.until(() => sink.events.length === 2);
    await server.until(() => server.sockets.size === 1);
  });
});
