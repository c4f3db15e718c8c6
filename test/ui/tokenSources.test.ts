import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type SampleServer, startSampleServer } from '../../src/servers/sampleServer.ts';
import { eventStream, HttpServer } from '../support/httpServer.ts';
import { jwtOf } from '../support/tokens.ts';
import { useUi } from './harness.ts';
import { Journey } from './journey.ts';

// Tokens that are had without a password box: what a program prints, and what a server mints for a stored credential.

let sample: SampleServer;
/** Ends a stream when its token does. */
let strict: SampleServer;
let stream: HttpServer;
/** What the stream takes: anything, one token, or nothing. */
let takes: (token: string) => boolean = () => true;
const tokens: string[] = [];
let mint: HttpServer;

const ui = useUi(async () => {
  sample = await startSampleServer({ closeAtExpiry: false });
  strict = await startSampleServer();
  stream = await HttpServer.start((request, response) => {
    if (takes(request.headers.authorization ?? '')) response.writeHead(200, eventStream).write('data: x\n\n');
    else
      response
        .writeHead(401, { 'WWW-Authenticate': 'Bearer error="invalid_token", error_description="Revoked"' })
        .end();
  });
  mint = await HttpServer.start((request, response) => {
    if (request.headers['x-api-key'] !== 'the-api-key') return response.writeHead(403).end();
    const exp = Math.floor(Date.now() / 1_000) + 3_600;
    const access_token = jwtOf({ sub: 'a', exp, jti: `j${tokens.length}` });
    tokens.push(access_token);
    return response
      .writeHead(200, { 'Content-Type': 'application/json' })
      .end(JSON.stringify({ access_token }));
  });
  const auth = (token: object) => ({ placement: 'header', token });
  const connections = [
    {
      name: 'program',
      url: stream.url,
      auth: auth({ from: 'command', command: [process.execPath, '-p', '"printed-" + "token"'] }),
    },
    {
      name: 'minted',
      url: stream.url,
      auth: auth({
        from: 'endpoint',
        url: mint.url,
        credential: { secret: 'API', name: 'X-Api-Key', scheme: '' },
      }),
    },
    {
      name: 'short',
      url: `${sample.url}/events/orders`,
      auth: auth({ from: 'endpoint', url: sample.tokenUrl, body: { ttlSeconds: 10 } }),
    },
    {
      name: 'late',
      url: `${strict.url}/events/orders`,
      auth: auth({ from: 'endpoint', url: strict.tokenUrl, body: { ttlSeconds: 6 }, refresh: false }),
    },
  ];
  return { userSettings: { 'sseDebugger.connections': connections } };
});
afterAll(async () => {
  await stream.close();
  await mint.close();
  await sample.dispose();
  await strict.dispose();
});
const journey = (): Journey => new Journey(ui().workbench);
const allow = () => dialog().getByRole('button', { name: 'Allow' }).click();
const dialog = () => ui().workbench.page.locator('.monaco-dialog-box');

it('shows a program before it runs, and runs nothing when that is refused', async () => {
  await journey().connect('program');
  await dialog().getByText('-p "\\"printed-\\" + \\"token\\""').waitFor();
  await dialog().getByText('Run a program and send what it prints to').waitFor();
  await journey().picture('approval-command');
  await dialog().getByRole('button', { name: 'Cancel' }).click();
  await journey().untilRow('step', 'You did not allow');
  expect(stream.requests).toHaveLength(0);
});

it('sends what the program prints, once that is allowed, and asks no more', async () => {
  const { workbench } = ui();
  await workbench.pressInMessage(/You did not allow/, 'Connect');
  await dialog().getByRole('button', { name: 'Run' }).click();
  await journey().untilState('Open');
  expect(stream.requests[0]?.headers.authorization).toBe('Bearer printed-token');
  await workbench.runCommand('Force Reconnect');
  await journey().untilRow('step', /Connected again/);
  expect(await dialog().count()).toBe(0);
  await journey().expectNoSecret('printed-token');
  await workbench.runCommand('Disconnect');
  await workbench.clearMessages();
  await workbench.runCommand('View: Close All Editors');
});

