import { afterAll, expect, it } from 'vitest';
import { eventStream, HttpServer } from '../support/httpServer.ts';
import { useUi } from './harness.ts';
import { Journey } from './journey.ts';
import { until } from './until.ts';

// From the connection's row to the clipboard, which other programs read.

const token = 't0ken-for-the-clipboard';
let server: HttpServer;

const ui = useUi(async () => {
  server = await HttpServer.start((_, response) =>
    response.writeHead(200, eventStream).write('event: tick\ndata: hello\n\n'),
  );
  const auth = { placement: 'header' };
  return {
    userSettings: {
      'sseDebugger.connections': [
        { name: 'orders', url: server.url, headers: { 'X-Api-Key': 'key-of-the-settings' }, auth },
        { name: 'other', url: server.url },
      ],
    },
  };
});
afterAll(() => server.close());
const journey = (): Journey => new Journey(ui().workbench);

async function clipboardWith(text: string): Promise<string> {
  return await until(`the clipboard holds ${text}`, async () => {
    const held = await ui().workbench.page.evaluate(() => navigator.clipboard.readText());
    return held.includes(text) ? held : undefined;
  });
}

it('copies a connection from its row, with no credential in it', async () => {
  const { workbench } = ui();
  await journey().connect('orders', token);
  await journey().untilRow('event', 'hello');
  await workbench.showViewContainer('SSE Debugger');
  await journey().treeRow('Connections', 'orders').click({ button: 'right' });
  const { page } = workbench;
  await page.getByRole('menuitem', { name: 'Copy as', exact: true }).hover();
  await page.getByRole('menuitem', { name: 'Copy as cURL' }).waitFor();
  await journey().picture('copy-as');
  await page.getByRole('menuitem', { name: 'Copy as cURL' }).click();
  await workbench.statusBarItem('Copied. It reads these from the environment: X_API_KEY, TOKEN.').waitFor();
  const command = await clipboardWith('curl -N');
  expect(command).toContain(server.url);
  expect(command).toContain('Authorization: Bearer $TOKEN');
  for (const secret of [token, 'key-of-the-settings']) expect(command).not.toContain(secret);
});

it('copies from the palette, with the types that came for EventSource and a choice for Python', async () => {
  const { workbench } = ui();
  await workbench.runCommand('Copy as EventSource');
  expect(await clipboardWith('new EventSource')).toContain("['message', 'tick']");
  await workbench.runCommand('Copy as Python');
  await workbench.pickRow('httpx');
  expect(await clipboardWith('import httpx')).not.toContain(token);
});

it('ends every connection by Disconnect All', async () => {
  const { workbench } = ui();
  await journey().connect('other');
  await server.until(() => server.sockets.size === 2);
  await workbench.runCommand('Disconnect All');
  await server.until(() => server.sockets.size === 0);
  await until('both rows say so', async () => {
    const rows = await workbench.treeTexts('Connections');
    return rows.length === 2 && rows.every((row) => row.includes('Disconnected'));
  });
});
