import * as assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import * as vscode from 'vscode';
import { exchange } from '../support/exchange.ts';
import { ProxyThread } from '../support/proxyThread.ts';
import { secondLoopback } from '../support/secondLoopback.ts';
import { makeTlsCertificates, type TlsCertificates } from '../support/tlsCertificates.ts';

// The transport behind a real proxy that VS Code's own settings name. The target is on 127.0.0.2: VS Code asks no
// proxy for 127.0.0.1.

describe('a proxy in the extension host', () => {
  let certificates: TlsCertificates;
  let proxy: ProxyThread;
  let http: Server;
  let https: Server;
  const requests: IncomingMessage[] = [];
  const cleanups: (() => void | Promise<void>)[] = [];

  const originOf = (server: Server, scheme: string) =>
    `${scheme}://127.0.0.2:${(server.address() as AddressInfo).port}`;
  const hostOf = (server: Server) => new URL(originOf(server, 'http')).host;
  const get = (url: string) => exchange(cleanups, { url, tls: { ca: certificates.ca.cert } });

  before(async function () {
    if (!(await secondLoopback())) return this.skip();
    certificates = await makeTlsCertificates();
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      requests.push(request);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: x\n\n');
      if (request.url !== '/live') response.end();
    };
    http = createHttpServer(answer);
    https = createHttpsServer(certificates.server, answer);
    for (const server of [http, https])
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve));
    proxy = await ProxyThread.start();
  });

  after(async () => {
    for (const server of [http, https]) {
      server?.closeAllConnections();
      server?.close();
    }
    await proxy?.close();
  });

  beforeEach(async () => {
    requests.length = 0;
    proxy.demand(undefined);
    await proxy.seen();
  });

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    for (const name of ['proxy', 'noProxy', 'proxySupport']) await configure(name, undefined);
  });

  /** Sets `http.<name>` and waits until the extension host has it. */
  async function configure(name: string, value: unknown): Promise<void> {
    await vscode.workspace.getConfiguration('http').update(name, value, vscode.ConfigurationTarget.Global);
  }

  it('no proxy is asked where none is configured', async () => {
    const { ended, headCame } = get(`${originOf(http, 'http')}/events`);
    assert.deepEqual(await ended, { kind: 'end' });
    assert.equal((await headCame).connection?.proxy, undefined);
    assert.deepEqual(await proxy.seen(), []);
  });

  for (const support of ['override', 'on', 'fallback']) {
    it(`takes http through it, with http.proxySupport "${support}"`, async () => {
      await configure('proxySupport', support);
      await configure('proxy', `http://127.0.0.1:${proxy.port}`);
      const { ended, headCame, text } = get(`${originOf(http, 'http')}/events?a=1`);
      assert.deepEqual(await ended, { kind: 'end' });
      assert.equal(text(), 'data: x\n\n');
      assert.deepEqual(await proxy.seen(), [
        { target: hostOf(http), method: 'GET', username: '', password: '' },
      ]);
      assert.equal(requests[0]?.url, '/events?a=1');
      assert.equal(requests[0]?.headers.host, hostOf(http));
      assert.equal((await headCame).connection?.proxy, `PROXY 127.0.0.1:${proxy.port}`);
    });

    it(`takes https through a tunnel, with http.proxySupport "${support}"`, async () => {
      await configure('proxySupport', support);
      await configure('proxy', `http://127.0.0.1:${proxy.port}`);
      const { ended, headCame, text } = get(`${originOf(https, 'https')}/events`);
      assert.deepEqual(await ended, { kind: 'end' });
      assert.equal(text(), 'data: x\n\n');
      assert.deepEqual(await proxy.seen(), [
        { target: hostOf(https), method: 'CONNECT', username: '', password: '' },
      ]);
      const { timing, connection } = await headCame;
      assert.equal(connection?.tls?.subject, 'CN=the test server');
      assert.equal(connection.proxy, `PROXY 127.0.0.1:${proxy.port}`);
      assert.ok((timing?.tlsMs ?? 0) > 0, JSON.stringify(timing));
    });
  }

  it('goes past it with http.proxySupport "off", and for what http.noProxy names', async () => {
    await configure('proxy', `http://127.0.0.1:${proxy.port}`);
    await configure('noProxy', ['127.0.0.2']);
    assert.deepEqual(await get(`${originOf(http, 'http')}/`).ended, { kind: 'end' });
    assert.deepEqual(await get(`${originOf(https, 'https')}/`).ended, { kind: 'end' });
    await configure('noProxy', ['example.com']);
    assert.deepEqual(await get(`${originOf(http, 'http')}/`).ended, { kind: 'end' });
    assert.equal((await proxy.seen()).length, 1);
    await configure('proxySupport', 'off');
    assert.deepEqual(await get(`${originOf(http, 'http')}/`).ended, { kind: 'end' });
    assert.deepEqual([(await proxy.seen()).length, requests.length], [0, 4]);
  });

  it('gives it the credentials of http.proxy, and shows them to nobody', async () => {
    proxy.demand({ username: 'user', password: 'p@ss' });
    await configure('proxy', `http://user:p%40ss@127.0.0.1:${proxy.port}`);
    for (const url of [`${originOf(http, 'http')}/`, `${originOf(https, 'https')}/`]) {
      const { ended, headCame } = get(url);
      assert.deepEqual(await ended, { kind: 'end' });
      const head = await headCame;
      assert.equal(head.connection?.proxy, `PROXY 127.0.0.1:${proxy.port}`);
      assert.doesNotMatch(JSON.stringify(head), /p@ss|p%40ss/);
    }
    const credentials = { username: 'user', password: 'p@ss' };
    assert.deepEqual(await proxy.seen(), [
      { target: hostOf(http), method: 'GET', ...credentials },
      { target: hostOf(https), method: 'CONNECT', ...credentials },
    ]);
    for (const { headers } of requests) assert.equal(headers['proxy-authorization'], undefined);
  });

  it('sends nothing on where it asks for credentials, and takes its refusal for no answer of the server', async () => {
    proxy.demand({ username: 'user', password: 'pass' });
    await configure('proxy', `http://127.0.0.1:${proxy.port}`);
    const plain = get(`${originOf(http, 'http')}/`);
    assert.equal((await plain.headCame).status, 407);
    await plain.ended;
    const tunnel = get(`${originOf(https, 'https')}/`);
    assert.deepEqual(await tunnel.ended, {
      kind: 'error',
      error: 'proxyRefused',
      code: 'HTTP_407',
      message: `PROXY 127.0.0.1:${proxy.port}: 407 Proxy Authentication Required`,
    });
    assert.deepEqual([tunnel.heads, requests], [[], []]);
  });

  it('lets events through as they are sent, and ends at the server too when it is left', async () => {
    await configure('proxy', `http://127.0.0.1:${proxy.port}`);
    for (const [server, scheme] of [
      [http, 'http'],
      [https, 'https'],
    ] as const) {
      const asked = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
      const { abort, came, ends } = get(`${originOf(server, scheme)}/live`);
      const [request, response] = await asked;
      const closed = once(request.socket, 'close');
      await came('data: x\n\n');
      response.write(': y\n\n');
      await came('data: x\n\n: y\n\n');
      abort();
      await closed;
      assert.deepEqual(ends, []);
    }
    assert.equal((await proxy.seen()).length, 2);
  });

  it('names the proxy that cannot be reached', async () => {
    const gone = createHttpServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise<void>((resolve) => gone.close(() => resolve()));
    await configure('proxy', `http://user:secret@127.0.0.1:${port}`);
    for (const url of [`${originOf(http, 'http')}/`, `${originOf(https, 'https')}/`]) {
      const end = await get(url).ended;
      assert.ok(end.kind === 'error');
      assert.deepEqual([end.error, end.code], ['proxy', 'ECONNREFUSED']);
      assert.match(end.message, new RegExp(`^PROXY 127\\.0\\.0\\.1:${port}: `));
      assert.doesNotMatch(end.message, /secret/);
    }
  });
});
