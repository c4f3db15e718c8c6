// The behaviours that the web platform tests of EventSource (web-platform-tests/wpt, eventsource/) check and that
// need no browser, each under the name of its file there; the policy is `browser`. What is left out needs a page, a
// worker, CORS or the JavaScript object itself.
import { describe, expect, it } from 'vitest';
import { type Client, type Contract, type StreamOptions, withContract } from './harness.ts';
import type { Exchange } from './origin.ts';

const browser: StreamOptions = { policy: 'browser' };

/** Types and data of what is heard until the event with the data `last`. */
async function heardUntil(client: Client, last: string): Promise<string[]> {
  const heard: string[] = [];
  for (;;) {
    const message = await client.next();
    if (message.kind === 'error') throw new Error(message.error);
    if (message.kind !== 'event') continue;
    heard.push(message.event.data);
    if (message.event.data === last) return heard;
  }
}

/** A test that is sent this body, which then ends, and hears these events before anything else but comments. */
function hears(body: string, ...expected: string[]): () => Promise<void> {
  return withContract(async (contract) => {
    const [client, exchange] = await contract.open(browser);
    exchange.end(body);
    expect(await heardUntil(client, expected.at(-1) ?? '')).toEqual(expected);
  });
}

/** The next attempt, opened. */
async function reopened(contract: Contract): Promise<Exchange> {
  return (await contract.origin.next()).open();
}

describe.concurrent('the parsing of', () => {
  it(
    'event-data',
    hears(
      'data:msg\ndata: msg\n\n:\nfalsefield:msg\n\nfalsefield:msg\nData:data\n\ndata\n\ndata:end\n\n',
      'msg\nmsg',
      '',
      'end',
    ),
  );
  it('format-bom', hears('\uFEFFdata:1\n\n\uFEFFdata:2\n\ndata:3\n\n', '1', '3'));
  it('format-bom-2', hears('\uFEFF\uFEFFdata:1\n\ndata:2\n\ndata:3\n\n', '2', '3'));
  it(
    'format-comments',
    hears(
      `data:1\r:\0\n:\r\ndata:2\n:${'x'.repeat(2_048)}\rdata:3\n:data:fail\r:${'x'.repeat(2_048)}\ndata:4\n\n`,
      '1\n2\n3\n4',
    ),
  );
  it('format-field-data', hears('data:\n\ndata\ndata\n\ndata:test\n\n', '', '\n', 'test'));
  it(
    'format-field-parsing',
    hears(
      'data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n data:32\ndata:4\n\n',
      '\0\n 2\n1\n3\n\n4',
    ),
  );
  it('format-field-retry-empty', hears('retry\ndata:test\n\n', 'test'));
  it(
    'format-field-unknown',
    hears(
      'data:test\n data\ndata\nfoobar:xxx\njustsometext\n:thisisacommentyay\ndata:test\n\n',
      'test\n\ntest',
    ),
  );
  it('format-leading-space', hears('data:\ttest\rdata: \ndata:test\n\n', '\ttest\n\ntest'));
  it('format-newlines', hears('data:test\r\ndata\ndata:test\r\n\r', 'test\n\ntest'));
  it('format-null-character', hears('data:\0\n\n\n\n', '\0'));

  it(
    'format-utf-8',
    withContract(async (contract) => {
      const [client, exchange] = await contract.open(browser, 'text/event-stream;charset=windows-1252');
      await exchange.send('data:ok…\n\n');
      expect((await client.event()).data).toBe('ok…');
    }),
  );

  it.each([
    ['format-field-event', 'event:test\ndata:x\n\ndata:x\n\n', ['test', 'message']],
    ['format-field-event-empty', 'event: \ndata:data\n\n', ['message']],
    ['field-name-event', 'event:foo\ndata:x\n\nevent: foo\ndata:x\n\n', ['foo', 'foo']],
  ])('%s', (_, body, types) =>
    withContract(async (contract) => {
      const [client, exchange] = await contract.open(browser);
      await exchange.send(body);
      for (const type of types) expect((await client.event()).type).toBe(type);
    })(),
  );

  it(
    'format-data-before-final-empty-line',
    withContract(async (contract) => {
      const [client, first] = await contract.open(browser);
      const body = 'retry:1000\ndata:test1\n\nid:test\ndata:test2';
      first.end(`${body}\n`);
      expect(await client.event()).toEqual({ type: 'message', data: 'test1', id: '' });
      await client.error();
      const second = await reopened(contract);
      expect(second.headers).not.toHaveProperty('last-event-id');
      second.end(body);
      expect(await client.event()).toEqual({ type: 'message', data: 'test1', id: '' });
    }),
  );
});

