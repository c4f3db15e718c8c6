import { afterAll, afterEach, expect, it } from 'vitest';
import { type SampleServer, startSampleServer } from '../../src/servers/sampleServer.ts';
import { freed } from '../support/freed.ts';
import { app, closeApps } from './app.ts';
import { useUi } from './harness.ts';
import { Journey } from './journey.ts';
import { until } from './until.ts';

// Someone who has never seen what a client does when it gets dark: a ready scenario, its result, and one of their own.

/** JSON as its schema has it, and yet nothing that can be run. */
const endless = {
  name: 'Endless',
  on: 'connection',
  steps: [{ repeat: 1000, steps: [{ repeat: 1000, steps: [{ waitMs: 0 }] }] }],
};
/** Its client does as EventSource does, and can't meet what is expected. */
const broken = {
  name: 'Gives up',
  description: 'A client that stops at the first 503.',
  on: 'sampleServer',
  sampleServer: { intervalMs: 100, policy: 'browser' },
  steps: [
    { waitFor: 'event' },
    { arm: [{ kind: 'status', status: 503 }], attempts: 1 },
    { inject: { kind: 'cut' } },
    { waitFor: 'attempt' },
    { waitFor: 'open' },
  ],
  expect: [{ state: 'open' }, { eventsLost: 0 }],
};

/** It goes on until somebody ends it. */
const long = {
  name: 'Takes an hour',
  on: 'sampleServer',
  sampleServer: { intervalMs: 100 },
  steps: [{ waitFor: 'event' }, { waitMs: 3_600_000 }],
  timeoutMs: 3_600_000,
};
/** What any client should stand. Three ids tell whether one is missing. */
const reset = {
  steps: [
    { waitFor: 'event', count: 3 },
    { inject: { kind: 'cut' } },
    { waitFor: 'open' },
    { waitFor: 'event' },
  ],
  expect: [{ state: 'open' }, { eventsLost: 0, eventsDoubled: 0 }, { lastEventIdSent: true }],
};

let sample: SampleServer;
const scenarios = {
  endless,
  broken,
  long,
  mine: { name: 'One of mine is reset', on: 'connection', ...reset },
  app: { name: 'My app is reset', on: 'proxy', ...reset },
};
const ui = useUi(async () => {
  sample = await startSampleServer({ authentication: false, intervalMs: 100 });
  return {
    files: Object.fromEntries(
      Object.entries(scenarios).map(([name, scenario]) => [
        `${name}.sse-scenario.json`,
        JSON.stringify(scenario, null, 2),
      ]),
    ),
    userSettings: { 'sseDebugger.connections': [{ name: 'orders', url: `${sample.url}/events/orders` }] },
  };
});
const journey = (): Journey => new Journey(ui().workbench);

afterEach(closeApps);
afterAll(async () => {
  await sample?.dispose();
});

async function run(scenario: string): Promise<void> {
  const { workbench } = ui();
  await workbench.clearMessages();
  await workbench.ask('Run Scenario...', 'Pick what is to go wrong');
  await workbench.pickRow(scenario);
}

/** The port of the sample server that the Lab view lists for the scenario. */
async function listedPort(): Promise<number> {
  const row = journey().treeRow('Lab', /Sample server.*Takes an hour.*1 stream/);
  await row.waitFor();
  return Number(/127\.0\.0\.1:(\d+)/.exec(await row.innerText())?.[1]);
}

async function openFile(name: string): Promise<void> {
  const { workbench } = ui();
  await workbench.page.keyboard.press('Control+P');
  await workbench.inputBox.fill(name);
  await workbench.pickRow(name);
  await workbench.page.locator('.tab.active', { hasText: name }).waitFor();
}

it('runs a ready one on a server of its own, and shows the record of its result', async () => {
  const { workbench } = ui();
  await workbench.ask('Run Scenario...', 'Pick what is to go wrong');
  await journey().picture('scenario-pick');
  await workbench.pickRow('Server ignores Last-Event-ID');
  await workbench.message(/step \d of 6/);
  await journey().untilRow('step', 'Connected');
  await journey().picture('scenario-running');
  await workbench.message(/Scenario "Server ignores Last-Event-ID" passed: 5 of 5 expectations met/);
  await journey().untilRow('step', 'Scenario "Server ignores Last-Event-ID" passed');
  await journey().pictureAll('scenario-passed');
  await workbench.pressInMessage(/passed: 5 of 5/, 'Show Record');
  const detail = await journey().panelPart('detail');
  await detail.getByText('gets 5 events or more twice', { exact: false }).waitFor();
  await detail.getByText('only who compares ids can tell', { exact: false }).waitFor();
  await journey().pictureAll('scenario-record');
  await detail.getByRole('button', { name: 'Show the record: gets 5 events or more twice' }).click();
  await detail.locator('h2', { hasText: 'order' }).waitFor();
});

