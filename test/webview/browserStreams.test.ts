// What a browser does with the sample server: a page of this machine, Chromium's own EventSource, fetch and cookies.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Capture } from '../../src/capture/capture.ts';
import { startCaptureServer } from '../../src/servers/captureServer.ts';
import { launchChromium } from '../support/chromium.ts';
import { useSampleServers } from '../support/sampleServers.ts';

const start = useSampleServers();
let browser: Browser;
let site: Server;
let page: Page;

beforeAll(async () => {
  browser = await launchChromium();
  site = createServer((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>app</title>'),
  );
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  await browser?.close();
  site?.closeAllConnections();
  await new Promise((resolve) => site?.close(resolve));
});

beforeEach(async () => {
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
});

afterEach(() => page.context().close());

/** What an EventSource in the page says, up to so many events or until it gives up. */
interface Heard {
  ids: string[];
  errors: number;
  /** EventSource.readyState: 0 connecting, 1 open, 2 closed. */
  state: number;
}

function listen(url: string, count: number, init?: EventSourceInit): Promise<Heard> {
  return page.evaluate(
    ([url, count, init]) =>
      new Promise<Heard>((resolve) => {
        const source = new EventSource(url, init);
        const ids: string[] = [];
        let errors = 0;
        const done = (): void => {
          resolve({ ids, errors, state: source.readyState });
          source.close();
        };
        const onEvent = ({ lastEventId }: MessageEvent): void => {
          ids.push(lastEventId);
          document.title = `${ids.length} events`;
          if (ids.length === count) done();
        };
        for (const type of ['message', 'order.created', 'order.paid', 'price', 'count']) {
          source.addEventListener(type, onEvent);
        }
        source.onerror = () => {
          errors += 1;
          if (source.readyState === EventSource.CLOSED) done();
        };
      }),
    [url, count, init] as const,
  );
}

describe("a browser's own EventSource", () => {
  it('is let in by ?token=; headers in its options go nowhere', async () => {
    const server = await start();
    const token = await server.mint();
    const url = `${server.url}/events/orders`;
    const withHeaders = { headers: { Authorization: `Bearer ${token}` } } as EventSourceInit;
    expect(await listen(url, 1, withHeaders)).toEqual({ ids: [], errors: 1, state: 2 });
    expect(await listen(`${url}?token=${encodeURIComponent(token)}`, 3)).toEqual({
      ids: ['1', '2', '3'],
      errors: 0,
      state: 1,
    });
    expect(server.counts).toMatchObject({ refused: 1, streams: 1 });
  });

  it('is let in by a cookie, where it sends credentials', async () => {
    const server = await start();
    await page.evaluate(
      (token) => {
        // biome-ignore lint/suspicious/noDocumentCookie: as pages have set it since ever.
        document.cookie = `access_token=${token}; SameSite=Strict`;
      },
      await server.mint(),
    );
    const url = `${server.url}/events/orders`;
    expect(await listen(url, 2)).toMatchObject({ ids: [], state: 2 });
    expect(await listen(url, 2, { withCredentials: true })).toMatchObject({ ids: ['1', '2'], errors: 0 });
  });

  it('resumes after a restart, and stops at the 204 of a topic that is over', async () => {
    const server = await start();
    const token = await server.mint();
    const heard = listen(`${server.url}/events/finite?token=${token}`, 99);
    expect(await heard).toEqual({
      ids: Array.from({ length: 10 }, (_, i) => `${i + 1}`),
      errors: 2,
      state: 2,
    });
    const orders = listen(`${server.url}/events/orders?token=${token}`, 400);
    while (server.counts.streams < 2) await new Promise((resolve) => setImmediate(resolve));
    await server.restart();
    const { ids, errors } = await orders;
    expect(ids).toEqual(Array.from({ length: 400 }, (_, i) => `${i + 1}`));
    expect(errors).toBe(1);
  });

  it('gives up at the 401 after its token expired, and at 503: what the page must come back from itself', async () => {
    const server = await start();
    const short = await server.mint({ ttlSeconds: 1 });
    const heard = await listen(`${server.url}/events/orders?token=${short}`, 10_000);
    expect(heard.ids.length).toBeGreaterThan(0);
    expect(heard).toMatchObject({ errors: 2, state: 2 });
    server.setWebhook('down');
    const fresh = await server.mint();
    expect(await listen(`${server.url}/events/orders?token=${fresh}`, 1)).toEqual({
      ids: [],
      errors: 1,
      state: 2,
    });
    expect(server.counts).toMatchObject({ refused: 1, unavailable: 1 });
  });

  it('needs no token where authentication is off', async () => {
    const server = await start({ authentication: false });
    expect(await listen(`${server.url}/events/orders`, 2)).toMatchObject({ ids: ['1', '2'], errors: 0 });
  });
});

it("a browser's own EventSource reads a served capture, resumes by id, and stops at 204", async () => {
  const capture = new Capture();
  for (let i = 1; i <= 6; i += 1) {
    const block = `event: count\nid: ${i}\ndata: ${i}\n\n`;
    capture.addEvent(i * 10, 1, 'count', undefined, new TextEncoder().encode(block));
  }
  const came: string[] = [];
  const server = await startCaptureServer({
    source: { name: 'orders', capture, hasTimes: true },
    speed: 'step',
    retryMs: 20,
    onClient: ({ isConnected, lastEventId }) => {
      if (isConnected) came.push(lastEventId);
    },
  });
  const heard = listen(server.url, 99);
  while (server.clients.length === 0) await new Promise((resolve) => setImmediate(resolve));
  for (let i = 0; i < 6; i += 1) server.step();
  expect(await heard).toEqual({ ids: ['1', '2', '3', '4', '5', '6'], errors: 2, state: 2 });
  // The stream ended, and 204 was the answer to who had it all.
  expect(came).toEqual(['']);

  const { port } = server;
  const pathSecret = new URL(server.url).pathname.split('/')[1];
  const again = listen(server.url, 99);
  while (server.clients.length === 0) await new Promise((resolve) => setImmediate(resolve));
  server.step();
  server.step();
  await page.waitForFunction(() => document.title === '2 events');
  await server.dispose();
  const second = await startCaptureServer({
    source: { name: 'orders', capture, hasTimes: true },
    port,
    pathSecret,
    onClient: ({ isConnected, lastEventId }) => {
      if (isConnected) came.push(lastEventId);
    },
  });
  expect((await again).ids).toEqual(['1', '2', '3', '4', '5', '6']);
  expect(came).toEqual(['', '', '2']);
  await second.dispose();
});

it('fetch in a page sends the token as a header, and reads why another one is refused', async () => {
  const server = await start();
  const read = (token: string) =>
    page.evaluate(
      async ([url, token]) => {
        const response = await fetch(url, {
          headers: { Authorization: `Bearer ${token}`, Accept: 'text/event-stream', 'Last-Event-ID': '4' },
        });
        const reader = response.body?.getReader();
        const first = await reader?.read();
        await reader?.cancel();
        return {
          status: response.status,
          challenge: response.headers.get('www-authenticate'),
          text: new TextDecoder().decode(first?.value),
        };
      },
      [`${server.url}/events/orders`, token] as const,
    );
  const accepted = await read(await server.mint());
  expect(accepted).toMatchObject({ status: 200, challenge: null });
  expect(accepted.text).toContain('id: 5\n');
  expect(await read(await server.mint({ ttlSeconds: -5 }))).toMatchObject({
    status: 401,
    challenge: expect.stringContaining('The token expired at'),
  });
});
