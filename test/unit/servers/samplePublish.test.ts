import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { PublishedTopics } from '../../../src/servers/publishedTopics.ts';
import type { SampleServer } from '../../../src/servers/sampleServer.ts';
import { streamPublished } from '../../../src/servers/sampleStream.ts';
import { bearer, ids, readUntil, upTo, useSampleServers } from '../../support/sampleServers.ts';

const start = useSampleServers();

async function publish(server: SampleServer, body: unknown): Promise<[number, Record<string, unknown>]> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(server.publishUrl, { method: 'POST', body: text });
  return [response.status, await response.json()];
}

const data = (stream: string): string[] =>
  [...stream.matchAll(/^data: (.*)$/gm)].map((match) => match[1] ?? '');

describe('what is published', () => {
  it('reaches every stream of its topic, by name and by hex, and no other', async () => {
    const server = await start();
    const hex = createHash('sha256').update('mine').digest('hex').slice(0, 32);
    expect(await publish(server, { topic: 'mine', events: [] })).toEqual([
      200,
      { topic: 'mine', topicHex: hex, lastId: '0' },
    ]);
    await publish(server, { topic: 'other', events: [] });
    const headers = bearer(await server.mint());
    const read = (topic: string, last: string) =>
      readUntil(`${server.url}/events/${topic}`, { headers }, (text) => text.includes(`data: ${last}\n\n`));
    const streams = [read('mine', 'end'), read(hex, 'end'), read('other', 'else')];
    while ((await (await fetch(`${server.url}/health`)).json()).streams < 3);
    await publish(server, { topic: 'mine', event: 'greeting', data: { hello: 'Zoë' } });
    await publish(server, { topic: 'mine', events: [{ data: 'one\r\ntwo' }, { data: 'end' }] });
    await publish(server, { topic: 'other', data: 'else' });
    const [byName, byHex, other] = await Promise.all(streams);
    expect(byName).toBe(
      'retry: 2000\nid: 0\n\n' +
        'id: 1\nevent: greeting\ndata: {"hello":"Zoë"}\n\n' +
        'id: 2\ndata: one\ndata: two\n\n' +
        'id: 3\ndata: end\n\n',
    );
    expect(byHex).toBe(byName);
    expect(data(other ?? '')).toEqual(['else']);
    expect(server.counts).toMatchObject({ published: 4, streams: 3 });
  });

  it('is kept: a client resumes after the id it saw last, a new one begins with what comes', async () => {
    const server = await start({ authentication: false });
    server.publish('mine', [{ data: 'a' }, { data: 'b' }, { data: 'c' }]);
    const url = `${server.url}/events/mine`;
    const resumed = await readUntil(url, { headers: { 'last-event-id': '1' } }, upTo(3));
    expect(resumed).toMatch(/^retry: 2000\nid: 1\n\n/);
    expect(data(resumed)).toEqual(['b', 'c']);
    expect(data(await readUntil(`${url}?lastEventId=0`, {}, upTo(3)))).toEqual(['a', 'b', 'c']);
    const live = readUntil(url, {}, upTo(4));
    while ((await (await fetch(`${server.url}/health`)).json()).streams < 1);
    server.publish('mine', [{ data: 'd' }]);
    expect(data(await live)).toEqual(['d']);
    // An id that was never given out: as though all had been seen.
    const beyond = readUntil(url, { headers: { 'last-event-id': '99' } }, (text) => text.includes('id: 4\n'));
    expect(await beyond).toBe('retry: 2000\nid: 4\n\n');
  });

  it('is kept within 1,000 events and a megabyte, and what is missing is counted', async () => {
    const server = await start({ authentication: false });
    for (let i = 0; i < 1500; i += 1) server.publish('mine', [{ data: `${i}` }]);
    const url = `${server.url}/events/mine?lastEventId=100`;
    const stream = await readUntil(url, {}, upTo(1500));
    expect(stream).toContain(': 400 events are not kept any more\n\nid: 501\n');
    expect(ids(stream)).toEqual(Array.from({ length: 1000 }, (_, i) => 501 + i));

    const topics = new PublishedTopics();
    const topic = topics.open('big');
    for (let i = 0; i < 100; i += 1) topic?.publish([{ data: 'x'.repeat(100_000) }]);
    expect([topic?.first, topic?.next]).toEqual([91, 101]);
    topic?.publish([{ data: 'x'.repeat(2_000_000) }]);
    expect([topic?.first, topic?.next]).toEqual([102, 102]);
  });

  it('waits for a slow reader without piling up, and goes on where that left off', async () => {
    const topics = new PublishedTopics();
    const topic = topics.open('mine');
    if (!topic) throw new Error('no topic');
    const { promise: opened, resolve } = Promise.withResolvers<ServerResponse>();
    const server = createServer((_, response) => {
      streamPublished({ response, topic, lastEventId: '', now: Date.now, expiresAt: undefined });
      resolve(response);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const response = await opened;
    const block = 'x'.repeat(100_000);
    for (let i = 0; i < 200; i += 1) topic.publish([{ data: block }]);
    expect(response.writableLength).toBeLessThan(2 * block.length);
    topic.publish([{ data: 'end' }]);
    let read = '';
    for await (const chunk of socket.setEncoding('latin1')) {
      read += String(chunk).replace(/x+/g, '');
      if (read.includes('data: end')) break;
    }
    const seen = ids(read);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(201);
    expect(read).toMatch(/: \d+ events are not kept any more/);
    socket.destroy();
    await new Promise((done) => server.close(done));
  });

  it('ends for a client with its token', async () => {
    const server = await start();
    server.publish('mine', []);
    const token = await server.mint({ ttlSeconds: 1 });
    const stream = await (await fetch(`${server.url}/events/mine?token=${token}`)).text();
    expect(stream).toBe('retry: 2000\nid: 0\n\n: the token has expired\n\n');
    server.publish('mine', [{ data: 'nobody listens' }]);
  });

  it.each([
    '',
    '[]',
    '{',
    '{"topic":"a"}',
    '{"topic":"","data":1}',
    '{"topic":"a b","data":1}',
    '{"topic":"a/b","data":1}',
    `{"topic":"${'a'.repeat(65)}","data":1}`,
    '{"topic":1,"data":1}',
    '{"topic":"a","event":"x\\ny","data":1}',
    '{"topic":"a","event":1,"data":1}',
    '{"topic":"a","events":{}}',
    '{"topic":"a","events":[1]}',
    `{"topic":"a","events":[${Array.from({ length: 101 }, () => '{"data":1}').join()}]}`,
  ])('answers 400 to %j', async (body) => {
    const server = await start();
    expect((await publish(server, body))[0]).toBe(400);
    expect(server.counts.published).toBe(0);
  });

  it("leaves the server's own topics alone, needs the path secret, and has bounds", async () => {
    const server = await start();
    expect((await publish(server, { topic: 'orders', data: 1 }))[0]).toBe(409);
    expect((await publish(server, { topic: 'a', data: 'x'.repeat(16 * 1024) }))[0]).toBe(413);
    expect((await fetch(server.publishUrl)).status).toBe(405);
    const without = await fetch(`${server.url}/publish`, { method: 'POST', body: '{"topic":"a","data":1}' });
    expect(without.status).toBe(404);
    for (let i = 0; i < 64; i += 1) expect(server.publish(`t${i}`, [])).toBe(true);
    expect((await publish(server, { topic: 'one-more', data: 1 }))[0]).toBe(409);
    expect((await publish(server, { topic: 't0', data: 1 }))[0]).toBe(200);
  });
});
