import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { freed } from '../support/freed.ts';
import { app, closeApps } from './app.ts';
import { filesIn } from './filesIn.ts';
import { useUi } from './harness.ts';
import { Journey } from './journey.ts';
import { until } from './until.ts';

// What the lab's servers do the same again, what goes from them into files and from there to an app, and what they leave
// behind. One window: each test goes on where the one before it ended.

const ui = useUi();
const journey = (): Journey => new Journey(ui().workbench);
const row = (text: string | RegExp) => journey().treeRow('Lab', text);
/** Of every server that had one. */
const urls: string[] = [];
const file = 'client.sse-capture.ndjson';

afterEach(closeApps);

async function started(message: RegExp): Promise<string> {
  const url = await journey().serverUrl(message);
  urls.push(url);
  return url;
}

async function startProxy(): Promise<string> {
  const { workbench } = ui();
  await workbench.ask('Start Fault Proxy...', 'Which stream does it stand in front of?');
  await workbench.pickRow('Sample server');
  await workbench.inputBox.waitFor('Which token goes to the server?');
  await workbench.pickRow('Add the token of Sample server');
  const dialog = workbench.page.locator('.monaco-dialog-box');
  await dialog.getByRole('button', { name: 'Add My Token' }).click();
  return await started(/fault proxy of Sample server listens/);
}

/** @param path of a file; without one what is shown is served */
async function serve(atEnd: string, path?: string): Promise<string> {
  const { workbench } = ui();
  await workbench.ask('Serve Capture...', 'Which capture is served?');
  await workbench.pickRow(path === undefined ? 'client 2' : 'Open a File...');
  if (path !== undefined) await journey().giveFile(path);
  await workbench.inputBox.waitFor('How fast?');
  await workbench.pickRow('In a tenth of the time');
  await workbench.inputBox.waitFor('What comes after the last event?');
  await workbench.pickRow(atEnd);
  return await started(/capture of .* is served at/);
}

/** An app that goes as soon as it is answered. */
async function ask(url: string): Promise<void> {
  const { body } = await fetch(url, { headers: { 'User-Agent': 'probe' } });
  await body?.cancel();
}

/** How long an answer is held that begins with the seed, as the panel of the client says. */
async function heldFor(proxyUrl: string): Promise<string> {
  const { workbench } = ui();
  await workbench.ask('Set Seed...', 'Seed of the faults on Sample server');
  await workbench.inputBox.fill('many');
  await until('the box says why', async () =>
    (await workbench.inputBox.message()).includes('a whole number from 0 to'),
  );
  await workbench.inputBox.fill('42');
  await workbench.inputBox.accept();
  // It closes once the extension has looked at what it holds.
  await workbench.inputBox.input.waitFor({ state: 'hidden' });
  await workbench.ask('Arm Fault...', 'What goes wrong?');
  await workbench.pickRow('Lets the answer wait');
  await journey().giveText('Latency: ms', '1');
  await journey().giveText('Latency: jitter ms', '1000');
  await workbench.inputBox.waitFor('When?');
  await workbench.pickRow('For the next attempt');
  const before = (await journey().rows('step')).length;
  await ask(proxyUrl);
  return await until('the panel says how long it was held', async () => {
    const [held] = (await journey().rows('step')).slice(before).filter((text) => text.includes('held for'));
    return /held for \d+ ms/.exec(held ?? '')?.[0];
  });
}

it('does the same again with the same seed', async () => {
  const { workbench } = ui();
  await workbench.showViewContainer('SSE Debugger');
  await workbench.runCommand('Start Sample Server');
  await workbench.message(/sample server listens/);
  await workbench.clearMessages();
  const url = await startProxy();
  await ask(url);
  await row(/Client 1/).click();
  await journey().untilRow('step', 'Connected');
  const held = await heldFor(url);
  await journey().untilState('Disconnected');
  expect(await heldFor(url)).toBe(held);
  const panel = await workbench.eventsPanel();
  await panel.locator('[data-testid="row"][data-kind="step"]', { hasText: 'held for' }).first().click();
  await (await journey().panelPart('detail')).getByText('42', { exact: true }).waitFor();
  await journey().pictureAll('lab-seed');
});

it('exports what a client got from its panel', async () => {
  const { workbench, folder } = ui();
  const { ids } = app(urls[0] ?? '');
  await until('the app gets events', async () => ids.length > 3);
  closeApps();
  await workbench.runCommand('View: Close All Editors');
  await row(/Client 2/).click();
  await workbench.page.getByRole('tab', { name: /client 2 via fault proxy/ }).waitFor();
  await journey().untilRow('event', ids[0] ?? '');
  const panel = await workbench.eventsPanel();
  await panel.getByRole('button', { name: 'Export' }).click();
  await workbench.inputBox.waitFor('Format of the file');
  await workbench.pickRow('NDJSON');
  await journey().giveFile(join(folder, file));
  await workbench.message(/Exported \d+ records of ".*client 2/);
  await workbench.clearMessages();
  const text = await readFile(join(folder, file), 'utf8');
  for (const id of ids) expect(text).toContain(`"id":"${id}"`);
});

it('serves the file, and begins anew at its end', async () => {
  const path = join(ui().folder, file);
  const served = (await readFile(path, 'utf8')).match(/"id":"\d+"/g) ?? [];
  const once = served.map((id) => id.replaceAll(/\D/g, ''));
  const { ids } = app(await serve('After the last event it begins anew', path));
  await row(/Capture server.*Sample server: client 2/).waitFor();
  await until('the app gets all of it twice', async () => ids.length >= 2 * once.length);
  expect(ids.slice(0, 2 * once.length)).toEqual([...once, ...once]);
  await journey().picture('lab-loop');
});

it('keeps the secret of each path out of the log and of all that VS Code keeps', async () => {
  const { workbench, server } = ui();
  await journey().pressInRow('Lab', 'Capture server', 'Stop Server');
  await row('Capture server').waitFor({ state: 'detached' });
  const logs = await until('the log tells of each server', async () => {
    const files = await filesIn(join(server.userDataDir, 'logs'));
    const ours = [...files].filter(([path]) => path.endsWith('SSE Debugger.log')).map(([, text]) => text);
    return (
      /Fault proxy of .* listens.*Capture of .* listens.*Capture of .* stopped/s.test(ours.join('')) && files
    );
  });
  const kept = new Map([...logs, ...(await filesIn(join(server.userDataDir, 'User')))]);
  const secrets = urls.map((url) => new URL(url).pathname.split('/')[1] ?? '');
  expect(secrets.map((secret) => secret.length > 20)).toEqual([true, true]);
  for (const secret of secrets) {
    expect([...kept].filter(([, text]) => text.includes(secret)).map(([path]) => path)).toEqual([]);
    await journey().expectNoSecretInWindow(secret);
  }
  await workbench.clearMessages();
});

it('frees every port when the window closes', async () => {
  const { workbench } = ui();
  await serve('After the last event the stream ends');
  await row('Capture server').waitFor();
  const rows = await workbench.treeTexts('Lab');
  const ports = rows.flatMap((text) => /127\.0\.0\.1:(\d+)/.exec(text)?.[1] ?? []).map(Number);
  expect(ports).toHaveLength(3);
  for (const port of ports) {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
  }
  await workbench.page.close();
  await Promise.all(ports.map(freed));
});
