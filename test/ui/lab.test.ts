import type { Locator } from 'playwright-core';
import { afterEach, expect, it } from 'vitest';
import { freed } from '../support/freed.ts';
import { app, closeApps, isClosed } from './app.ts';
import { useUi } from './harness.ts';
import { Journey } from './journey.ts';
import { until } from './until.ts';

// The lab as a user has it, with an app that is none of ours. One window: each test goes on where the one before it ended.

const ui = useUi({ viewport: { width: 1440, height: 1000 } });
const journey = (): Journey => new Journey(ui().workbench);
const row = (text: string | RegExp): Locator => journey().treeRow('Lab', text);
afterEach(closeApps);

const press = (text: string | RegExp, action: string) => journey().pressInRow('Lab', text, action);

let proxyUrl = '';

it('says what to do where nothing runs', async () => {
  await ui().workbench.showViewContainer('SSE Debugger');
  const view = ui().workbench.view('Lab');
  for (const name of [
    'put a fault proxy in between',
    'serve it a capture',
    'run a scenario',
    'Start the sample server',
  ])
    await view.getByRole('button', { name }).waitFor();
  await journey().pictureAll('lab-empty');
});

it('starts the sample server, and shows what it counts', async () => {
  const { workbench } = ui();
  await workbench.view('Lab').getByRole('button', { name: 'Start the sample server' }).click();
  await workbench.message(/sample server listens/);
  await workbench.clearMessages();
  await row(/Sample server.*127\.0\.0\.1:\d+ · 0 streams/).waitFor();
});

it('starts a fault proxy whose URL an app reads, with the user token only after a warning', async () => {
  const { workbench } = ui();
  await workbench.runCommand('Start Fault Proxy...');
  await workbench.pickRow('Sample server');
  await workbench.pickRow('Add the token of Sample server');
  const dialog = workbench.page.locator('.monaco-dialog-box');
  await dialog.getByText('Add your token of Sample server').waitFor();
  await journey().picture('lab-warning');
  await dialog.getByRole('button', { name: 'Add My Token' }).click();
  proxyUrl = await journey().serverUrl(/fault proxy of Sample server listens/);
  await row(/Fault proxy.*Sample server · adds your token/).waitFor();
  await row('No client yet').waitFor();

  const { ids } = app(`${proxyUrl}?token=s3cret-of-the-app`);
  await until('the app gets events', async () => ids.length > 2);
  await row(/Client 1.*Open · 1 attempt · .* · token in the query/).waitFor();
  await row(/Sample server.*1 stream/).waitFor();
  await journey().expectNoSecretInWindow('s3cret-of-the-app');
  await journey().pictureAll('lab-populated');
});

it('arms a fault from the view, and shows what the app does about it', async () => {
  const { workbench } = ui();
  const faulty = app(proxyUrl);
  await until('the app gets events', async () => faulty.ids.length > 0);
  await press('Fault proxy', 'Arm Fault...');
  await workbench.pickRow('Answers with a status');
  await journey().giveText('Status: status', '999');
  await until('the box says why', async () => (await workbench.inputBox.message()).includes('at most 599'));
  await journey().giveText('Status: status', '503');
  await journey().giveText('Status: headers', 'Retry-After: 5');
  // The same box again, but for its prompt.
  await journey().giveText('Retry-After: 5 so far', '');
  await journey().giveText('Status: body', '');
  await workbench.pickRow('Until disarmed');
  await row(/503 Service Unavailable with Retry-After: 5.*until disarmed/).waitFor();
  await workbench.statusBarItem('1 fault armed').waitFor();

  await press('Fault proxy', 'Arm Fault...');
  await workbench.pickRow('Ends the stream before its time');
  await journey().giveText('after events', '0');
  await workbench.pickRow('reset');
  await workbench.pickRow('Now');
  await until('the app gives up at 503', async () => isClosed(faulty) && faulty.refusals.includes(503));
  await row(/Client 2.*2 attempts/).waitFor();
  await journey().pictureAll('lab-armed');
});

