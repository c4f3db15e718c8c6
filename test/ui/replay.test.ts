import { afterAll, expect, it } from 'vitest';
import { type SampleServer, startSampleServer } from '../../src/servers/sampleServer.ts';
import { type JwtBackend, startJwtBackend } from '../support/peers/jwtBackend.ts';
import { useUi } from './harness.ts';
import { Journey } from './journey.ts';
import { until } from './until.ts';

// A bad day on demand: failures that a connection meets because the user said so, and what it does about them.

let sample: SampleServer;
let backend: JwtBackend;

const ui = useUi(async () => {
  [sample, backend] = await Promise.all([
    startSampleServer({ intervalMs: 300 }),
    startJwtBackend({ intervalMs: 300 }),
  ]);
  const client = { from: 'oauth2', grant: 'client_credentials', clientId: 'debugger' };
  return {
    userSettings: {
      'sseDebugger.connections': [
        {
          name: 'sample',
          url: `${sample.url}/events/orders`,
          auth: { placement: 'header', token: { from: 'endpoint', url: sample.tokenUrl } },
        },
        {
          name: 'backend',
          url: backend.url,
          auth: { placement: 'header', token: { ...client, tokenEndpoint: `${backend.issuer}/token` } },
        },
      ],
    },
  };
});
const journey = (): Journey => new Journey(ui().workbench);

afterAll(async () => {
  await Promise.all([sample?.dispose(), backend?.dispose()]);
});

async function opened(name: string): Promise<void> {
  const { workbench } = ui();
  await journey().connect(name);
  // Its token comes from a server: the first time that is asked about.
  const dialog = workbench.page.locator('.monaco-dialog-box');
  await dialog.getByRole('button', { name: 'Allow' }).click();
  await journey().untilState('Open');
  await until('events come', async () => (await journey().eventIds()).length > 2);
}

it('replays a 401 on the sample server from the palette, and says how it went', async () => {
  await ui().workbench.showViewContainer('SSE Debugger');
  await opened('sample');
  await ui().workbench.ask('Replay 401', '401 with which challenge');
  await journey().picture('replay-401-pick');
  await ui().workbench.pickRow('invalid_token');
  await journey().untilRow('step', 'Injected: Connection lost');
  await journey().untilRow('step', /Injected: 401 Unauthorized.*EventSource: would stop here/);
  await journey().untilRow('step', 'Token refreshed from the endpoint');
  await journey().untilRow('step', /Connected again.*Last-Event-ID \d+/);
  await journey().untilRow(
    'step',
    /Recovered after 1 attempt in .*: no event missed or doubled, 1 refresh.*401 Unauthorized/,
  );
  // The chain stays in view while it is looked at.
  await ui().workbench.runCommand('Pause');
  await journey().pictureAll('replay-401');
  await ui().workbench.runCommand('Pause');
});

it('shows the injected answer in the Request tab and on the timeline', async () => {
  const panel = await ui().workbench.eventsPanel();
  await panel.getByRole('tab', { name: 'Request', exact: true }).click();
  await panel.getByText('401 Unauthorized', { exact: true }).first().click();
  await panel.getByText('Not sent: the fault lab answered').waitFor();
  await panel
    .getByText(/Injected: 401 Unauthorized/)
    .first()
    .waitFor();
  await journey().picture('replay-401-request');
  await panel.getByRole('tab', { name: 'Timeline', exact: true }).click();
  await panel
    .getByRole('button', { name: /Injected: 401 Unauthorized/ })
    .first()
    .waitFor();
  await journey().picture('replay-401-timeline');
  await panel.getByRole('tab', { name: 'Events', exact: true }).click();
});

it('arms a 503 for the next attempt, shows that it does, and disarms it', async () => {
  const { workbench } = ui();
  await workbench.ask('Replay 503...', 'How many attempts');
  await workbench.pickRow('2 attempts');
  await workbench.inputBox.waitFor('With Retry-After?');
  await workbench.pickRow('Retry-After: 3');
  await workbench.inputBox.waitFor('When?');
  await workbench.pickRow('At the next attempt');
  const armed = '503 Service Unavailable with Retry-After: 3 at the next 2 attempts';
  await (await journey().panelPart('armed')).filter({ hasText: armed }).waitFor();
  await journey().treeRow('Connections', `armed: ${armed}`).waitFor();
  await journey().pictureAll('replay-armed');
  await workbench.runCommand('Disarm All Faults');
  await (await journey().panelPart('armed')).waitFor({ state: 'detached' });
});

it('replays a 401 on better-sse with tokens of oauth2-mock-server, and misses nothing', async () => {
  const { workbench } = ui();
  await workbench.runCommand('Disconnect');
  await workbench.runCommand('View: Close All Editors');
  await opened('backend');
  await workbench.ask('Replay 401', '401 with which challenge');
  await workbench.pickRow('invalid_token');
  await journey().untilRow('step', 'Token refreshed from the OAuth server');
  await journey().untilRow('step', /Recovered after 1 attempt in .*: no event missed or doubled, 1 refresh/);
  expect(backend.tokenRequests).toHaveLength(2);
});

it('says so where nothing has failed that could be replayed', async () => {
  const { workbench } = ui();
  await workbench.runCommand('Replay Last Failure');
  await workbench.message('"backend" has not failed yet');
});

it('cuts the stream and stalls it from the menu of the panel', async () => {
  const { workbench } = ui();
  const panel = await workbench.eventsPanel();
  await panel.getByRole('button', { name: 'Replay a Fault' }).click();
  await journey().picture('replay-menu');
  await workbench.page.locator('.context-view.monaco-menu-container').getByText('Cut Stream').click();
  await workbench.inputBox.waitFor('How is the stream cut?');
  await workbench.pickRow('Clean end');
  await journey().untilRow('step', 'Injected: The server ended the stream');
  await journey().untilRow('step', /Recovered after 1 attempt in .*clean end/);
  await workbench.ask('Stall', 'How long does nothing come?');
  await workbench.pickRow('5 seconds');
  await journey().untilRow('step', 'Fault injected: silence of 5000 ms');
  await journey().untilRow('step', /Recovered without a new attempt in 5\.\d s: no event missed or doubled/);
});
