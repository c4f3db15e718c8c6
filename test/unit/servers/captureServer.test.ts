import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { EventSource } from 'eventsource';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { Redactor } from '../../../src/base/redaction.ts';
import { Capture } from '../../../src/capture/capture.ts';
import { SseTextReader } from '../../../src/capture/formats/sseText.ts';
import {
  type CaptureServer,
  type CaptureServerOptions,
  startCaptureServer,
} from '../../../src/servers/captureServer.ts';
import { decodeBlock } from '../../../src/sse/decoder.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { stream } from '../../support/streams.ts';

const servers: CaptureServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.dispose();
});

async function serve(
  capture: Capture,
  options: Partial<CaptureServerOptions> & { hasTimes?: boolean } = {},
): Promise<CaptureServer> {
  const { hasTimes = true, ...rest } = options;
  const server = await startCaptureServer({ source: { name: 'orders', capture, hasTimes }, ...rest });
  servers.push(server);
  return server;
}

const utf8 = new TextEncoder();

/** Events `id: 1` and so on, at these times. */
function captureAt(...times: number[]): Capture {
  const capture = new Capture();
  for (const [i, time] of times.entries()) {
    capture.addEvent(time, 1, 'message', undefined, utf8.encode(`id: ${i + 1}\ndata: ${i + 1}\n\n`));
  }
  return capture;
}

/** A client that reads as it is asked to. */
async function open(url: string, lastEventId?: string) {
  const abort = new AbortController();
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const response = await fetch(url, { headers, signal: abort.signal });
  const reader = response.body?.getReader();
  let read = '';
  return {
    status: response.status,
    /** All that was read when it ends so. */
    async until(end: string): Promise<string> {
      while (!read.endsWith(end)) {
        const { value, done } = (await reader?.read()) ?? { done: true };
        if (done) throw new Error(`The stream ended with ${JSON.stringify(read)}`);
        read += Buffer.from(value ?? []).toString('latin1');
      }
      return read;
    },
    close: () => abort.abort(),
  };
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
};

const block = (id: number): string => `id: ${id}\ndata: ${id}\n\n`;
const blocks = (...ids: number[]): string => ids.map(block).join('');

