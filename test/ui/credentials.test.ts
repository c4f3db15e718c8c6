import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { eventStream, HttpServer } from '../support/httpServer.ts';
import { useUi } from './harness.ts';
import { Journey } from './journey.ts';
import { until } from './until.ts';

// Credentials that come by other ways than a token's password box: a pasted command, variables of the settings.

let server: HttpServer;

const ui = useUi(async () => {
  server = await HttpServer.start((_, response) =>
    response.writeHead(200, { ...eventStream, 'Set-Cookie': 'visit=1' }).write('data: hello\n\n'),
  );
  return {
    userSettings: {
      'sseDebugger.connections': [
        { name: 'mine', url: `${server.url}?t=\${env:HOME}`, headers: { 'X-Key': '${secret:MY_KEY}' } },
      ],
    },
    workspaceSettings: {
      'sseDebugger.connections': [
        { name: 'theirs', url: server.url, headers: { 'X-Home': '${env:HOME}' } },
        { name: 'unset', url: server.url, headers: { 'X-None': '${env:SSE_DEBUGGER_NONE}' } },
      ],
    },
  };
});
afterAll(() => server.close());
const journey = (): Journey => new Journey(ui().workbench);
const dialog = () => ui().workbench.page.locator('.monaco-dialog-box');

async function untilRequests(count: number) {
  await server.until(() => server.requests.length >= count);
  return server.requests[count - 1];
}

it('asks before settings of the workspace send a variable, and sends nothing when that is refused', async () => {
  await journey().connect('theirs');
  await dialog().getByText('the environment variable HOME').waitFor();
  await dialog().getByText(new URL(server.url).origin).first().waitFor();
  await journey().picture('approval');
  await dialog().getByRole('button', { name: 'Cancel' }).click();
  await journey().untilRow('step', 'You did not allow');
  expect(server.requests).toHaveLength(0);
});

it('asks again after a refusal, and never again once it is allowed', async () => {
  const { workbench } = ui();
  await workbench.pressInMessage(/You did not allow/, 'Connect');
  await dialog().getByRole('button', { name: 'Allow' }).click();
  await journey().untilState('Open');
  expect((await untilRequests(1))?.headers['x-home']).toMatch(/./);
  await workbench.runCommand('Force Reconnect');
  await untilRequests(2);
  await journey().untilRow('step', /Connected again/);
  expect(await dialog().count()).toBe(0);
  // The cookie of the first answer.
  expect(server.requests[1]?.headers.cookie).toBe('visit=1');
  await workbench.runCommand('Disconnect');
  await journey().untilState('Disconnected');
});

it('names a variable that is not set', async () => {
  await ui().workbench.runCommand('View: Close All Editors');
  await journey().connect('unset');
  await dialog().getByRole('button', { name: 'Allow' }).click();
  await journey().untilRow('step', 'The environment variable SSE_DEBUGGER_NONE');
});

it('asks also where a URL with a variable was typed, which no setting holds yet', async () => {
  const { workbench } = ui();
  const before = server.requests.length;
  await workbench.runCommand('View: Close All Editors');
  await workbench.ask('Connect...', 'Pick a connection');
  await workbench.inputBox.fill(`${server.url}/typed?shell=${'${env:SHELL_NONE}'}&home=${'${env:HOME}'}`);
  await workbench.pickRow('Connect to');
  await dialog().getByText('the environment variable SHELL_NONE').waitFor();
  await dialog().getByRole('button', { name: 'Cancel' }).click();
  await journey().untilRow('step', 'You did not allow');
  expect(server.requests).toHaveLength(before);
});

it("asks for a secret of the user's own settings in a password box, and nothing else", async () => {
  const before = server.requests.length;
  await ui().workbench.runCommand('View: Close All Editors');
  await journey().connect('mine', 's3cr3t-of-mine');
  const request = await untilRequests(before + 1);
  expect(request?.headers['x-key']).toBe('s3cr3t-of-mine');
  expect(request?.url).toMatch(/^\/events\?t=%2F/);
  await journey().untilState('Open');
  await journey().expectNoSecret('s3cr3t-of-mine');
  await ui().workbench.runCommand('Disconnect');
  await journey().untilState('Disconnected');
});

it('connects by a pasted cURL command, whose credentials reach neither the window nor the settings', async () => {
  const { workbench, folder } = ui();
  const before = server.requests.length;
  await workbench.runCommand('View: Close All Editors');
  await workbench.ask('Connect...', 'Pick a connection');
  await workbench.inputBox.fill(
    `curl '${server.url}/pasted' \\\n  -H 'authorization: Bearer pasted-token' \\\n  -H 'x-api-key: pasted-key' \\\n  --compressed -k`,
  );
  await workbench.pickRow('as the cURL command says');
  const request = await untilRequests(before + 1);
  expect(request?.url).toBe('/events/pasted');
  expect(request?.headers).toMatchObject({ authorization: 'Bearer pasted-token', 'x-api-key': 'pasted-key' });
  await journey().untilState('Open');
  await workbench.message(/-k is left out/);
  expect(await dialog().count()).toBe(0);
  await workbench.pressInMessage(/Its credentials stay out of them/, 'Save in Workspace');
  const saved = await until('the connection is saved', async () => {
    const text = await readFile(join(folder, '.vscode/settings.json'), 'utf8');
    return text.includes('/pasted') ? text : undefined;
  });
  expect(saved).toContain('${secret:');
  for (const secret of ['pasted-token', 'pasted-key']) {
    expect(saved).not.toContain(secret);
    await journey().expectNoSecret(secret);
  }
});
