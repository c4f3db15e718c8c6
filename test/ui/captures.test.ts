import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { eventStream, HttpServer } from '../support/httpServer.ts';
import { useUi } from './harness.ts';
import { Journey } from './journey.ts';
import { until } from './until.ts';

// What was captured outlives the window and leaves it as a file. One window: each test goes on where the one before
// it ended.

const token = 't0ken-that-the-server-sends-back';
let server: HttpServer;

const ui = useUi(async () => {
  server = await HttpServer.start((request, response) => {
    const last = Number(request.headers['last-event-id'] ?? 0);
    const event = (id: number) =>
      `id: ${id}\nevent: tick\ndata: {"id":${id},"echo":"${request.headers.authorization}"}\n\n`;
    const events = last === 0 ? [1, 2, 3] : [last + 1];
    response.writeHead(200, eventStream).write(events.map(event).join(''));
  });
  return {
    workspaceSettings: {
      'sseDebugger.connections': [{ name: 'orders', url: server.url, auth: { placement: 'header' } }],
    },
    files: { 'broken.sse-capture.ndjson': '' },
  };
});
afterAll(() => server.close());
const journey = (): Journey => new Journey(ui().workbench);
const file = (name: string): string => join(ui().folder, name);

it('keeps what was captured over a window reload, and goes on behind its last event', async () => {
  await journey().connect('orders', token);
  await journey().untilRow('event', '"id":3');
  await ui().workbench.reload();
  await journey().untilRow('step', 'The window was reloaded');
  await journey().untilRow('event', '"id":4');
  expect((await journey().eventIds()).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4]);
  expect(server.requests.at(-1)?.headers['last-event-id']).toBe('3');
});

it('exports what the filter shows and nothing else, where that is asked for', async () => {
  const { workbench } = ui();
  const panel = await workbench.eventsPanel();
  await panel.locator('body').press('Control+f');
  const find = panel.getByTestId('find');
  await find.pressSequentially('"id":3');
  await until('the filter has found it', async () => (await journey().rows('event')).length === 1);
  await workbench.ask('Export Capture...', 'What goes into the file');
  await workbench.pickRow('The one filtered record');
  await workbench.inputBox.waitFor('Format of the file');
  await workbench.pickRow('NDJSON');
  await journey().giveFile(file('filtered.sse-capture.ndjson'));
  await workbench.message('Exported one record of "orders"');
  const lines = (await readFile(file('filtered.sse-capture.ndjson'), 'utf8')).trimEnd().split('\n');
  const records = lines.map((line) => JSON.parse(line));
  expect(records.map(({ kind }) => kind)).toEqual(['header', 'event', 'end']);
  expect(records[1]).toMatchObject({ id: '3' });
  await find.fill('');
  await journey().untilRow('event', '"id":4');
});

it('exports to a file of the user, with what the server sent back masked', async () => {
  const { workbench } = ui();
  await workbench.ask('Export Capture...', 'Format of the file');
  await workbench.pickRow('NDJSON');
  await journey().giveFile(file('orders.sse-capture.ndjson'));
  await workbench.message(/Exported \d+ records of "orders"/);
  const lines = (await readFile(file('orders.sse-capture.ndjson'), 'utf8')).trimEnd().split('\n');
  const records = lines.map((line) => JSON.parse(line));
  expect(records[0]).toMatchObject({ kind: 'header', connection: 'orders' });
  expect(records.filter(({ kind }) => kind === 'event').map(({ id }) => id)).toEqual(['1', '2', '3', '4']);
  expect(records.at(-1)).toEqual({ kind: 'end', records: lines.length - 2 });
  expect(lines.join('\n')).not.toContain(token);
});

it('opens that file again, read-only, as it was', async () => {
  const { workbench } = ui();
  await workbench.pressInMessage(/Exported \d+ records/, 'Open');
  const opened = await workbench.webview('sse-panel [data-testid=state][data-state=recorded]');
  await opened.locator('[data-kind=event]', { hasText: '"id":4' }).waitFor();
  expect(await opened.getByTestId('state').innerText()).toBe('Recorded');
  expect(await opened.locator('[data-kind=event] .id').allTextContents()).toEqual(['1', '2', '3', '4']);
  await journey().picture('opened-capture');
});

it('opens a broken file up to where it is broken, and says where', async () => {
  const { workbench } = ui();
  const whole = await readFile(file('orders.sse-capture.ndjson'), 'utf8');
  const cut = whole.indexOf('"id":"3"');
  await writeFile(file('broken.sse-capture.ndjson'), whole.slice(0, cut));
  await workbench.runCommand('Open Capture...');
  await journey().giveFile(file('broken.sse-capture.ndjson'));
  const notice = await workbench.webview('sse-panel [data-testid=notice]');
  expect(await notice.getByTestId('notice').innerText()).toMatch(/^The file ends in the middle, at line \d+/);
  expect(await notice.locator('[data-kind=event] .id').allTextContents()).toEqual(['1', '2']);
  await journey().picture('broken-capture');
});

it('says in a sentence that a HAR is too large, and offers to open another file', async () => {
  const { workbench } = ui();
  await writeFile(file('large.har'), '{"log":{"entries":[');
  // Its size on the disk is nothing.
  await truncate(file('large.har'), 128 * 1024 * 1024 + 1);
  await workbench.runCommand('Open Capture...');
  await journey().giveFile(file('large.har'));
  await workbench.pressInMessage('large.har is larger than 128 MB', 'Open Capture...');
  await journey().giveFile(file('orders.sse-capture.ndjson'));
});

it('says in a sentence that a file is no capture', async () => {
  const { workbench } = ui();
  await writeFile(file('picture.txt'), '<html>');
  await workbench.runCommand('Open Capture...');
  await journey().giveFile(file('picture.txt'));
  await workbench.message(/picture\.txt is no capture/);
});
