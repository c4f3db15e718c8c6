// What follows an end: the wait, the last event id, the request once more.
import { describe, expect, it } from 'vitest';
import { type StreamOptions, withContract } from './harness.ts';
import type { Exchange } from './origin.ts';

const soon: StreamOptions = { initialDelayMs: 0 };
const browser: StreamOptions = { policy: 'browser' };
const ends: [string, (exchange: Exchange) => void][] = [
  ['a clean end', (exchange) => exchange.end()],
  ['a cut', (exchange) => exchange.cut()],
];

describe.concurrent.each(ends)('after %s', (_, end) => {
  it(
    'the last event id is sent, and the new stream works',
    withContract(async (contract) => {
      const [client, first] = await contract.open(soon);
      expect(first.headers).not.toHaveProperty('last-event-id');
      await first.send('id: abc\ndata: a\n\ndata: b\n\n');
      expect(await client.event()).toEqual({ type: 'message', data: 'a', id: 'abc' });
      expect(await client.event()).toEqual({ type: 'message', data: 'b', id: 'abc' });
      end(first);
      expect(await client.error()).not.toBe('');
      const second = (await contract.origin.next()).open();
      expect(second.headers['last-event-id']).toBe('abc');
      await second.send('id: def\ndata: c\n\n');
      expect(await client.event()).toEqual({ type: 'message', data: 'c', id: 'def' });
    }),
  );

  it(
    'no last event id is sent once an empty one came',
    withContract(async (contract) => {
      const [client, first] = await contract.open({ ...soon, lastEventId: 'x' });
      await first.send('id: abc\ndata: a\n\nid: \ndata: b\n\n');
      expect((await client.event()).id).toBe('abc');
      expect((await client.event()).id).toBe('');
      end(first);
      expect((await contract.origin.next()).headers).not.toHaveProperty('last-event-id');
    }),
  );

  it(
    'what was not finished is forgotten, its id too',
    withContract(async (contract) => {
      const [client, first] = await contract.open(soon);
      await first.send('id: abc\ndata: a\n\nid: def\ndata: b');
      expect((await client.event()).data).toBe('a');
      end(first);
      await client.error();
      const second = (await contract.origin.next()).open();
      expect(second.headers['last-event-id']).toBe('abc');
      await second.send('data: c\n\n');
      expect(await client.event()).toEqual({ type: 'message', data: 'c', id: 'abc' });
    }),
  );

  it(
    'a line of data without its blank line is forgotten',
    withContract(async (contract) => {
      const [client, first] = await contract.open(soon);
      await first.send('data: a\n\ndata: b\n');
      end(first);
      expect((await client.event()).data).toBe('a');
      await client.error();
      await (await contract.origin.next()).open().send('data: c\n\n');
      expect((await client.event()).data).toBe('c');
    }),
  );

  it.each(['POST', 'REPORT'])('a %s is sent again with its body', (method) =>
    withContract(async (contract) => {
      const request = { method, body: '{"hello": "world"}' };
      const headers = { 'content-type': 'application/json; charset=utf-8', 'x-a': 'b' };
      const [, first] = await contract.open({ ...soon, ...request, headers });
      end(first);
      const second = await contract.origin.next();
      expect(second).toMatchObject(request);
      expect(second.headers).toMatchObject(headers);
    })(),
  );

  it(
    'a byte order mark is stripped once more',
    withContract(async (contract) => {
      const [client, first] = await contract.open(soon);
      end(first);
      await client.error();
      await (await contract.origin.next()).open().send('\uFEFFdata: a\n\n');
      expect((await client.event()).data).toBe('a');
    }),
  );
});

describe.concurrent('a last event id', () => {
  it.each(['é…🎉', ' a', 'a b'])('of any characters comes back as it was: %j', (id) =>
    withContract(async (contract) => {
      const [client, first] = await contract.open(soon);
      await first.send(`id: ${id}\ndata: a\n\n`);
      expect((await client.event()).id).toBe(id);
      first.end();
      const sent = (await contract.origin.next()).headers['last-event-id'];
      // A header field has no spaces around it: those at the ends are lost to HTTP.
      expect(Buffer.from(String(sent), 'latin1').toString('utf8')).toBe(id.trim());
    })(),
  );

  it(
    'of a block without data counts, though it dispatches nothing',
    withContract(async (contract) => {
      const [client, first] = await contract.open(soon);
      await first.send('data: a\n\nid: 7\n\n');
      expect((await client.event()).id).toBe('');
      first.end();
      expect((await contract.origin.next()).headers['last-event-id']).toBe('7');
    }),
  );

  it(
    'that HTTP can not carry is kept, and not sent',
    withContract(async (contract) => {
      const [client, first] = await contract.open(soon);
      await first.send('id: a\u0001b\ndata: a\n\n');
      expect((await client.event()).id).toBe('a\u0001b');
      first.end();
      await client.error();
      const second = (await contract.origin.next()).open();
      expect(second.headers).not.toHaveProperty('last-event-id');
      await second.send('data: b\n\n');
      expect((await client.event()).id).toBe('a\u0001b');
    }),
  );
});