it('runs the file in the editor by its button, and says what its client did wrong', async () => {
  const { workbench } = ui();
  await workbench.clearMessages();
  await openFile('broken.sse-scenario.json');
  await workbench.page.locator('.editor-actions .action-label[aria-label^="Run Scenario"]').first().click();
  await workbench.message(
    /Scenario "Gives up" failed: step 5 of 5: wait for an open stream: the connection is closed/,
  );
  await journey().picture('scenario-failed');
  await workbench.pressInMessage(/Scenario "Gives up" failed/, 'Show Record');
  const detail = await journey().panelPart('detail');
  await detail.getByRole('button', { name: 'Show the record: is open at the end: it is closed' }).click();
  await detail.locator('h2', { hasText: 'Closed' }).waitFor();
});

it('marks in the editor what no schema can say, and says it where it is run', async () => {
  const { workbench } = ui();
  await workbench.clearMessages();
  await openFile('endless.sse-scenario.json');
  const { page } = workbench;
  await page.locator('.squiggly-error').first().waitFor();
  await workbench.runCommand('Problems: Focus on Problems View');
  await page.locator('.markers-panel', { hasText: 'This makes 1,000,000 steps' }).waitFor();
  await journey().picture('scenario-problem');
  await workbench.ask('Run Scenario...', 'Pick what is to go wrong');
  await workbench.pickRow('endless.sse-scenario.json');
  await workbench.message(/endless\.sse-scenario\.json, line 6: This makes 1,000,000 steps/);
});

it('lists the server of a scenario in the Lab view, and stopping it ends the scenario', async () => {
  const { workbench } = ui();
  await workbench.runCommand('View: Close All Editors');
  await workbench.showViewContainer('SSE Debugger');
  await run('Takes an hour');
  const port = await listedPort();
  await journey().pictureAll('scenario-server');
  await journey().pressInRow('Lab', /Sample server/, 'Stop Server');
  await workbench.message('Scenario "Takes an hour" was cancelled');
  await freed(port);
  await journey()
    .treeRow('Lab', /Sample server/)
    .waitFor({ state: 'detached' });
  await journey().untilState('Disconnected');
});

it('is cancelled by its message, and its server goes', async () => {
  const { workbench } = ui();
  await run('Takes an hour');
  const port = await listedPort();
  await workbench.pressInMessage(/step 2 of 2/, 'Cancel');
  await workbench.message('Scenario "Takes an hour" was cancelled');
  await freed(port);
  await journey()
    .treeRow('Lab', /Sample server/)
    .waitFor({ state: 'detached' });
});

it('runs on a connection of the user, which it connects', async () => {
  const { workbench } = ui();
  await workbench.runCommand('View: Close All Editors');
  await run('One of mine is reset');
  await workbench.message(/Scenario "One of mine is reset" passed: 4 of 4 expectations met/);
  await journey().untilRow('step', 'Injected: Connection lost');
  await journey().untilRow('step', 'Scenario "One of mine is reset" passed');
  await workbench.page.getByRole('tab', { name: /orders/ }).waitFor();
});

it('runs on the clients of a fault proxy, and says what is missing without one', async () => {
  const { workbench } = ui();
  await workbench.runCommand('View: Close All Editors');
  await run('My app is reset');
  await workbench.message(/My app is reset.*fault proxy/);
  await workbench.clearMessages();
  await workbench.ask('Start Fault Proxy...', 'Which stream does it stand in front of?');
  await workbench.pickRow('orders');
  const { ids } = app(await journey().serverUrl(/fault proxy of orders listens/));
  await until('the app gets events', async () => ids.length > 0);
  await run('My app is reset');
  await workbench.pressInMessage(/Scenario "My app is reset" passed: 4 of 4/, 'Show Record');
  await workbench.page.getByRole('tab', { name: /client 1 via fault proxy/ }).waitFor();
  const detail = await journey().panelPart('detail');
  await detail.getByText('loses no event', { exact: false }).waitFor();
  await journey().picture('scenario-proxy');
});

it('begins a new one with the schema at hand', async () => {
  const { workbench } = ui();
  await workbench.clearMessages();
  await workbench.runCommand('New Scenario');
  const { page } = workbench;
  await page.locator('.tab.active', { hasText: 'my.sse-scenario.json' }).waitFor();
  await page.locator('.view-lines', { hasText: 'My scenario' }).waitFor();
  await until('the name is explained on hover', async () => {
    await page.locator('.view-line span', { hasText: '"waitFor"' }).last().hover();
    const hover = page.locator('.monaco-hover', { hasText: 'Goes on when this has happened' });
    return (await hover.count()) > 0 || undefined;
  });
  await journey().picture('scenario-new');
  expect(await page.locator('.squiggly-error').count()).toBe(0);
});
