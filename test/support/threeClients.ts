// What three clients of other hands do when a stream goes wrong, each through a fault proxy of its own and measured by
// what that captured: the npm package eventsource, @microsoft/fetch-event-source in a page, and Chromium's EventSource.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { EventSource as NodeEventSource } from 'eventsource';
import type { Browser, Page } from 'playwright-core';
import { faultOf } from '../../src/lab/faultForms.ts';
import type { Fault } from '../../src/lab/faultKinds.ts';
import type { ProxyClient } from '../../src/servers/proxyClient.ts';
import type { ResponseHead, StreamEnd } from '../../src/sse/transport.ts';
import { recordsOf, startProxied } from './proxied.ts';

export type ClientName = 'eventsource' | 'fetch-event-source' | 'Chromium';

/** What goes wrong, with the first request. */
export const mishaps: Record<string, Fault> = {
  '401': faultOf('status', { status: 401, headers: [['WWW-Authenticate', 'Bearer']] }),
  '503, Retry-After: 2': faultOf('status', { status: 503, headers: [['Retry-After', '2']] }),
  '204': faultOf('status', { status: 204 }),
  'redirect (307)': faultOf('status', { status: 307, headers: [['Location', '/moved']] }),
  'cut mid-event': faultOf('cut', { afterEvents: 2, how: 'midEvent' }),
  'clean end': faultOf('cut', { afterEvents: 2, how: 'end' }),
  stall: faultOf('stall', { afterEvents: 2 }),
};

/** What the lab saw of a client, for so long as it looked. */
export interface Reaction {
  client: ClientName;
  mishap: string;
  attempts: number;
  /** Milliseconds from the end of the first attempt to the second; undefined where there was none. */
  reconnectedAfterMs: number | undefined;
  /** Of the second attempt; empty for none. */
  lastEventId: string;
  /** Whether the second attempt is for where a redirect led. */
  followed: boolean;
  /** The first connection was still open at the end. */
  stillOpen: boolean;
}

/** Pages for clients in a browser. */
export class ClientPages {
  readonly #browser: Browser;
  readonly #site: Server;

  private constructor(browser: Browser, site: Server) {
    this.#browser = browser;
    this.#site = site;
  }