describe('a served capture', () => {
  it('has the exact bytes of its events, comments, and no steps', async () => {
    const capture = new Capture();
    const parts = [
      utf8.encode('event: price\r\nid: 7\r\ndata: {"usd":1}\r\n\r\n'),
      utf8.encode('data:Zoë\rdata: b\n\n'),
      Uint8Array.from([...utf8.encode('data: '), 0xff, 10, 10]),
    ];
    capture.addStep(1000, 1, { step: 'forced' });
    capture.addEvent(1010, 1, 'price', undefined, parts[0] as Uint8Array);
    capture.addComment(1020, 1, 'ping');
    capture.addEvent(1030, 2, 'message', '7', parts[1] as Uint8Array);
    capture.addStep(1040, 2, { step: 'forced' });
    capture.addEvent(1050, 2, 'message', '7', parts[2] as Uint8Array);
    const server = await serve(capture, { speed: 'unpaced' });
    const response = await fetch(server.url);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const [first, ...rest] = parts as [Uint8Array, ...Uint8Array[]];
    expect(Buffer.from(await response.arrayBuffer())).toEqual(
      Buffer.concat([first, utf8.encode(': ping\n'), ...rest]),
    );
    expect([server.events, server.hasTimes]).toEqual([3, true]);
  });

  it('means the same as the stream that was captured, whatever that was', async () => {
    const read = (bytes: Uint8Array): Capture => {
      const capture = new Capture();
      const reader = new SseTextReader(capture);
      reader.push(bytes);
      reader.end();
      return capture;
    };
    const meaning = (capture: Capture): unknown[] => {
      const found: unknown[] = [];
      for (let position = 0; position < capture.next; position += 1) {
        const record = capture.at(position);
        if (record?.kind !== 'event') continue;
        const { data, ownId } = decodeBlock(record.block) ?? {};
        found.push([record.type, data, ownId ?? record.inheritedId ?? '']);
      }
      return found;
    };
    const property = fc.asyncProperty(stream, async (bytes) => {
      const capture = read(bytes);
      if (meaning(capture).length === 0) return;
      const server = await serve(capture, { speed: 'unpaced' });
      const served = new Uint8Array(await (await fetch(server.url)).arrayBuffer());
      await server.dispose();
      expect(meaning(read(served))).toEqual(meaning(capture));
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('comes at its own pace, or faster, or slower', async () => {
    const clock = new FakeClock();
    const server = await serve(captureAt(5000, 5100, 5350, 5340, 5360), { clock });
    const client = await open(server.url);
    await client.until(block(1));
    expect(clock.nextIn).toBe(100);
    clock.advance(100);
    await client.until(block(2));
    server.setSpeed(10);
    expect(clock.nextIn).toBe(25);
    // A clock that was put back in the capture is no wait.
    clock.advance(25);
    await client.until(blocks(3, 4));
    expect(clock.nextIn).toBe(2);
    server.setSpeed(0.1);
    expect(clock.nextIn).toBe(200);
    server.setSpeed('unpaced');
    expect(await client.until(block(5))).toBe(blocks(1, 2, 3, 4, 5));
    expect(clock.pending).toBe(0);
  });

  it('comes at a fixed gap where it has no times, and says so', async () => {
    const clock = new FakeClock();
    const capture = captureAt(0, 0, 0);
    const server = await serve(capture, { clock, hasTimes: false, gapMs: 40, speed: 2 });
    expect(server.hasTimes).toBe(false);
    const client = await open(server.url);
    await client.until(block(1));
    expect(clock.nextIn).toBe(20);
    clock.advance(20);
    await client.until(block(2));
    clock.advance(20);
    await client.until(block(3));
  });

  it('comes step by step, for one client or for all, comments going along', async () => {
    const clock = new FakeClock();
    const capture = captureAt(0, 10);
    capture.addComment(20, 1, 'ping');
    capture.addEvent(30, 1, 'message', undefined, utf8.encode(block(3)));
    const server = await serve(capture, { clock, speed: 'step' });
    const [one, two] = [await open(server.url), await open(server.url)];
    expect(server.clients.map(({ number, sent }) => [number, sent])).toEqual([
      [1, 0],
      [2, 0],
    ]);
    server.step();
    await Promise.all([one.until(block(1)), two.until(block(1))]);
    server.step(2);
    server.step(2);
    expect(await two.until(block(3))).toBe(`${blocks(1, 2)}: ping\n${block(3)}`);
    expect(server.clients.map(({ sent }) => sent)).toEqual([1]);
    expect(clock.pending).toBe(0);
    server.setSpeed(1);
    clock.advance(10);
    await one.until(block(2));
    server.step();
    clock.advance(19);
    expect(server.clients.map(({ sent }) => sent)).toEqual([2]);
  });

  it('goes on behind the last event with the id that a client names', async () => {
    const capture = captureAt(0, 1, 2);
    capture.addEvent(3, 1, 'message', '3', utf8.encode('data: inherits\n\n'));
    capture.addEvent(4, 2, 'message', undefined, utf8.encode('id: 2\ndata: again\n\n'));
    capture.addEvent(5, 2, 'message', undefined, utf8.encode('id: Zoë\ndata: umlaut\n\n'));
    capture.addEvent(6, 2, 'message', undefined, utf8.encode('id\ndata: reset\n\n'));
    const server = await serve(capture, { speed: 'unpaced' });
    const restAfter = async (id: string): Promise<string[]> => {
      const body = await (await fetch(server.url, { headers: { 'last-event-id': id } })).text();
      return body.match(/(?<=data: ).*/g) ?? [];
    };
    expect(await restAfter('1')).toEqual(['2', '3', 'inherits', 'again', 'umlaut', 'reset']);
    expect(await restAfter('3')).toEqual(['again', 'umlaut', 'reset']);
    expect(await restAfter('2')).toEqual(['umlaut', 'reset']);
    expect(await restAfter(Buffer.from('Zoë').toString('latin1'))).toEqual(['reset']);
    expect(await (await fetch(`${server.url}?lastEventId=Zo%C3%AB`)).text()).toBe('id\ndata: reset\n\n');
    // No event has this id: all of it, and the client's own id is taken back.
    const all = await (await fetch(server.url, { headers: { 'last-event-id': 'data' } })).text();
    expect(all).toContain('data: 1\n');
    expect(all).toContain('data: reset\n');
  });

  it('says which id came before what was evicted', async () => {
    const capture = new Capture();
    capture.addEvent(0, 1, 'message', '41', utf8.encode('data: inherits\n\n'));
    const server = await serve(capture, { speed: 'unpaced' });
    expect(await (await fetch(server.url)).text()).toBe('id: 41\n\ndata: inherits\n\n');
  });

  it('serves what was there at its start, and passes over what is evicted meanwhile', async () => {
    const capture = captureAt(0, 1);
    const server = await serve(capture, { speed: 'step' });
    const client = await open(server.url);
    server.step();
    await client.until(block(1));
    capture.addEvent(2, 1, 'message', undefined, utf8.encode(block(3)));
    expect(await (await fetch(`${server.url}?lastEventId=2`)).status).toBe(204);
    capture.clear();
    server.step();
    await expect(client.until('never')).rejects.toThrow(/The stream ended with "id: 1/);
  });

  it('ends, and then answers 204 to who has it all; or begins anew', async () => {
    const clock = new FakeClock();
    const ending = await serve(captureAt(0, 1), { speed: 'unpaced', retryMs: 1500 });
    expect(await (await fetch(ending.url)).text()).toBe(`retry: 1500\n\n${blocks(1, 2)}`);
    expect((await open(ending.url, '2')).status).toBe(204);
    const looping = await serve(captureAt(0, 1), { clock, speed: 'unpaced', atEnd: 'loop', gapMs: 70 });
    const client = await open(looping.url, '2');
    expect(client.status).toBe(200);
    await until(() => clock.pending === 1);
    expect(clock.nextIn).toBe(70);
    clock.advance(70);
    await client.until(blocks(1, 2));
    clock.advance(70);
    await client.until(blocks(1, 2, 1, 2));
    client.close();
    await until(() => looping.clients.length === 0);
    expect(clock.pending).toBe(0);
  });

  it('tells who comes and goes, and how far each is', async () => {
    const told: unknown[] = [];
    const server = await serve(captureAt(0, 1, 2), {
      speed: 'step',
      onClient: ({ number, isConnected, isResumed, lastEventId }) =>
        told.push([number, isConnected, isResumed, lastEventId]),
    });
    const one = await open(server.url);
    const two = await open(server.url, '2');
    const three = await open(server.url, 'nonsense');
    server.step(2);
    expect(server.clients.map(({ position, sent }) => [position, sent])).toEqual([
      [0, 0],
      [3, 1],
      [0, 0],
    ]);
    for (const client of [one, three]) client.close();
    await until(() => server.clients.length === 0);
    expect(told.slice(0, 3)).toEqual([
      [1, true, false, ''],
      [2, true, true, '2'],
      [3, true, false, 'nonsense'],
    ]);
    expect(told.slice(3)).toContainEqual([1, false, false, '']);
    expect(told).toHaveLength(6);
    expect(two.status).toBe(200);
  });

  it('masks credentials where it is told to, and knows the masked id again', async () => {
    const redactor = new Redactor();
    redactor.add('s3cr3t-token');
    const capture = new Capture();
    capture.addEvent(0, 1, 'message', undefined, utf8.encode('id: s3cr3t-token\ndata: s3cr3t-token\n\n'));
    capture.addEvent(1, 1, 'message', 's3cr3t-token', utf8.encode('data: inherits\n\n'));
    capture.addEvent(2, 1, 'message', undefined, utf8.encode(block(3)));
    const server = await serve(capture, { speed: 'unpaced', redactor });
    const all = await (await fetch(server.url)).text();
    expect(all).not.toContain('s3cr3t');
    const masked = /^id: (.*)$/m.exec(all)?.[1] ?? '';
    const url = `${server.url}?lastEventId=${encodeURIComponent(masked)}`;
    expect(await (await fetch(url)).text()).toBe(block(3));
  });

  it('keeps a slow reader waiting without piling up, and others undisturbed', async () => {
    const capture = new Capture();
    const data = 'x'.repeat(100_000);
    for (let i = 1; i <= 300; i += 1) {
      capture.addEvent(0, 1, 'message', undefined, utf8.encode(`id: ${i}\ndata: ${data}\n\n`));
    }
    const server = await serve(capture, { speed: 'unpaced' });
    const { port, pathname } = new URL(server.url);
    const slow = connect(Number(port), '127.0.0.1').pause();
    slow.write(`GET ${pathname} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`);
    await until(() => (server.clients[0]?.sent ?? 0) > 0);
    const quick = await (await fetch(server.url)).text();
    expect(quick.match(/^id: \d+$/gm)).toHaveLength(300);
    // What the kernel takes is not ours; the rest is not written.
    expect(server.clients[0]?.sent).toBeLessThan(300);
    const whole = await text(slow);
    expect(whole.match(/^id: \d+$/gm)).toEqual(quick.match(/^id: \d+$/gm));
  });

  it('is behind the loopback guard and its path secret', async () => {
    const server = await serve(captureAt(0), { speed: 'unpaced', pathSecret: 'correct-secret' });
    const { origin } = new URL(server.url);
    expect(server.url).toBe(`${origin}/correct-secret/events`);
    for (const path of ['/', '/events', '/wrong/events', '/correct-secret/', '/correct-secret/events/more']) {
      expect((await fetch(origin + path)).status).toBe(404);
    }
    expect((await fetch(server.url, { method: 'PUT' })).status).toBe(405);
    expect((await fetch(server.url, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
    const page = { origin: 'http://localhost:5173' };
    const allowed = await fetch(server.url, { headers: page });
    expect(allowed.headers.get('access-control-allow-origin')).toBe(page.origin);
    expect((await fetch(server.url, { method: 'OPTIONS', headers: page })).status).toBe(204);
    const body = 'x'.repeat(100_000);
    expect(await (await fetch(server.url, { method: 'POST', body })).text()).toBe(block(1));
  });

  it.each([0, 0.09, 101, Number.NaN, Number.POSITIVE_INFINITY, -1])('has no speed of %d', async (speed) => {
    await expect(serve(captureAt(0), { speed })).rejects.toThrow(RangeError);
    const server = await serve(captureAt(0));
    expect(() => server.setSpeed(speed)).toThrow(RangeError);
  });

  it('needs an event, and a free port', async () => {
    const empty = new Capture();
    empty.addComment(0, 1, 'ping');
    await expect(serve(empty)).rejects.toMatchObject({
      code: 'capture.empty',
      facts: { connection: 'orders' },
    });
    const { port } = await serve(captureAt(0));
    await expect(serve(captureAt(0), { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('ends with its clients, timers and port', async () => {
    const clock = new FakeClock();
    const server = await serve(captureAt(0, 1000), { clock });
    const client = await open(server.url);
    await client.until(block(1));
    expect(clock.pending).toBe(1);
    await server.dispose();
    expect(clock.pending).toBe(0);
    await expect(client.until('never')).rejects.toThrow();
    await (await serve(captureAt(0), { port: server.port })).dispose();
  });

  it('is read by the npm client `eventsource`, which resumes by id and stops at 204', async () => {
    const server = await serve(captureAt(0, 10, 20, 30), { speed: 'step', retryMs: 10 });
    const sent: string[] = [];
    const source = new EventSource(server.url, {
      fetch: (url, init) => {
        sent.push(init.headers['Last-Event-ID'] ?? '');
        return fetch(url, init as RequestInit);
      },
    });
    const seen: string[] = [];
    source.onmessage = ({ data }) => seen.push(data);
    await until(() => server.clients.length === 1);
    server.step();
    server.step();
    await until(() => seen.length === 2);
    const { port } = server;
    const { pathname } = new URL(server.url);
    await server.dispose();
    const again = await serve(captureAt(0, 10, 20, 30), {
      port,
      pathSecret: pathname.split('/')[1],
      speed: 'unpaced',
    });
    const failed = new Promise<number | undefined>((resolve) => {
      source.addEventListener('error', ({ code }) => {
        if (source.readyState === EventSource.CLOSED) resolve(code);
      });
    });
    expect(await failed).toBe(204);
    expect(seen).toEqual(['1', '2', '3', '4']);
    expect(sent[0]).toBe('');
    expect(sent.at(-1)).toBe('4');
    expect(again.clients).toEqual([]);
    source.close();
  });
});
