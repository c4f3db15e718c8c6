// What no server of ours may mind: here the two that stream, each with a client that must not notice.
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { Capture } from '../../../src/capture/capture.ts';
import { startCaptureServer } from '../../../src/servers/captureServer.ts';
import { startSampleServer } from '../../../src/servers/sampleServer.ts';

const cleanup: (() => unknown)[] = [];

afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

async function sampleServer(): Promise<string> {
  const server = await startSampleServer({ authentication: false, intervalMs: 5 });
  cleanup.push(() => server.dispose());
  return `${server.url}/events/orders`;
}

async function captureServer(): Promise<string> {
  const capture = new Capture();
  const block = new TextEncoder().encode('data: x\n\n');
  for (let i = 0; i < 100; i += 1) capture.addEvent(i * 5, 1, 'message', undefined, block);
  const server = await startCaptureServer({
    source: { name: 'orders', capture, hasTimes: true },
    atEnd: 'loop',
  });
  cleanup.push(() => server.dispose());
  return server.url;
}

function dial(url: string): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {});
  cleanup.push(() => socket.destroy());
  return socket;
}

/** A stream that goes on; `more` resolves when something else of it has come. */
async function stream(url: string) {
  const abort = new AbortController();
  cleanup.push(() => abort.abort());
  const response = await fetch(url, { signal: abort.signal });
  expect(response.status).toBe(200);
  const reader = response.body?.getReader();
  return {
    async more(): Promise<void> {
      expect((await reader?.read())?.done).toBe(false);
    },
  };
}

describe.each([
  ['the sample server', sampleServer],
  ['a served capture', captureServer],
])('%s', (_, start) => {
  it('answers garbage and heads without end with 400 and 431, and closes', async () => {
    const url = await start();
    const { more } = await stream(url);
    const garbage = dial(url);
    garbage.end('\0\xff garbage\r\n\r\n');
    expect(await text(garbage)).toMatch(/^HTTP\/1\.1 400 /);
    const endless = dial(url);
    const answer = text(endless).catch(() => '');
    endless.write(`GET / HTTP/1.1\r\nHost: ${new URL(url).host}\r\n`);
    for (let i = 0; i < 10 && !endless.destroyed; i += 1) {
      endless.write(`X-${i}: ${'x'.repeat(1024 * 1024)}\r\n`);
    }
    // The answer may be lost in the reset that the rest of the head brings about.
    expect(await answer).toMatch(/^(HTTP\/1\.1 431 |$)/);
    await more();
  });

  it('holds 64 connections of a thousand, and those that it holds go on', async () => {
    const url = await start();
    const { more } = await stream(url);
    const sockets = Array.from({ length: 1000 }, () => dial(url));
    let open = sockets.length;
    for (const socket of sockets) socket.once('close', () => (open -= 1));
    while (open > 64) await new Promise((resolve) => setImmediate(resolve));
    await more();
    await more();
  });

  it('lets go of a client that sends half a request and leaves', async () => {
    const url = await start();
    const { more } = await stream(url);
    const half = dial(url);
    const closed = new Promise((resolve) => half.once('close', resolve));
    half.end('POST /verify HTTP/1.1\r\nHost: loc');
    half.resume();
    await closed;
    await more();
  });
});
