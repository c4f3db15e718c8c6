import * as assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as vscode from 'vscode';

// Commands and settings inside the extension host, with its own patched node:http, against a server in the same
// process: what counts is what arrives there.

describe('a connection in the extension host', () => {
  let server: Server;
  let origin: string;
  const requests: { request: IncomingMessage; response: ServerResponse }[] = [];
  let waiting: (() => void)[] = [];

  /** The n-th request since the test began, from 1. */
  async function request(n: number) {
    while (requests.length < n) await new Promise<void>((resolve) => waiting.push(resolve));
    return requests[n - 1] as { request: IncomingMessage; response: ServerResponse };
  }

  function stream(response: ServerResponse, text: string): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text);
  }

  async function configure(...connections: object[]): Promise<void> {
    await vscode.workspace
      .getConfiguration('sseDebugger')
      .update('connections', connections, vscode.ConfigurationTarget.Workspace);
  }

  before(async () => {
    server = createServer((incoming, response) => {
      requests.push({ request: incoming, response });
      const resolvers = waiting;
      waiting = [];
      for (const resolve of resolvers) resolve();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await vscode.extensions.getExtension('sse-debugger.sse-debugger')?.activate();
  });

  after(async () => {
    await configure();
    server.closeAllConnections();
    server.close();
  });

  beforeEach(() => {
    requests.length = 0;
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('sseDebugger.disconnect', 'stream');
  });

  it('asks for an event stream, and again from the last id when it is forced to', async () => {
    await configure({ name: 'stream', url: `${origin}/a`, headers: { 'X-Tenant': 'acme' } });
    await vscode.commands.executeCommand('sseDebugger.connect', 'stream');
    const first = await request(1);
    assert.equal(first.request.headers.accept, 'text/event-stream');
    assert.equal(first.request.headers['x-tenant'], 'acme');
    assert.equal(first.request.headers['last-event-id'], undefined);
    stream(first.response, 'id: 7\ndata: x\n\nretry: 1\n\n');
    // The retry field comes after the event: once the stream is cut it decides the wait, so the id is known too.
    first.response.end();
    const second = await request(2);
    assert.equal(second.request.headers['last-event-id'], '7');
    stream(second.response, ': open\n\n');
    const closed = once(second.request.socket, 'close');
    await vscode.commands.executeCommand('sseDebugger.forceReconnect', 'stream');
    const third = await request(3);
    await closed;
    assert.equal(third.request.headers['last-event-id'], '7');
  });

  it('uses edited settings at the next attempt, not before', async () => {
    await configure({ name: 'stream', url: `${origin}/a` });
    await vscode.commands.executeCommand('sseDebugger.connect', 'stream');
    const first = await request(1);
    stream(first.response, 'data: x\n\n');
    await configure({ name: 'stream', url: `${origin}/b` });
    assert.equal(requests.length, 1);
    await vscode.commands.executeCommand('sseDebugger.forceReconnect', 'stream');
    assert.equal((await request(2)).request.url, '/b');
  });

  it('sends a method and a JSON body, and closes the socket on Disconnect', async () => {
    await configure({ name: 'stream', url: `${origin}/post`, method: 'post', body: { ask: ['a', 1] } });
    await vscode.commands.executeCommand('sseDebugger.connect', 'stream');
    const { request: incoming, response } = await request(1);
    assert.equal(incoming.method, 'POST');
    assert.equal(incoming.headers['content-type'], 'application/json');
    let body = '';
    for await (const chunk of incoming) body += chunk;
    assert.equal(body, '{"ask":["a",1]}');
    stream(response, 'data: x\n\n');
    const closed = once(incoming.socket, 'close');
    await vscode.commands.executeCommand('sseDebugger.disconnect', 'stream');
    await closed;
  });

  it('meets a replayed 503 that its server never sees, and comes back from the last id', async () => {
    const reconnect = { initialMs: 500, jitter: 0 };
    await configure({ name: 'stream', url: `${origin}/a`, reconnect });
    await vscode.commands.executeCommand('sseDebugger.connect', 'stream');
    const first = await request(1);
    stream(first.response, 'id: 7\ndata: x\n\n');
    let cutAt = 0;
    first.request.socket.once('close', () => {
      cutAt = Date.now();
    });
    let done = false;
    const replayed = vscode.commands.executeCommand('sseDebugger.replay503', 'stream');
    replayed.then(() => {
      done = true;
    });
    // Once, without Retry-After, now: the first of each question.
    await eventually(async () => {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      assert.ok(done);
    });
    const second = await request(2);
    assert.equal(second.request.headers['last-event-id'], '7');
    // Half a second after the cut, and twice that after the 503, which took the place of a request.
    assert.ok(Date.now() - cutAt > 1_000);
    stream(second.response, 'id: 8\ndata: x\n\n');
    assert.equal(requests.length, 2);
  });

  it('starts the sample server on loopback and stops it', async () => {
    // The command waits for an answer to its message: it is not awaited here.
    void vscode.commands.executeCommand('sseDebugger.startSampleServer');
    const url = 'http://127.0.0.1:8787/';
    const answered = await eventually(async () => (await fetch(url)).ok);
    assert.equal(answered, true);
    await vscode.commands.executeCommand('sseDebugger.stopServer');
    await assert.rejects(fetch(url));
  });
});

/** Asks until the answer comes; the server's start can't be awaited from outside. */
async function eventually<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
