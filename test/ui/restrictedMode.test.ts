import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { useUi } from './harness.ts';
import { Journey } from './journey.ts';

// An untrusted folder: the extension is there, and nothing connects, runs or listens.

let server: Server;
let connections = 0;

const ui = useUi(async () => {
  server = createServer((_, response) => response.end());
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;
  return {
    workspaceTrust: true,
    workspaceSettings: { 'sseDebugger.connections': [{ name: 'theirs', url }] },
    userSettings: { 'sseDebugger.connections': [{ name: 'mine', url }] },
  };
});
const journey = (): Journey => new Journey(ui().workbench);

afterAll(() => server.close());

it('shows what the user configured and ignores what the folder says', async () => {
  await ui().workbench.showViewContainer('SSE Debugger');
  await journey().treeRow('Connections', 'mine').waitFor();
  expect((await ui().workbench.treeTexts('Connections')).join('\n')).not.toContain('theirs');
});

it.each([
  'Connect...',
  'Force Reconnect',
  'Set Token...',
  'Start Sample Server',
  'Start Fault Proxy...',
  'Serve Capture...',
  'Replay 401',
  'Cut Stream',
  'Run Scenario...',
])('refuses %s and says why', async (title) => {
  await ui().workbench.runCommand(title);
  const message = await ui().workbench.message('Restricted Mode');
  await message.locator('a.monaco-button', { hasText: 'Manage Workspace Trust' }).first().waitFor();
  await ui().workbench.clearMessages();
});

it('refuses the command also where the panel calls it for a connection', async () => {
  await journey().treeRow('Connections', 'mine').click();
  const panel = await ui().workbench.eventsPanel();
  await panel.getByRole('button', { name: 'Connect' }).first().click();
  await ui().workbench.message('Restricted Mode');
  await journey().untilState('Not connected');
});

it('made no connection', async () => {
  await journey().picture('restricted');
  expect(connections).toBe(0);
});
