import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { headerValue } from '../../src/base/headers.ts';
import { Capture } from '../../src/capture/capture.ts';
import { startCaptureServer } from '../../src/servers/captureServer.ts';
import type { ProxyClient } from '../../src/servers/proxyClient.ts';
import { launchChromium } from '../support/chromium.ts';
import { startProxied, stepsOf, until } from '../support/proxied.ts';
import {
  type ClientName,
  ClientPages,
  mishaps,
  type Reaction,
  reactionOf,
  reactionTable,
  startClient,
} from '../support/threeClients.ts';

/** Longer than each of them waits by itself: 3 s at most. */
const watchMs = 6_000;
const names: ClientName[] = ['eventsource', 'fetch-event-source', 'Chromium'];
const cleanups: (() => void | Promise<void>)[] = [];
let browser: Browser;
let pages: ClientPages;
let reactions: Reaction[];

beforeAll(async () => {
  browser = await launchChromium();
  pages = await ClientPages.start(browser);
  const pairs = Object.keys(mishaps).flatMap((mishap) => names.map((name) => [name, mishap] as const));
  // All at a time: they wait, most of it.
  reactions = await Promise.all(
    pairs.map(([name, mishap]) => reactionOf(name, mishap, pages, watchMs, cleanups)),
  );
  console.log(reactionTable(reactions));
});

afterAll(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await pages?.close();
  await browser?.close();
});

const of = (client: ClientName, mishap: string): Reaction => {
  const found = reactions.find((one) => one.client === client && one.mishap === mishap);
  if (!found) throw new Error(`Nothing was seen of ${client} at ${mishap}.`);
  return found;
};

it.each([
  ['eventsource', '2'],
  ['Chromium', '2'],
  // Takes the id of an event whose end never came: it will never see that one.
  ['fetch-event-source', '3'],
] as const)('%s resumes by id %s after the third event broke off in its middle', (name, id) => {
  expect(of(name, 'cut mid-event')).toMatchObject({ lastEventId: id, attempts: 2 });
});

it('fetch-event-source takes a clean end for the end; the others come back', () => {
  expect(names.map((name) => of(name, 'clean end').attempts)).toEqual([2, 1, 2]);
});

it.each(names)('%s follows a redirect', (name) => {
  expect(of(name, 'redirect (307)')).toMatchObject({ followed: true });
});

it.each(names)('%s leaves a silent stream as it is', (name) => {
  expect(of(name, 'stall')).toMatchObject({ stillOpen: true, attempts: 1 });
});

it.each(['eventsource', 'Chromium'] as const)('%s gives up at 401, 503 and 204', (name) => {
  for (const mishap of ['401', '503, Retry-After: 2', '204'])
    expect(of(name, mishap)).toMatchObject({ attempts: 1, stillOpen: false });
});

it.each(['401', '503, Retry-After: 2', '204'])(
  'fetch-event-source tries again after %s, whatever the answer says',
  (mishap) => {
    expect(of('fetch-event-source', mishap).attempts).toBeGreaterThan(1);
  },
);

describe('a served capture, behind the proxy', () => {
  it.each([
    ['eventsource', [200, 204], ['', '3']],
    ['Chromium', [200, 204], ['', '3']],
    ['fetch-event-source', [200], ['']],
  ] as const)('is read by %s to its end', async (name, statuses, ids) => {
    const capture = new Capture();
    for (let i = 1; i <= 3; i++)
      capture.addEvent(i, 1, 'message', undefined, new TextEncoder().encode(`id: ${i}\ndata: ${i}\n\n`));
    const served = await startCaptureServer({
      source: { name: 'orders', capture, hasTimes: true },
      retryMs: 100,
    });
    cleanups.push(() => served.dispose());
    const { proxy } = await startProxied(cleanups, () => {}, { upstream: new URL(served.url) });
    cleanups.push(await startClient(name, proxy.url, pages));
    await until(proxy, () => proxy.clients[0]?.attempts === statuses.length && !proxy.clients[0].isBusy);
    const client = proxy.clients[0] as ProxyClient;
    const heads = stepsOf(client).flatMap((step) => ('head' in step ? [step.head.status] : []));
    expect([heads, client.capture.events]).toEqual([statuses, 3]);
    expect(
      stepsOf(client).flatMap((step) =>
        'request' in step ? [headerValue(step.request?.headers ?? [], 'last-event-id') ?? ''] : [],
      ),
    ).toEqual(ids);
  });
});