it('asks for the credential of an endpoint, and refreshes what it mints when the user, or a 401, wants it', async () => {
  const { workbench } = ui();
  await journey().connect('minted', 'the-api-key');
  await dialog().getByText(`the token that ${mint.url} gives`).waitFor();
  await allow();
  await journey().untilState('Open');
  await workbench.runCommand('Refresh Token Now');
  await journey().untilRow('step', /Token refreshed from the endpoint in .*jti changed/);
  await journey().untilState('Open');
  await workbench.runCommand('Force Reconnect with Fresh Token');
  await journey().untilRow('step', /Connected again/);
  expect(tokens).toHaveLength(3);
  // Whatever was minted by now is refused.
  const revoked = new Set(tokens);
  takes = (header) => !revoked.has(header.replace('Bearer ', ''));
  await workbench.runCommand('Force Reconnect');
  await journey().untilRow('step', /401.*Revoked/);
  await journey().untilState('Open');
  expect(tokens).toHaveLength(4);
  await journey().picture('token-refreshed');
});

it('stops after the second 401, and says why', async () => {
  const { workbench } = ui();
  takes = () => false;
  await workbench.runCommand('Force Reconnect');
  await journey().untilState('Failed');
  await journey().untilRow('step', 'no third one is tried');
  await workbench.message(/Revoked.*no third one is tried/);
  await journey().picture('token-revoked');
  expect(tokens).toHaveLength(5);
  await journey().expectNoSecret('the-api-key');
  await workbench.clearMessages();
});

it('refreshes a token that lives ten seconds before it ends, and the stream does not break', async () => {
  const { workbench } = ui();
  await workbench.runCommand('View: Close All Editors');
  await journey().connect('short');
  await allow();
  await journey().untilState('Open');
  await journey().untilRow('step', /Token refreshed from the endpoint.*exp \+/);
  await journey().untilState('Open');
  expect((await journey().rows('step')).filter((text) => /Connected/.test(text))).toHaveLength(1);
  await workbench.runCommand('Disconnect');
});

it('handles the 401 by one refresh where a token is not to be refreshed ahead', async () => {
  await ui().workbench.runCommand('View: Close All Editors');
  await journey().connect('late');
  await allow();
  await journey().untilState('Open');
  await journey().untilRow('step', /Connected again/);
  const steps = await journey().rows('step');
  const since = steps.slice(steps.findIndex((text) => text.includes('401 Unauthorized')));
  // The second token is over in its turn some time.
  const first = since.slice(0, since.findIndex((text) => text.includes('Connected again')) + 1);
  expect(first.filter((text) => text.includes('401 Unauthorized'))).toHaveLength(1);
  expect(first.filter((text) => text.includes('Token refreshed from the endpoint'))).toHaveLength(1);
  await journey().picture('token-refreshed-late');
  await ui().workbench.runCommand('Disconnect');
});

it('sets up a connection with its source, step by step', async () => {
  const { workbench } = ui();
  const { inputBox } = workbench;
  takes = () => true;
  const before = stream.requests.length;
  await workbench.runCommand('View: Close All Editors');
  await workbench.runCommand('New Connection...');
  for (const [prompt, text] of [
    ['The URL of the event stream', stream.url],
    ['A name for it', 'made'],
  ] as const) {
    await inputBox.waitFor(prompt);
    await inputBox.fill(text);
    await inputBox.accept();
  }
  await inputBox.waitFor('Where the token goes');
  await workbench.pickRow('Token in a header');
  await inputBox.waitFor('Where the token comes from');
  await journey().picture('new-connection-source');
  await workbench.pickRow('Environment variable');
  await inputBox.waitFor('The name of the variable');
  await inputBox.fill('HOME');
  await inputBox.accept();
  await inputBox.waitFor('Where to keep it');
  await workbench.pickRow('Save for me');
  await journey().untilState('Open');
  expect(stream.requests[before]?.headers.authorization).toMatch(/^Bearer \S/);
  await workbench.runCommand('Disconnect');
});

it('writes nothing of them into the settings', async () => {
  const settings = await readFile(join(ui().folder, '.vscode', 'settings.json'), 'utf8');
  for (const secret of ['the-api-key', 'printed-token', 'eyJ']) expect(settings).not.toContain(secret);
});