describe.concurrent('the last event id of', () => {
  /** Answers as the resource of these tests does: with the id it is asked for, or with `own` where it is asked for none. */
  async function answer(contract: Contract, own: string): Promise<void> {
    const exchange = await reopened(contract);
    const asked = exchange.headers['last-event-id'];
    if (asked === undefined) exchange.end(`id: ${own}\nretry: 500\ndata: hello\n\n`);
    else exchange.end(`data: ${Buffer.from(String(asked), 'latin1').toString('utf8')}\n\n`);
  }

  it(
    'format-field-id and format-field-id-2',
    withContract(async (contract) => {
      const client = await contract.connect(browser);
      await answer(contract, '…');
      expect(await client.event()).toEqual({ type: 'message', data: 'hello', id: '…' });
      for (let i = 0; i < 2; i++) {
        await client.error();
        await answer(contract, '…');
        expect(await client.event()).toEqual({ type: 'message', data: '…', id: '…' });
      }
    }),
  );

  it.each(['\0\0', 'x\0', '\0x', 'x\0x', ' \0'])('format-field-id-null: %j', (id) =>
    withContract(async (contract) => {
      const client = await contract.connect(browser);
      await answer(contract, id);
      expect(await client.event()).toEqual({ type: 'message', data: 'hello', id: '' });
      await client.error();
      await answer(contract, id);
      expect(await client.event()).toEqual({ type: 'message', data: 'hello', id: '' });
    })(),
  );

  it.each([
    ['persists', 'id: 1\ndata: 1\n\ndata:2\n\n', ['1', '1']],
    ['changes and persists', 'id: 1\ndata: 1\n\nid: 2\ndata:2\n\ndata:3\n\n', ['1', '2', '2']],
    ['resets with a colon', 'id: 1\ndata: 1\n\nid:\ndata:2\n\ndata:3\n\n', ['1', '', '']],
    ['resets without a colon', 'id: 1\ndata: 1\n\nid\ndata:2\n\ndata:3\n\n', ['1', '', '']],
  ])('format-field-id-3: %s', (_, body, ids) =>
    withContract(async (contract) => {
      const [client, exchange] = await contract.open(browser);
      await exchange.send(body);
      for (const id of ids) expect((await client.event()).id).toBe(id);
    })(),
  );
});

describe.concurrent('the wait of', () => {
  it.each([
    ['format-field-retry', 'retry:02000\ndata:x\n\n'],
    ['format-field-retry-bogus', 'retry:2000\nretry:1000x\ndata:x\n\n'],
  ])('%s', (_, body) =>
    withContract(async (contract) => {
      const [client, first] = await contract.open({ ...browser, states: true });
      await client.state();
      await client.state();
      const ended = performance.now();
      first.end(body);
      await client.event();
      await client.error();
      expect(await client.state()).toMatchObject({ state: 'waiting', delayMs: 2_000 });
      // Never sooner than said. How much later a busy machine comes is no matter of correctness.
      expect((await contract.origin.next()).at - ended).toBeGreaterThan(1_990);
    })(),
  );
});

