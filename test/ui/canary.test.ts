import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canariesIn, canaryCredential, canaryToken } from '../support/canary.ts';
import { eventStream, HttpServer } from '../support/httpServer.ts';
import { filesIn } from './filesIn.ts';
import { useUi } from './harness.ts';
import { Journey } from './journey.ts';
import { until } from './until.ts';

// Canary tokens through every source, at servers that send back all they were sent: plain, URL-encoded, in base64 and in
// two pieces, also in two lines of data, when they take it and when they refuse it. Afterwards all that VS Code has on
// disk and in the browser, what went to the panel, and what is exported and copied is searched for them.

let stream: HttpServer;
let mint: HttpServer;
let answer: 'open' | 'echo' | 401 | 503 = 'open';
/** Each message to the documents of the window, as JSON. */
const messages: string[] = [];

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

/** What was sent, in the forms in which servers send things back. */
async function everything(request: IncomingMessage): Promise<string> {
  const all = `${request.url} ${JSON.stringify(request.headers)} ${await bodyOf(request)}`;
  const sent = /canary-[^"; ]+/.exec(decodeURIComponent(all))?.[0] ?? '';
  return `${all} ${encodeURIComponent(sent)} ${btoa(sent)} ${btoa(`id:${sent}`)}`;
}

async function streamTo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const all = await everything(request);
  const header = all.replaceAll(/[^\x20-\x7e]|["\\]/g, '');
  response.setHeader('X-Echo', header);
  if (typeof answer === 'number') {
    response.setHeader('WWW-Authenticate', `Bearer error="invalid_token", error_description="${header}"`);
    response.writeHead(answer, { 'Content-Type': 'application/json' }).end(JSON.stringify({ all }));
    return;
  }
  response.writeHead(200, eventStream).write('data: welcome\n\n');
  if (answer === 'open') return;
  const event = `id: ${canaryToken}\ndata: ${JSON.stringify({ all })}\n\n`;
  const half = event.indexOf('T0k3n') + 2;
  const lines = `data: <${canaryToken.replace('T0k3n', 'T0\ndata: k3n')}>\n\n`;
  response.write(event.slice(0, half), () =>
    response.write(`${event.slice(half)}${lines}data: the last\n\n`),
  );
}

const ui = useUi(async () => {
  stream = await HttpServer.start((request, response) => void streamTo(request, response));
  mint = await HttpServer.start((_, response) =>
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(
      JSON.stringify({
        ...{ token: canaryToken, access_token: canaryToken, token_type: 'Bearer', expires_in: 60 },
      }),
    ),
  );
  const credential = { secret: 'API', placement: 'query' };
  const print = ['-p', 'process.env.CANARY'];
  const oauth2 = { from: 'oauth2', grant: 'client_credentials', tokenEndpoint: mint.url, clientId: 'me' };
  const connections = {
    secret: { placement: 'header' },
    env: { placement: 'query', token: { from: 'env', name: 'CANARY' } },
    session: { placement: 'cookie', token: { from: 'session', provider: 'test-accounts' } },
    program: { placement: 'header', token: { from: 'command', command: [process.execPath, ...print] } },
    endpoint: { placement: 'query', token: { from: 'endpoint', url: mint.url, credential } },
    oauth2: { placement: 'header', token: { ...oauth2, clientSecret: 'CLIENT' } },
  };
  return {
    env: { CANARY: canaryToken },
    extensions: [fileURLToPath(new URL('../support/vscodeHost/signInProvider', import.meta.url))],
    userSettings: {
      'testAccounts.tokenUrl': mint.url,
      'sseDebugger.connections': Object.entries(connections).map(([name, auth]) => ({
        ...{ name, url: `${stream.url}/${name}`, auth, reconnect: { maxAttempts: 1 } },
      })),
    },
  };
});
beforeAll(async () => {
  const { context } = ui();
  await context.exposeBinding('noteMessage', (_, message: string) => void messages.push(message));
  // A webview has its messages by a port of the document around it, and that document is made with the panel.
  await context.addInitScript(() => {
    if (window === window.top) return;
    const { noteMessage } = window as unknown as { noteMessage(message: string): void };
    const bytesAsText = (_: string, value: unknown) =>
      ArrayBuffer.isView(value) ? new TextDecoder('windows-1252').decode(value) : value;
    const note = (data: unknown): void => noteMessage(JSON.stringify(data, bytesAsText) ?? '');
    const { prototype } = MessagePort;
    const descriptor = Object.getOwnPropertyDescriptor(prototype, 'onmessage') as PropertyDescriptor;
    Object.defineProperty(prototype, 'onmessage', {
      ...descriptor,
      set(this: MessagePort, listener: (event: MessageEvent) => void) {
        descriptor.set?.call(this, (event: MessageEvent) => {
          note(event.data);
          listener.call(this, event);
        });
      },
    });
    const { postMessage } = prototype;
    prototype.postMessage = function (this: MessagePort, ...args: [unknown, never]) {
      note(args[0]);
      postMessage.apply(this, args);
    };
  });
});
afterAll(async () => {
  await stream.close();
  await mint.close();
});
const journey = (): Journey => new Journey(ui().workbench);
const dialog = () => ui().workbench.page.locator('.monaco-dialog-box');

async function allow(button: string | RegExp): Promise<void> {
  await dialog().getByRole('button', { name: button }).click();
  await dialog().waitFor({ state: 'hidden' });
}

/** Where VS Code in a browser keeps its state: what desktop VS Code has in state.vscdb. */
async function browserState(): Promise<string> {
  return await ui().workbench.page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const kept: unknown[] = [{ ...localStorage }, { ...sessionStorage }];
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        const values = await done(database.transaction(store).objectStore(store).getAll());
        const texts = values.map((value) =>
          ArrayBuffer.isView(value) ? new TextDecoder('windows-1252').decode(value as Uint8Array) : value,
        );
        kept.push([name, store, texts]);
      }
      database.close();
    }
    return JSON.stringify(kept);
  });
}

