import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventStream, HttpServer } from '../support/httpServer.ts';
import { workbenchUrl } from '../support/vscodeHost/server.ts';
import { useUi } from './harness.ts';
import { Journey } from './journey.ts';

// Two workspaces of one user: what was stored in the first is not there for whatever the second writes into its settings,
// not even for the same server.

const token = 't0ken-of-the-first-workspace';
const key = 'k3y-of-the-first-workspace';
let server: HttpServer;
let second: string;
let settings: object;

const ui = useUi(async () => {
  server = await HttpServer.start((_, response) =>
    response.writeHead(200, eventStream).write('data: hello\n\n'),
  );
  settings = {
    'sseDebugger.connections': [
      { name: 'orders', url: server.url, auth: { placement: 'header' } },
      { name: 'keyed', url: server.url, headers: { 'X-Key': '${secret:KEY}' } },
    ],
  };
  return { workspaceSettings: settings as Record<string, unknown> };
});
beforeAll(async () => {
  second = await mkdtemp(join(tmpdir(), 'sse-debugger-second-'));
  await mkdir(join(second, '.vscode'));
  await writeFile(join(second, '.vscode/settings.json'), JSON.stringify(settings));
});
afterAll(async () => {
  await server.close();
  await rm(second, { recursive: true, force: true });
});
const journey = (): Journey => new Journey(ui().workbench);
const dialog = () => ui().workbench.page.locator('.monaco-dialog-box');
const sent = () => server.requests.map(({ headers }) => headers.authorization ?? headers['x-key']);

async function close(): Promise<void> {
  const { workbench } = ui();
  await workbench.runCommand('Disconnect All');
  await workbench.clearMessages();
  await workbench.runCommand('View: Close All Editors');
}

it('sends in the first what was given there, and asks nothing', async () => {
  await journey().connect('orders', token);
  await journey().untilState('Open');
  await close();
  await journey().connect('keyed', key);
  await journey().untilState('Open');
  await close();
  expect(sent()).toEqual([`Bearer ${token}`, key]);
});

it('asks in the second before it shows or sends any of it, though it goes to the same server', async () => {
  const { workbench } = ui();
  await workbench.open(workbenchUrl(ui().server, second));
  await workbench.showViewContainer('SSE Debugger');
  await journey().treeRow('Connections', 'orders').click();
  await workbench.view('Token').getByText('This connection has no token yet.').waitFor();
  for (const [name, what] of [
    ['orders', 'the token that you stored for orders'],
    ['keyed', 'the stored secret KEY'],
  ] as const) {
    await journey().connect(name);
    await dialog().getByText(what).waitFor();
    await journey().picture(`other-workspace-${name}`);
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await journey().untilRow('step', 'You did not allow');
    await close();
  }
  expect(sent()).toHaveLength(2);
});

it('sends it there, too, once that is allowed', async () => {
  await journey().connect('orders');
  await dialog().getByRole('button', { name: 'Allow' }).click();
  await journey().untilState('Open');
  await close();
  await journey().connect('orders');
  await journey().untilState('Open');
  expect(await dialog().count()).toBe(0);
  expect(sent().slice(2)).toEqual(Array(2).fill(`Bearer ${token}`));
});