describe.concurrent('the life of', () => {
  it(
    'eventsource-onopen, eventsource-close and user-agent-announce-connection',
    withContract(async (contract) => {
      const client = await contract.connect({ ...browser, states: true });
      expect((await client.state()).state).toBe('connecting');
      const exchange = await reopened(contract);
      expect((await client.state()).state).toBe('open');
      await client.close();
      await exchange.closed;
      expect(client.unread).toBe(0);
    }),
  );

  it(
    'eventsource-onmessage and eventsource-eventtarget',
    withContract(async (contract) => {
      const [client, exchange] = await contract.open(browser);
      await exchange.send('data: data\n\n');
      expect(await client.event()).toEqual({ type: 'message', data: 'data', id: '' });
    }),
  );

  it(
    'eventsource-close, test events: an error at every end, closed at 204',
    withContract(async (contract) => {
      const client = await contract.connect({ ...browser, states: true });
      await client.state();
      for (const body of ['retry: 2\ndata: opened\n\n', 'data: reconnected\n\n']) {
        const exchange = await reopened(contract);
        expect((await client.state()).state).toBe('open');
        exchange.end(body);
        expect(body).toContain((await client.event()).data);
        await client.error();
        expect((await client.state()).state).toBe('waiting');
        expect((await client.state()).state).toBe('connecting');
      }
      (await contract.origin.next()).reply(204, { 'Content-Type': 'text/event-stream' });
      expect(await client.error()).toContain('204');
      expect((await client.state()).state).toBe('closed');
    }),
  );

  it.each([
    ['a stream without events', 'retry: 2\n\n', []],
    ['an event before', 'retry: 2\ndata: ok\n\n', ['ok']],
  ])('eventsource-reconnect: after %s', (_, body, before) =>
    withContract(async (contract) => {
      const [client, first] = await contract.open(browser);
      first.end(body);
      for (const data of before) expect((await client.event()).data).toBe(data);
      await client.error();
      (await reopened(contract)).end('data: data\n\n');
      expect((await client.event()).data).toBe('data');
    })(),
  );

  it(
    'eventsource-request-cancellation: stopped before any answer it is silent',
    withContract(async (contract) => {
      const client = await contract.connect(browser);
      const exchange = await contract.origin.next();
      await client.close();
      await exchange.closed;
      expect(client.unread).toBe(0);
      expect(contract.origin.requests).toBe(1);
    }),
  );

  it.each(['http://this is invalid/', ''])('eventsource-constructor-url-bogus and -empty-url: %j', (url) =>
    withContract(async (contract) => {
      const reply = await contract.create({ streamUrl: url, callbackUrl: 'http://127.0.0.1:9/', ...browser });
      expect(reply.status).toBe(400);
    })(),
  );
});

describe.concurrent('the request of', () => {
  it(
    'request-accept, accept-header-include-text-event-stream and request-cache-control',
    withContract(async (contract) => {
      await contract.connect(browser);
      const { headers } = await contract.origin.next();
      expect(headers.accept).toBe('text/event-stream');
      expect(headers['cache-control']).toBe('no-cache');
    }),
  );

  it.each([204, 205, 210, 299, 404, 410, 503])('request-status-error: %i', (status) =>
    withContract(async (contract) => {
      const client = await contract.connect({ ...browser, states: true });
      await client.state();
      (await contract.origin.next()).reply(status, { 'Content-Type': 'text/event-stream' }, 'data: data\n\n');
      await client.error();
      expect((await client.state()).state).toBe('closed');
    })(),
  );

  it.each([301, 302, 303, 307])('request-redirect: %i', (status) =>
    withContract(async (contract) => {
      const client = await contract.connect({ ...browser, states: true });
      await client.state();
      (await contract.origin.next()).reply(status, { Location: '/second' });
      (await contract.origin.next()).open();
      // Nothing in between: neither an error nor a wait.
      expect((await client.state()).state).toBe('open');
    })(),
  );

  it.each([
    ['format-mime-bogus', 'x bogus'],
    ['format-mime-valid-bogus', 'text/x-bogus'],
  ])('%s', (_, type) =>
    withContract(async (contract) => {
      const client = await contract.connect({ ...browser, states: true });
      await client.state();
      (await contract.origin.next()).reply(200, { 'Content-Type': type }, 'data: data\n\n');
      await client.error();
      expect((await client.state()).state).toBe('closed');
    })(),
  );

  it(
    'format-mime-trailing-semicolon',
    withContract(async (contract) => {
      const client = await contract.connect({ ...browser, states: true });
      await client.state();
      (await contract.origin.next()).open('text/event-stream;');
      expect((await client.state()).state).toBe('open');
    }),
  );
});
