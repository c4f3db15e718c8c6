import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { useUi } from './harness.ts';
import { Journey } from './journey.ts';

// What a user can do wrong, and servers that aren't event streams: each gets one clear sentence with a button.

const answers: Record<string, (response: ServerResponse) => void> = {
  '/html': (response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Log in'),
  '/json': (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"error":"no"}'),
  '/nothing': (response) => response.destroy(),
  '/closes': (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(),
  '/gone': (response) => response.writeHead(204).end(),
  '/moved': (response) => response.writeHead(302, { location: `${elsewhere.url}/events` }).end(),
};

let server: Server;
/** Another origin, that one of the answers leads to. */
const elsewhere = { url: '', requests: 0 };
let other: Server;

const ui = useUi(async () => {
  server = createServer((request, response) => answers[request.url ?? '']?.(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  other = createServer((_, response) => {
    elsewhere.requests++;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: elsewhere\n\n');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  elsewhere.url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    workspaceSettings: {
      'sseDebugger.connections': [
        ...Object.keys(answers).map((path) => ({ name: path.slice(1), url: `${origin}${path}` })),
        { name: 'guarded', url: `${origin}/html`, auth: { placement: 'header' } },
        { name: 'html', url: `${origin}/again` },
        { name: 'wrong', url: 'ftp://example.com/x' },
        { name: 'odd', url: 42 },
      ],
    },
  };
});
const journey = (): Journey => new Journey(ui().workbench);

afterAll(() => {
  server.close();
  other.closeAllConnections();
  other.close();
});

/** The message that contains the text has a button, no stack and no jargon. */
async function expectMessage(text: string | RegExp, button: string): Promise<void> {
  const message = await ui().workbench.message(text);
  await message.locator('a.monaco-button', { hasText: button }).first().waitFor();
  expect(await message.innerText()).not.toMatch(/\bat .*:\d+:\d+|undefined|\[object|Error:/);
}

async function typeUrl(url: string): Promise<void> {
  await ui().workbench.ask('Connect...', 'Pick a connection');
  await ui().workbench.inputBox.fill(url);
  await ui().workbench.pickRow('Connect to');
}

it('names what is wrong in the settings, and where, and keeps the rest', async () => {
  await ui().workbench.showViewContainer('SSE Debugger');
  await expectMessage(/"html" is used twice/, 'Open Settings');
  await expectMessage(/"url" of connection "wrong".*ftp/, 'Open Settings');
  await expectMessage(/"url" of connection "odd" must be a text/, 'Open Settings');
  await ui().workbench.clearMessages();
  await journey().treeRow('Connections', 'json').waitFor();
  expect((await ui().workbench.treeTexts('Connections')).join('\n')).not.toMatch(/wrong|odd/);
});

it('refuses a URL that is not one, or not http', async () => {
  await typeUrl('http://');
  await expectMessage(/is not a URL/, 'Connect...');
  await ui().workbench.clearMessages();
  await typeUrl('ftp://example.com/events');
  await expectMessage(/scheme "ftp"/, 'Connect...');
  await ui().workbench.clearMessages();
});

it('says so when a host resolves nowhere, and goes on trying until told to stop', async () => {
  await typeUrl('http://nothing.invalid/events');
  await ui().workbench.pickRow('No token');
  await journey().untilRow('step', 'the host name could not be resolved');
  await journey().untilState(/Waiting/);
  const { workbench } = ui();
  await workbench.pressInMessage(/could not be resolved/, 'Disconnect');
  await journey().untilState(/Disconnected|Closed/);
});

it('names a broken token while it is in the box, and refuses it', async () => {
  await journey().connect('guarded');
  const { inputBox } = ui().workbench;
  await inputBox.waitFor('Token for guarded');
  expect(await inputBox.isPasswordBox()).toBe(true);
  await inputBox.fill('Bearer abc def');
  await inputBox.waitFor('The token holds a space');
  await inputBox.accept();
  await inputBox.waitFor('The token holds a space');
  await inputBox.cancel();
});

it.each([
  ['html', /HTML page \(text\/html\)/, 'Connect'],
  ['json', /JSON \(application\/json\)/, 'Connect'],
  ['nothing', /No connection: .*without an answer/, 'Disconnect'],
] as const)('says in a sentence what a server answered: %s', async (name, text, button) => {
  await ui().workbench.runCommand('View: Close All Editors');
  await journey().connect(name);
  await journey().untilRow('step', text);
  await expectMessage(new RegExp(`${name}: .*${text.source}`), button);
  await ui().workbench.clearMessages();
});

it('shows the body of an answer that is no stream', async () => {
  await ui().workbench.runCommand('View: Close All Editors');
  await journey().connect('html');
  const panel = await ui().workbench.eventsPanel();
  await panel.locator('[data-testid="row"][data-kind="step"]').filter({ hasText: '200 OK' }).first().click();
  await panel.getByTestId('detail').getByText('<!doctype html><title>Log in').waitFor();
  await journey().picture('bad-html');
});

it('waits and says why when a server closes at once, and stops for good on 204', async () => {
  await ui().workbench.runCommand('View: Close All Editors');
  await journey().connect('closes');
  await journey().untilRow('step', 'The server ended the stream');
  await journey().untilState(/Waiting/);
  await (await ui().workbench.eventsPanel()).getByRole('button', { name: 'Retry now' }).first().waitFor();
  await ui().workbench.runCommand('View: Close All Editors');
  await journey().connect('gone');
  await journey().untilRow('step', 'tells clients to stop reconnecting');
});

it('sends nothing where a redirect leads to another origin, and connects there when it is told to', async () => {
  const { workbench } = ui();
  await workbench.runCommand('View: Close All Editors');
  await journey().connect('moved');
  await journey().untilState('Failed');
  await journey().untilRow('step', 'nothing was sent there');
  expect(elsewhere.requests).toBe(0);
  await workbench.pressInMessage(/redirect to another origin/, `Connect to ${elsewhere.url.slice(7)}`);
  await workbench.pickRow('No token');
  await journey()
    .treeRow('Connections', new RegExp(`${elsewhere.url.slice(7)}/events.*Open`))
    .waitFor();
  expect(elsewhere.requests).toBe(1);
});
