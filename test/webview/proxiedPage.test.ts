// What Chromium keeps to behind the fault proxy: redirects and cookies of the server, and who a page is.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { startProxied } from '../support/proxied.ts';
import { ClientPages } from '../support/threeClients.ts';

const cleanups: (() => void | Promise<void>)[] = [];
let browser: Browser;
let pages: ClientPages;
let page: Page;

beforeAll(async () => {
  browser = await launchChromium();
  pages = await ClientPages.start(browser);
});

afterAll(async () => {
  await pages?.close();
  await browser?.close();
});

beforeEach(async () => {
  page = await pages.open();
});

afterEach(async () => {
  await page.context().close();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** The data of the first event, or "refused". */
const firstEvent = (url: string): Promise<string> =>
  page.evaluate(
    (url) =>
      new Promise<string>((resolve) => {
        const source = new EventSource(url);
        source.onmessage = ({ data }) => {
          source.close();
          resolve(data);
        };
        source.onerror = () => {
          source.close();
          resolve('refused');
        };
      }),
    url,
  );

it('a page that signs in by redirect and a guarded cookie stays with the proxy and has its stream', async () => {
  const { proxy, upstream } = await startProxied(
    cleanups,
    (request, response) => {
      if (request.url === '/login')
        response
          .writeHead(302, {
            location: `http://127.0.0.1:${upstream.port}/app/`,
            'set-cookie': '__Host-sid=s3same; Path=/; Secure; HttpOnly; SameSite=Strict',
          })
          .end();
      else if (request.url === '/app/')
        response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>in</title>');
      else if (request.headers.cookie === '__Host-sid=s3same')
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: yours\n\n');
      else response.writeHead(401).end();
    },
    { allowOrigin: () => false },
  );
  const base = proxy.url.replace('/events', '');
  await page.goto(`${base}/login`);
  expect([page.url(), await page.title()]).toEqual([`${base}/app/`, 'in']);
  expect(await firstEvent('../events')).toBe('yours');
  expect(JSON.stringify(proxy.clients.map(({ request }) => request))).not.toContain('s3same');
});

it('a page of another origin has its stream where the user allowed it, and is asked about once', async () => {
  const asked: string[] = [];
  let isAllowed = true;
  const start = () =>
    startProxied(
      cleanups,
      (_request, response) =>
        void response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: yours\n\n'),
      {
        allowOrigin: (origin) => {
          asked.push(origin);
          return isAllowed;
        },
      },
    );
  const { proxy } = await start();
  expect([await firstEvent(proxy.url), await firstEvent(proxy.url)]).toEqual(['yours', 'yours']);
  isAllowed = false;
  const other = await start();
  expect([await firstEvent(other.proxy.url), await firstEvent(other.proxy.url)]).toEqual([
    'refused',
    'refused',
  ]);
  expect(other.upstream.accepted).toBe(0);
  const { origin } = new URL(page.url());
  expect(asked).toEqual([origin, origin]);
});