describe.concurrent('a wait', () => {
  /** A test that sends this, is cut off, and waits. */
  function waits(options: StreamOptions, data: string, cause: string, delayMs: number): () => Promise<void> {
    return withContract(async (contract) => {
      const [client, first] = await contract.open({ states: true, ...options });
      expect((await client.state()).state).toBe('connecting');
      expect((await client.state()).state).toBe('open');
      first.end(`${data}data: x\n\n`);
      expect((await client.event()).data).toBe('x');
      await client.error();
      expect(await client.state()).toMatchObject({ state: 'waiting', cause, delayMs });
    });
  }

  it('is what was asked for', waits({ initialDelayMs: 1_234 }, '', 'back-off', 1_234));
  it('is never shorter than half a second', waits({ initialDelayMs: 0 }, '', 'back-off', 500));
  it('is what `retry` says', waits(soon, 'retry: 1234\n', 'retry: 1234', 1_234));
  it('takes `retry` for decimal', waits(soon, 'retry:02000\n', 'retry: 2000', 2_000));
  it('takes the last `retry`', waits(soon, 'retry: 1\n\nretry: 1500\n', 'retry: 1500', 1_500));
  it('keeps to half a second on `retry: 0`', waits(soon, 'retry: 0\n', 'retry: 0', 500));
  it.each(['1000x', 'x', '-1000', '1e3', '1.5', ' 1000', '١٠٠٠', ''])('ignores `retry: %s`', (value) =>
    waits(soon, `retry: 2000\nretry: ${value}\n`, 'retry: 2000', 2_000)(),
  );
  it(
    'is longer than any timer on no `retry`',
    waits(soon, `retry: ${'9'.repeat(400)}\n`, 'retry: 2147483647', 2 ** 31 - 1),
  );

  it('keeps to half a second for a browser', waits(browser, 'retry: 2\n', 'retry: 2', 500));
  it(
    'is three seconds for a browser',
    waits({ ...browser, initialDelayMs: 0 }, '', "EventSource's default", 3_000),
  );
  it('is what `retry` says for a browser', waits(browser, 'retry: 1234\n', 'retry: 1234', 1_234));

  it(
    'doubles with every failure in a row',
    withContract(async (contract) => {
      const client = await contract.connect({ initialDelayMs: 500, states: true });
      const delays: number[] = [];
      while (delays.length < 3) {
        (await contract.origin.next()).cut();
        let message = await client.next();
        while (message.kind !== 'state' || message.state !== 'waiting') message = await client.next();
        delays.push(message.delayMs);
      }
      expect(delays).toEqual([500, 1_000, 2_000]);
    }),
  );

  it(
    'is really waited, and `retry` is remembered',
    withContract(async (contract) => {
      const [, first] = await contract.open(soon);
      let ended = performance.now();
      first.end('retry: 700\n\n');
      const second = await contract.origin.next();
      // A timer may be a little early by another clock.
      expect(second.at - ended).toBeGreaterThan(690);
      ended = performance.now();
      second.open().end('data: a\n\n');
      expect((await contract.origin.next()).at - ended).toBeGreaterThan(690);
    }),
  );
});

describe.concurrent('a server that ends every stream at once', () => {
  it.each(['resilient', 'browser'] as const)('is asked at most twice a second: %s', (policy) =>
    withContract(async (contract) => {
      await contract.connect({ policy, initialDelayMs: 0 });
      const times: number[] = [];
      while (times.length < 4) {
        const exchange = await contract.origin.next();
        times.push(exchange.at);
        exchange.open().end('retry: 0\n\n');
      }
      for (const [i, time] of times.slice(1).entries()) {
        // A timer may be a little early by another clock.
        expect(time - (times[i] ?? 0)).toBeGreaterThan(490);
      }
    })(),
  );
});

describe.concurrent('a restart', () => {
  it(
    'comes at once, is no error, and resumes',
    withContract(async (contract) => {
      const [client, first] = await contract.open({ initialDelayMs: 60_000 });
      await first.send('id: 7\ndata: Hello\n\n');
      expect((await client.event()).data).toBe('Hello');
      await client.command({ command: 'restart' });
      const second = (await contract.origin.next()).open();
      await first.closed;
      expect(second.headers['last-event-id']).toBe('7');
      await second.send('data: Thanks\n\n');
      expect(await client.event()).toEqual({ type: 'message', data: 'Thanks', id: '7' });
    }),
  );
});

describe.concurrent('a failure before any answer', () => {
  it(
    'is an error, and what comes after it works',
    withContract(async (contract) => {
      const client = await contract.connect(soon);
      (await contract.origin.next()).cut();
      expect(await client.error()).not.toBe('');
      await (await contract.origin.next()).open().send('data: a\n\n');
      expect((await client.event()).data).toBe('a');
    }),
  );

  it(
    'is named where nothing listens',
    withContract(async (contract) => {
      const origin = await contract.addOrigin();
      origin.abort();
      const client = await contract.connect({ streamUrl: origin.url, initialDelayMs: 60_000 });
      expect(await client.error()).toContain('nothing listens');
    }),
  );
});
