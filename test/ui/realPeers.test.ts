import { afterAll, expect, it } from 'vitest';
import { type Everything, longRunningTool, startEverything } from '../support/peers/everything.ts';
import { type JwtBackend, startJwtBackend } from '../support/peers/jwtBackend.ts';
import { answers, type Llm, startLlm } from '../support/peers/llm.ts';
import { useUi } from './harness.ts';
import { Journey } from './journey.ts';
import { until } from './until.ts';

// The same journey against servers of other hands: better-sse behind tokens of oauth2-mock-server, the MCP reference
// server, whose POST is answered by an event stream, and an LLM.

let backend: JwtBackend;
let everything: Everything;
let llm: Llm;

const ui = useUi(async () => {
  [backend, everything, llm] = await Promise.all([
    startJwtBackend({ intervalMs: 400 }),
    startEverything(),
    startLlm(),
  ]);
  return {
    workspaceSettings: {
      'sseDebugger.connections': [
        { name: 'backend', url: backend.url, auth: { placement: 'header' } },
        {
          name: 'long operation',
          url: everything.url,
          method: 'POST',
          headers: everything.headers,
          body: everything.callBody(longRunningTool, { duration: 1, steps: 4 }, 'progress'),
        },
        {
          name: 'chat',
          url: `${llm.url}/v1/chat/completions`,
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            model: 'gpt-5',
            stream: true,
            messages: [{ role: 'user', content: 'tools' }],
          }),
          auth: { placement: 'none' },
          policy: 'off',
        },
        {
          name: 'messages',
          url: `${llm.url}/v1/messages`,
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            ...{ model: 'claude-opus-4-5', max_tokens: 100, stream: true },
            messages: [{ role: 'user', content: 'cut' }],
          }),
          auth: { placement: 'none' },
          policy: 'off',
        },
      ],
    },
  };
});
const journey = (): Journey => new Journey(ui().workbench);

afterAll(async () => {
  await Promise.all([backend?.dispose(), everything?.dispose(), llm?.dispose()]);
});

it('streams from better-sse with an RS256 token of an OAuth 2 server, and shows its claims', async () => {
  const token = await backend.token(1_800);
  await ui().workbench.showViewContainer('SSE Debugger');
  await journey().connect('backend', token);
  await journey().untilState('Open');
  await until('events with ids come', async () => (await journey().eventIds()).length > 2);
  await journey()
    .treeRow('Token', /Header.*RS256/)
    .waitFor();
  await journey()
    .treeRow('Token', /Issued by.*127\.0\.0\.1|Issued by.*localhost/)
    .waitFor();
  await journey()
    .treeRow('Token', /Expires in \d+ m/)
    .waitFor();
});

it('resumes after the last id when the server was killed', async () => {
  await backend.kill();
  await journey().untilState(/Waiting/);
  await ui()
    .workbench.statusBarItem(/backend: Retrying in \d+ s/)
    .waitFor();
  const last = Math.max(...(await journey().eventIds()));
  await backend.restart();
  await journey().untilState('Open');
  await journey().untilRow('step', `Last-Event-ID ${last}`);
  await until('the next event follows the last', async () => (await journey().eventIds()).includes(last + 1));
});

it('makes a new attempt when it is forced to, and keeps the secret over a reload', async () => {
  await ui().workbench.runCommand('Force Reconnect');
  await journey().untilRow('step', /Connected again, attempt \d+/);
  await ui().workbench.reload();
  await journey().untilState('Open');
  await until('events come again', async () => (await journey().eventIds()).length > 1);
  expect(await ui().workbench.inputBox.input.count()).toBe(0);
  await journey().picture('peers-backend');
});

it("names the token's expiry as the cause of the 401", async () => {
  await ui().workbench.runCommand('Set Token...');
  await journey().giveToken(await backend.token(-60));
  await ui().workbench.runCommand('Force Reconnect');
  await journey().untilRow('step', /401.*The token expired .* before the request/);
  await ui().workbench.runCommand('Disconnect');
});

it('streams the progress of a POST and calls its end completed', async () => {
  await ui().workbench.runCommand('View: Close All Editors');
  await journey().connect('long operation');
  await journey().untilRow('event', 'notifications/progress');
  await journey().untilRow('event', 'Long running operation completed');
  await journey().untilState('Completed');
  await journey().untilRow('step', 'Closed: the server ended the stream');
  await journey().picture('peers-post');
});

it('merges what an LLM says, with its tool calls, and says what was cut', async () => {
  await ui().workbench.runCommand('View: Close All Editors');
  await journey().connect('chat');
  await (await journey().panelPart('state')).waitFor();
  await (await ui().workbench.eventsPanel()).getByRole('tab', { name: 'Text', exact: true }).click();
  const message = await journey().panelPart('message');
  await message.getByText(answers.tools.content, { exact: true }).waitFor();
  await message.getByTestId('tool-call').filter({ hasText: 'weather' }).getByText('"Paris"').waitFor();
  await journey().picture('peers-text');

  await ui().workbench.runCommand('View: Close All Editors');
  await journey().connect('messages');
  await (await journey().panelPart('state')).waitFor();
  await (await ui().workbench.eventsPanel()).getByRole('tab', { name: 'Text', exact: true }).click();
  await (await journey().panelPart('message')).getByText('cut before its end mark').waitFor();
});