  static async start(browser: Browser): Promise<ClientPages> {
    const bundle = await build({
      stdin: {
        contents: `export { fetchEventSource } from '@microsoft/fetch-event-source';`,
        resolveDir: join(import.meta.dirname, '../..'),
      },
      bundle: true,
      format: 'iife',
      globalName: 'clients',
      write: false,
    });
    const script = bundle.outputFiles[0]?.text ?? '';
    const site = createServer((_, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(`<!doctype html><title>app</title><script>${script}</script>`),
    );
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    return new ClientPages(browser, site);
  }

  /** A page that one client runs in. */
  async open(): Promise<Page> {
    const page = await (await this.#browser.newContext()).newPage();
    await page.goto(`http://127.0.0.1:${(this.#site.address() as AddressInfo).port}/`);
    return page;
  }

  async close(): Promise<void> {
    this.#site.closeAllConnections();
    await new Promise((resolve) => this.#site.close(resolve));
  }
}

/** Lets one client meet one mishap, and looks on for so many milliseconds after its first attempt went wrong. */
export async function reactionOf(
  client: ClientName,
  mishap: string,
  pages: ClientPages,
  watchMs: number,
  cleanups: (() => void | Promise<void>)[],
): Promise<Reaction> {
  let id = 0;
  const { proxy, injector } = await startProxied(cleanups, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (): void => void response.write(`id: ${++id}\ndata: ${id}\n\n`);
    send();
    send();
    // A reset takes back what a client hasn't read yet: the third comes when the others have been.
    const later = setTimeout(send, 1_000);
    response.on('close', () => clearTimeout(later));
  });
  injector.arm([mishaps[mishap] as Fault], 1);
  const stop = await startClient(client, proxy.url, pages);
  cleanups.push(stop);
  const first = (): ProxyClient | undefined => proxy.clients[0];
  const isThrough = (): boolean => {
    const one = first();
    return one !== undefined && recordsOf(one).some(({ kind, ...more }) => kind === 'step' && isFault(more));
  };
  while (!isThrough()) await new Promise((resolve) => setTimeout(resolve, 10));
  await new Promise((resolve) => setTimeout(resolve, watchMs));
  return seen(client, mishap, first() as ProxyClient);
}

/** What a fault did is a record, or the answer and the end that it made say so. */
const isFault = (record: object): boolean => {
  const { step } = record as { step: { step: string; head?: ResponseHead; end?: StreamEnd } };
  return step.step === 'fault' || step.head?.injected === true || step.end?.injected === true;
};

/** By the capture alone. */
function seen(name: ClientName, mishap: string, client: ProxyClient): Reaction {
  const steps = recordsOf(client).flatMap((record) => (record.kind === 'step' ? [record] : []));
  const ended = steps.find(({ attempt, step }) => attempt === 1 && endings.has(step.step));
  const next = steps.find(({ attempt }) => attempt === 2)?.step;
  const request = next && 'request' in next ? next.request : undefined;
  return {
    client: name,
    mishap,
    attempts: client.attempts,
    reconnectedAfterMs: request && ended ? Math.max(0, request.time - ended.time) : undefined,
    lastEventId: request?.headers.find(([field]) => field.toLowerCase() === 'last-event-id')?.[1] ?? '',
    followed: request !== undefined && new URL(request.url).pathname === '/moved',
    stillOpen: client.attempts === 1 && client.state.kind === 'open',
  };
}

const endings = new Set(['answer', 'redirect', 'ended', 'closed']);

/** Starts a client; the result stops it. */
export function startClient(
  client: ClientName,
  url: string,
  pages: ClientPages,
): Promise<() => Promise<void>> {
  return clients[client](url, pages);
}

/** Each starts the way its documentation begins. */
const clients: Record<ClientName, (url: string, pages: ClientPages) => Promise<() => Promise<void>>> = {
  async eventsource(url) {
    const source = new NodeEventSource(url);
    source.addEventListener('error', () => {});
    return async () => source.close();
  },
  async 'fetch-event-source'(url, pages) {
    const page = await pages.open();
    await page.evaluate((url) => {
      const { clients } = window as unknown as {
        clients: { fetchEventSource(url: string, init: object): Promise<void> };
      };
      void clients.fetchEventSource(url, {}).catch(() => {});
    }, url);
    return () => page.context().close();
  },
  async Chromium(url, pages) {
    const page = await pages.open();
    await page.evaluate((url) => {
      Object.assign(window, { source: new EventSource(url) });
    }, url);
    return () => page.context().close();
  },
};

/** The reactions as a table of Markdown: a mishap a line, a client a column. */
export function reactionTable(reactions: readonly Reaction[]): string {
  const names = [...new Set(reactions.map(({ client }) => client))];
  const rows = [...new Set(reactions.map(({ mishap }) => mishap))].map((mishap) => [
    mishap,
    ...names.map((name) => {
      const one = reactions.find((each) => each.client === name && each.mishap === mishap);
      return one ? inWords(one) : '';
    }),
  ]);
  const lines = [['', ...names], names.map(() => '---').concat('---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function inWords({ attempts, reconnectedAfterMs, lastEventId, followed, stillOpen }: Reaction): string {
  if (stillOpen) return 'waits, stays connected';
  if (reconnectedAfterMs === undefined) return 'stops';
  const id = lastEventId === '' ? 'no Last-Event-ID' : `Last-Event-ID: ${lastEventId}`;
  const what = followed ? 'follows' : `reconnects after ${reconnectedAfterMs} ms`;
  return `${what}, ${id}, ${attempts} requests seen`;
}