it('reads each row out as it is seen', async () => {
  await row('Faults').click();
  await row('Answers with a status').waitFor();
  const rows = await ui()
    .workbench.treeRows('Lab')
    .evaluateAll((all) =>
      all.map((one) => {
        const text = (part: string): string => one.querySelector(part)?.textContent ?? '';
        const seen = [text('.label-name'), text('.label-description')].filter((each) => each !== '');
        return { seen: seen.join(', '), read: one.getAttribute('aria-label') };
      }),
    );
  expect(rows.map(({ read }) => read)).toEqual(rows.map(({ seen }) => seen));
  expect(rows.map(({ seen }) => seen)).not.toContain('');
  await row('Faults').click();
});

it('disarms all by the status bar, and the app connects again', async () => {
  const { workbench } = ui();
  await workbench.statusBarItem('1 fault armed').click();
  await workbench.pickRow('Disarm All');
  await workbench.statusBarItem('fault armed').waitFor({ state: 'detached' });
  await row('503 Service Unavailable').waitFor({ state: 'detached' });
  const { ids, refusals } = app(proxyUrl);
  await until('the app gets events', async () => ids.length > 0);
  expect(refusals).toEqual([]);
});

it('shows what a client got in a panel of its own', async () => {
  const { workbench } = ui();
  await row(/Client 2/).click();
  await workbench.page.getByRole('tab', { name: /client 2 via fault proxy/ }).waitFor();
  await journey().untilRow('step', 'Injected: 503 Service Unavailable');
  await journey().untilRow('event', 'order.');
  const panel = await workbench.eventsPanel();
  expect(await panel.getByRole('button', { name: 'Connect' }).count()).toBe(0);
  await journey().pictureAll('lab-client');
});

it('asks about a page of another origin once, and keeps to the answer', async () => {
  const { workbench } = ui();
  const from = (origin: string) => {
    const abort = new AbortController();
    const answer = fetch(proxyUrl, { headers: { origin }, signal: abort.signal });
    return answer.then(({ status, headers }) => {
      abort.abort();
      return { status, allowed: headers.get('access-control-allow-origin') };
    });
  };
  const page = 'http://localhost:5173';
  const first = from(page);
  await workbench.message(`Allow ${page} to use the fault proxy of Sample server?`);
  await journey().picture('lab-origin');
  await workbench.pressInMessage(`Allow ${page}`, 'Allow');
  expect([await first, await from(page)]).toEqual(Array(2).fill({ status: 200, allowed: page }));
  const other = from('https://elsewhere.example');
  await workbench.pressInMessage('Allow https://elsewhere.example', 'Deny');
  expect([(await other).status, (await from('https://elsewhere.example')).status]).toEqual([403, 403]);
});

it('serves all that a client got to an app, with the ids it had', async () => {
  const { workbench } = ui();
  const panel = await workbench.eventsPanel();
  const shown = await panel.locator('[data-testid="row"][data-kind="event"] .id').allTextContents();
  await workbench.runCommand('Serve Capture...');
  await workbench.pickRow(/client 2/);
  await workbench.pickRow('As fast as possible');
  await workbench.pickRow('After the last event the stream ends');
  const { ids } = app(await journey().serverUrl(/capture of .* is served at/));
  await until('the app has them all', async () => ids.length >= shown.length);
  expect(ids).toEqual(shown);
  await press('Capture server', 'Stop Server');
  await row('Capture server').waitFor({ state: 'detached' });
});

it('serves what a client got, step by step and to an app', async () => {
  const { workbench } = ui();
  await workbench.runCommand('Serve Capture...');
  await workbench.pickRow(/client 2/);
  await workbench.pickRow('Step by step');
  await workbench.pickRow('After the last event the stream ends');
  const url = await journey().serverUrl(/capture of .* is served at/);
  const { ids } = app(url);
  await row(/Client 1.*0 of /).waitFor();
  await press('Capture server', 'Send Next Event');
  await until('the app gets the event', async () => ids.length > 0);
  await row(/Client 1.*1 of /).waitFor();
  expect(ids).toHaveLength(1);
});

it('asks before what was captured goes, and frees the port', async () => {
  const dialog = ui().workbench.page.locator('.monaco-dialog-box');
  await press('Fault proxy', 'Stop Server');
  await dialog.getByText('and lose what it captured?').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await row('Fault proxy').waitFor();
  await press('Fault proxy', 'Stop Server');
  await dialog.getByRole('button', { name: 'Stop Server' }).click();
  await freed(Number(new URL(proxyUrl).port));
  await row('Fault proxy').waitFor({ state: 'detached' });
});