const clipboard = () => ui().workbench.page.evaluate(() => navigator.clipboard.readText());

it.each([
  ['secret', [], canaryToken],
  ['env', ['Allow'], undefined],
  ['session', ['Allow', 'Allow'], undefined],
  ['program', ['Run'], undefined],
  ['endpoint', ['Allow'], canaryCredential],
  ['oauth2', ['Allow'], canaryCredential],
])(
  'sends the canary of %s, which is taken, refused, and met by a failure',
  async (name, questions, given) => {
    const { workbench } = ui();
    answer = 'open';
    await journey().connect(name, given);
    for (const button of questions) await allow(button);
    await journey().untilState('Open');
    const [request] = stream.requests.slice(-1);
    const sent = `${request?.url} ${JSON.stringify(request?.headers)}`;
    expect(canariesIn(decodeURIComponent(sent))).not.toEqual([]);
    answer = 401;
    await workbench.runCommand('Force Reconnect');
    await journey().untilRow('step', /401/);
    await journey().untilState(/Failed|Needs a token/);
    answer = 503;
    await workbench.runCommand('Force Reconnect');
    await journey().untilRow('step', /503/);
    await journey().untilState('Failed');
    await workbench.clearMessages();
    await workbench.runCommand('View: Close All Editors');
  },
);

it('told the panels nothing of them', () => {
  expect(messages.filter((message) => message.includes('/events/secret'))).not.toEqual([]);
  expect(messages.filter((message) => canariesIn(message).length > 0)).toEqual([]);
});

it('exports and copies none of what a server sends back in its events', async () => {
  const { workbench, folder } = ui();
  answer = 'echo';
  await journey().connect('secret');
  await journey().untilRow('event', 'the last');
  for (const [format, file] of [
    ['NDJSON', 'all.sse-capture.ndjson'],
    ['Event stream', 'all.sse'],
    ['HAR 1.2', 'all.har'],
    ['CSV', 'all.csv'],
  ] as const) {
    await workbench.ask('Export Capture...', 'Format of the file');
    await workbench.pickRow(format);
    await journey().giveFile(join(folder, file));
    await workbench.message(/Exported \d+ records/);
    await workbench.clearMessages();
    expect(await readFile(join(folder, file), 'utf8')).toContain('the last');
  }
  for (const [command, begin] of [
    ['Copy as cURL', 'curl'],
    ['Copy as fetch', 'fetch'],
    ['Copy as Go', 'package main'],
  ] as const) {
    await workbench.runCommand(command);
    const copied = await until('it is copied', async () => {
      const text = await clipboard();
      return text.includes(begin) && text;
    });
    expect(canariesIn(copied)).toEqual([]);
  }
  const panel = await workbench.eventsPanel();
  await panel.locator('[data-testid="row"][data-kind="event"]').filter({ hasText: 'T0k3n' }).first().click();
  await workbench.runCommand('Copy Data');
  const copied = await until('the data is copied', async () => {
    const text = await clipboard();
    return text.includes('"all"') && text;
  });
  expect(canariesIn(copied)).toEqual([]);
});

it('left none of them on disk and in the browser: logs, settings, state, kept captures, exports', async () => {
  const { server, folder } = ui();
  const kept = await until('the capture is kept to its end', async () => {
    const files = await filesIn(join(server.userDataDir, 'User'));
    return (
      [...files].some(([path, text]) => /captures.*ndjson$/.test(path) && text.includes('the last')) && files
    );
  });
  const logs = await filesIn(join(server.userDataDir, 'logs'));
  const ours = [...logs].filter(([path]) => path.endsWith('SSE Debugger.log')).map(([, text]) => text);
  expect(ours.join('')).toMatch(/oauth2: .*401/);
  const state = await browserState();
  expect(state).toContain('approvedDestinations');
  expect(state).toContain('activeConnections');
  const all = new Map([
    ...kept,
    ...logs,
    ...(await filesIn(folder)),
    ['the browser', state],
    ['the console', server.output()],
  ]);
  const hits = [...all].filter(([, text]) => canariesIn(text).length > 0).map(([path]) => path);
  expect(hits).toEqual([]);
});
