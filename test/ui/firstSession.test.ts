import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SampleServer, startSampleServer } from '../../src/servers/sampleServer.ts';
import { useUi } from './harness.ts';
import { Journey } from './journey.ts';
import { until } from './until.ts';

// The first session of a new user, in one window: each test goes on where the one before it ended.

const secret = randomBytes(32);
let server: SampleServer;
const start = (port: number): Promise<SampleServer> => startSampleServer({ port, secret, intervalMs: 400 });

beforeAll(async () => {
  server = await start(0);
});
afterAll(() => server.dispose());

const ui = useUi(async () => {
  server ??= await start(0);
  const url = `${server.url}/events/orders`;
  return {
    workspaceSettings: {
      'sseDebugger.connections': [{ name: 'orders', url, auth: { placement: 'header' } }],
    },
  };
});
const journey = (): Journey => new Journey(ui().workbench);

let token: string;

it('connects from the palette with a token from the password box, and streams events', async () => {
  token = await server.mint({ sub: 'alice', ttlSeconds: 1_800 });
  await ui().workbench.showViewContainer('SSE Debugger');
  await journey().connect('orders', `Bearer ${token}`);
  await journey().untilState('Open');
  await journey().untilRow('event', 'order.created');
});

it("shows the token's claims in the tree, and the connection's state", async () => {
  await journey()
    .treeRow('Token', /Expires in \d+ m/)
    .waitFor();
  await journey()
    .treeRow('Token', /Subject.*alice/)
    .waitFor();
  await journey()
    .treeRow('Token', /Header.*HS256/)
    .waitFor();
  await journey()
    .treeRow('Connections', /orders.*Open.*ev\/s.*events.*id \d+/)
    .waitFor();
  await ui()
    .workbench.statusBarItem(/orders: Open/)
    .waitFor();
});

it('shows an event in full', async () => {
  const panel = await ui().workbench.eventsPanel();
  await panel
    .locator('[data-testid="row"][data-kind="event"]')
    .filter({ hasText: 'order.created' })
    .first()
    .click();
  const detail = panel.getByTestId('detail');
  await detail.getByRole('treeitem').filter({ hasText: 'currency' }).first().waitFor();
  await journey().pictureAll('journey');
  // Whoever reads an event isn't moved; the pill leads back to what is new.
  await panel.getByTestId('follow-pill').click();
  await panel.getByTestId('follow-pill').waitFor({ state: 'hidden' });
});

it('counts down when the server is gone, and resumes after the last id when it is back', async () => {
  const { port } = server;
  await server.dispose();
  await journey().untilState(/Waiting/i);
  await journey().untilRow('step', /Connection lost|ended the stream/);
  await ui()
    .workbench.statusBarItem(/orders: Retrying in \d+ s/)
    .waitFor();
  await journey()
    .treeRow('Connections', /orders.*Retrying in/)
    .waitFor();
  await journey().picture('journey-waiting');
  const ids = await journey().eventIds();
  const last = Math.max(...ids);

  server = await start(port);
  await journey().untilState('Open');
  await journey().untilRow('step', `Last-Event-ID ${last}`);
  const after = await until('several events came', async () => {
    const all = await journey().eventIds();
    return Math.max(...all) > last + 3 && all.includes(last + 1) ? all : undefined;
  });
  const sorted = [...after].sort((a, b) => a - b);
  expect(sorted).toEqual(sorted.map((_, i) => (sorted[0] ?? 0) + i));
  await journey().picture('journey-resumed');
});

it('makes a new attempt when it is forced to', async () => {
  await ui().workbench.runCommand('Force Reconnect');
  await journey().untilRow('step', 'Reconnect forced');
  await journey().untilRow('step', /Connected again, attempt \d+/);
});

it('keeps the secret over a reload of the window and asks nothing', async () => {
  await ui().workbench.reload();
  await journey().untilState('Open');
  await journey().untilRow('event', 'order.created');
  await ui().workbench.showViewContainer('SSE Debugger');
  await journey()
    .treeRow('Token', /Subject.*alice/)
    .waitFor();
  expect(await ui().workbench.quickPickRows().count()).toBe(0);
  expect(await ui().workbench.inputBox.input.count()).toBe(0);
  await journey().expectNoSecret(token);
});

it('ties the 401 to the expiry that caused it, and goes on with a new token', async () => {
  const short = await server.mint({ sub: 'alice', ttlSeconds: 3 });
  await ui().workbench.runCommand('Set Token...');
  await journey().giveToken(short);
  await ui().workbench.runCommand('Force Reconnect');
  await journey().untilRow('step', /401.*The token expired/);
  await ui()
    .workbench.statusBarItem(/orders: Needs a token/)
    .waitFor();
  await ui().workbench.message(/orders: 401 Unauthorized. The token expired/);
  await journey().picture('journey-expired');
  await ui().workbench.pressInMessage(/orders: 401 Unauthorized. The token expired/, 'Set Token...');
  await journey().giveToken(await server.mint({ sub: 'alice' }));
  await journey().untilState('Open');
});

it('disconnects and leaves the server alone', async () => {
  await ui().workbench.runCommand('Disconnect');
  await journey().untilRow('step', 'Disconnected');
  await until(
    'the status item is gone',
    async () =>
      (await ui()
        .workbench.statusBarItem(/orders:/)
        .count()) === 0,
  );
});
